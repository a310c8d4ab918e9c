"""`parley inbox` as an agent types it: a whole hand-over, and each slip is one line that says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm.database import Database
from crm.model.user import User
from crm.services import conversations, inbox

MARGOT, ODILE = "margot@shop.example", "odile@shop.example"


class Agent:
    """The command line with a database of the test's own."""

    def __init__(self, url: str, folder: Path) -> None:
        self._environment = {
            **os.environ, "DATABASE_URL": url, "PARLEY_STATE": str(folder), "COLUMNS": "200",
        }  # fmt: skip

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        program = "from parley.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", program, "inbox", *words],
            env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def does(self, *words: str) -> str:
        done = self(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, *words: str) -> str:
        done = self(*words)
        assert done.returncode == 1, done.stdout
        assert done.stderr.startswith("✗ ")
        assert done.stderr.strip().count("\n") == 0, done.stderr
        return done.stderr


@pytest.fixture
def agent(database_url: str, tmp_path: Path) -> Agent:
    return Agent(database_url, tmp_path)


@pytest.fixture
async def waiting(database: Database) -> str:
    """A conversation that waits for a person, and two of the staff."""
    async with database.write() as uow:
        uow.session.add_all(
            [
                User(email=MARGOT, name="Margot Ebersold", role="agent"),
                User(email=ODILE, name="Odile Plover", role="agent"),
            ]
        )
        conversation_id = await conversations.start(uow, channel="web")
        found = await conversations.get(uow, conversation_id)
        assert found is not None
        await inbox.request_handoff(
            uow, conversation_id, version=found.version, reason="asked", summary="wants a refund"
        )
        await uow.commit()
    return conversation_id


def test_an_agent_finds_answers_and_gives_back_who_waits(agent: Agent, waiting: str) -> None:
    which = waiting[:8]
    assert which in agent.does("list")
    assert "wants a refund" in agent.does("show", which)
    assert "is yours" in agent.does("claim", which, "--as", MARGOT)
    assert "Margot Ebersold" in agent.does("list")
    agent.does("reply", which, "Hello, [bold]Margot[/bold] here.", "--as", MARGOT)
    assert "Hello, [bold]Margot[/bold] here." in agent.does("show", which)
    assert "bot has it again" in agent.does("return", which, "--as", MARGOT, "--note", "refunded")
    assert "Nobody waits." in agent.does("list")


def test_the_second_to_claim_is_told_who_has_it(agent: Agent, waiting: str) -> None:
    agent.does("claim", waiting, "--as", MARGOT)
    assert "Margot Ebersold" in agent.fails("claim", waiting, "--as", ODILE)
    said = agent.fails("reply", waiting, "mine!", "--as", ODILE)
    assert "Margot" in said or "claim" in said


def test_slips_are_explained(agent: Agent, waiting: str) -> None:
    assert "parley inbox claim" in agent.fails("reply", waiting, "hello", "--as", MARGOT)
    assert MARGOT in agent.fails("claim", waiting, "--as", "nobody@shop.example")
    assert "no conversation" in agent.fails("claim", "ffffffff", "--as", MARGOT)
    agent.does("claim", waiting, "--as", MARGOT)
    assert "text" in agent.fails("reply", waiting, "  ", "--as", MARGOT)
    agent.does("resolve", waiting, "--as", MARGOT)
    assert "closed" in agent.fails("return", waiting, "--as", MARGOT)


async def test_a_table_is_shown_line_by_line(agent: Agent, database: Database, waiting: str) -> None:
    compared = {
        "caption": "Two",
        "header": ["Fjell", "Hana"],
        "rows": [{"label": "price", "cells": ["€9", "€8"]}],
    }
    async with database.write() as uow:
        await conversations.say(
            uow, waiting, "web", {"text": "Side by side:", "table": compared}, delivered=True
        )
        await uow.commit()
    shown = agent.does("show", waiting)
    assert "Fjell | Hana" in shown
    assert "price: €9 | €8" in shown
