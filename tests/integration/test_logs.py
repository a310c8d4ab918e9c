"""What customers say stays out of the log files, also when a turn breaks half-way."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest

from parley.stack import Stack
from tests.scenarios.customer import Customer

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

SAID = (
    "I am Zebulon and need a xylophone-grey laptop up to 1500",
    "add the first one to my cart",
    "checkout",
    "Zebulon Quillfeather",
    "zebulon.quill@example.com",
    "+33 6 12 34 56 78",
    "77 Rue Xanadu, 67000 Strasbourg",
    "yes",
)
PRIVATE = ("zebulon", "quill", "xylophone", "xanadu", "12 34 56 78", "612345678")


@pytest.fixture
def customer(sqlite_stack: Stack) -> Iterator[Customer]:
    with httpx.Client(timeout=60, trust_env=False) as client:
        yield Customer(client, sqlite_stack.url)


@contextmanager
def locked(stack: Stack) -> Iterator[None]:
    """Another program keeps the database file to itself."""
    with closing(sqlite3.connect(stack.settings.database_url.removeprefix("sqlite:///"))) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        yield
        blocker.rollback()


def _log_files(stack: Stack) -> dict[str, str]:
    return {path.name: path.read_text(errors="replace") for path in (stack.settings.state / "log").iterdir()}


def test_no_log_holds_what_a_customer_said(sqlite_stack: Stack, customer: Customer) -> None:
    for text in SAID:
        customer.say(text)
    assert customer.order, customer.text

    body = {"client_id": str(uuid.uuid4()), "text": "Zebulon Quillfeather again", "extra": "Xanadu"}
    url = f"{sqlite_stack.url}/api/conversations/{customer.conversation}/messages"
    headers = {"Authorization": f"Bearer {customer.token}"}
    assert httpx.post(url, json=body, headers=headers, trust_env=False).status_code == 422

    with locked(sqlite_stack):
        told = httpx.post(
            url,
            json={"client_id": str(uuid.uuid4()), "text": "zebulon.quill@example.com is me"},
            headers=headers,
            timeout=60,
            trust_env=False,
        )
    assert told.status_code == 503

    sqlite_stack.kill("actions")
    customer.say("show me a xylophone, signed Zebulon")
    sqlite_stack.restart("actions")

    logs = _log_files(sqlite_stack)
    assert {"bot.log", "actions.log", "web.log"} <= set(logs)
    assert "request_failed" in logs["web.log"]
    assert "Traceback" in logs["web.log"] or "File " in logs["web.log"], "the trace is missing"
    secrets = (
        customer.token,
        customer.token.rpartition(".")[2],
        sqlite_stack.settings.secret.get_secret_value(),
        sqlite_stack.settings.bot_token.get_secret_value(),
    )
    for name, log in logs.items():
        lines = [
            line
            for line in log.splitlines()
            if any(word in line.lower() for word in PRIVATE) or any(secret in line for secret in secrets)
        ]
        assert not lines, (name, lines[:3])
