"""What a customer sees when a part dies mid-turn: a sentence, and every accepted message answered once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from parley.stack import Stack, prepare, settings_for
from tests.postgres import PostgresServer

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
RECOVERED_WITHIN = 60.0


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    url = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("own_postgres")
        url = server.create_database("parley")
    settings = settings_for(tmp_path_factory.mktemp("failing"), database_url=url)
    asyncio.run(prepare(settings))
    with Stack(settings) as running:
        yield running


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, trust_env=False) as opened:
        yield opened


@pytest.fixture
def talk(stack: Stack, client: httpx.Client) -> Talk:
    return Talk(stack.url, client)


class Talk:
    """A customer's conversation whose messages are sent beside the test, so that parts can die meanwhile."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self._client = client
        begun = self._client.post(f"{url}/api/conversations", json={}).raise_for_status().json()
        self._url = f"{url}/api/conversations/{begun['conversation']}/messages"
        self._headers = {"Authorization": f"Bearer {begun['token']}"}

    def say(self, text: str, *, client_id: str | None = None, timeout: float = 30) -> httpx.Response:
        body = {"client_id": client_id or str(uuid.uuid4()), "text": text}
        return self._client.post(self._url, json=body, headers=self._headers, timeout=timeout)

    def in_background(self, text: str) -> Callable[[], httpx.Response]:
        """Send it now; the returned function waits for the answer."""
        answers: list[httpx.Response | Exception] = []

        def send() -> None:
            try:
                answers.append(self.say(text))
            except httpx.HTTPError as exc:
                answers.append(exc)

        thread = threading.Thread(target=send)
        thread.start()

        def answer() -> httpx.Response:
            thread.join(timeout=40)
            if isinstance(answers[0], Exception):
                raise answers[0]
            return answers[0]

        return answer

    def history(self) -> list[dict[str, Any]]:
        found = self._client.get(self._url, headers=self._headers, params={"after": 0, "limit": 100})
        return list(found.raise_for_status().json()["messages"])

    def wait_until_stored(self, text: str) -> None:
        _until(lambda: any(message["text"] == text for message in self.history()), f"{text!r} is stored")

    def answers(self) -> list[dict[str, Any]]:
        """The bot's real answers; notices about a delay don't count."""
        return [one for one in self.history() if one["author"] == "bot" and one["kind"] == "message"]

    def wait_for_answers(self, count: int) -> None:
        try:
            _until(lambda: len(self.answers()) >= count, f"{count} answers")
        except AssertionError as missing:
            raise AssertionError(f"{missing}; there are {self.history()}") from None
        time.sleep(1.5)
        assert len(self.answers()) == count, self.history()


def _until(holds: Callable[[], bool], what: str, *, within: float = RECOVERED_WITHIN) -> None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"not within {within:.0f} s: {what}")


@contextmanager
def frozen(stack: Stack, name: str) -> Iterator[None]:
    """Hold a process in the middle of whatever it does."""
    os.killpg(stack.pid(name), signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(stack.pid(name), signal.SIGCONT)


def _sentence(answer: httpx.Response) -> str:
    """What the customer reads: a notice in the chat, or the error's sentence."""
    body = answer.json()
    if "error" in body:
        return str(body["error"]["message"])
    said = " ".join(message["text"] for message in body["messages"] if message["author"] != "customer")
    return said or str(body.get("notice", ""))


def _works(stack: Stack) -> None:
    """The next turn of a new customer goes through everything."""
    with httpx.Client(timeout=30, trust_env=False) as client:
        answer = Talk(stack.url, client).say("I need a pair of headphones for travel, up to 200")
    assert answer.status_code == httpx.codes.OK
    assert any(message["cards"] for message in answer.json()["messages"]), answer.json()


def test_customer_is_answered_once_when_rasa_is_killed_in_the_middle_of_a_turn(
    stack: Stack, talk: Talk
) -> None:
    os.killpg(stack.pid("bot"), signal.SIGSTOP)
    answer = talk.in_background("hello, anybody there?")
    talk.wait_until_stored("hello, anybody there?")
    stack.kill("bot")
    assert len(_sentence(answer())) > 20
    assert talk.answers() == []
    stack.restart("bot")
    talk.wait_for_answers(1)
    _works(stack)


def test_customer_is_answered_once_when_the_action_server_is_down(stack: Stack, talk: Talk) -> None:
    stack.kill("actions")
    answer = talk.say("show me laptops for travel up to 900")
    assert len(_sentence(answer)) > 20
    assert talk.answers() == []
    stack.restart("actions")
    talk.wait_for_answers(1)
    assert talk.answers()[0]["cards"]
    _works(stack)


def test_message_is_answered_once_when_its_sender_went_away(stack: Stack, talk: Talk) -> None:
    client_id = str(uuid.uuid4())
    with frozen(stack, "bot"), pytest.raises(httpx.ReadTimeout):
        talk.say("good morning to you", client_id=client_id, timeout=1.0)
    talk.wait_for_answers(1)
    again = talk.say("good morning to you", client_id=client_id)
    assert again.status_code == httpx.codes.OK
    assert len(talk.answers()) == 1
    _works(stack)


def test_stored_message_is_answered_once_when_the_web_process_is_killed(stack: Stack, talk: Talk) -> None:
    with frozen(stack, "bot"):
        answer = talk.in_background("hi, I just wanted to say hello")
        talk.wait_until_stored("hi, I just wanted to say hello")
        stack.kill("web")
        with pytest.raises(httpx.HTTPError):
            answer()
    stack.restart("web")
    talk.wait_for_answers(1)
    _works(stack)


def test_an_order_is_placed_once_when_rasa_is_killed_after_yes(stack: Stack, talk: Talk) -> None:
    for text in (
        "I need a monitor up to 400",
        "add the first one to my cart",
        "checkout",
        "Mona Winter",
        "mona.winter@example.com",
        "skip",
        "12 Harbour Road, 20457 Hamburg",
    ):
        assert talk.say(text).status_code == httpx.codes.OK
    with frozen(stack, "bot"):
        answer = talk.in_background("yes")
        talk.wait_until_stored("yes")
    time.sleep(0.02)
    stack.kill("bot")
    assert len(_sentence(answer())) > 20
    before = len(talk.answers())
    stack.restart("bot")
    _until(lambda: any("PL-" in one["text"] for one in talk.answers()), "the order number is said")
    time.sleep(1.5)
    numbers = [one for one in talk.answers() if "PL-" in one["text"]]
    assert len(numbers) == 1
    assert len(talk.answers()) - before <= 1
    _works(stack)


def test_customer_gets_a_sentence_when_the_database_stops_in_the_middle_of_a_turn(
    stack: Stack, talk: Talk, request: pytest.FixtureRequest
) -> None:
    if stack.settings.database_url.startswith("sqlite"):
        _locked_file(stack, talk)
        return
    server: PostgresServer = request.getfixturevalue("own_postgres")
    with frozen(stack, "bot"):
        answer = talk.in_background("hello from a stormy place")
        talk.wait_until_stored("hello from a stormy place")
        server.stop()
    assert len(_sentence(answer())) > 20
    refused = talk.say("are you still there?")
    assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert len(_sentence(refused)) > 20
    server.start()
    talk.wait_for_answers(1)
    _until(lambda: talk.say("and what can you do?").status_code == httpx.codes.OK, "the next turn works")
    _works(stack)


def _locked_file(stack: Stack, talk: Talk) -> None:
    """SQLite can't be stopped; another program that keeps the file locked is what happens to it."""
    path = stack.settings.database_url.removeprefix("sqlite:///")
    with frozen(stack, "bot"):
        answer = talk.in_background("hello from a stormy place")
        talk.wait_until_stored("hello from a stormy place")
        blocker = sqlite3.connect(path, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
    said = _sentence(answer())
    blocker.execute("ROLLBACK")
    blocker.close()
    assert len(said) > 20
    talk.wait_for_answers(1)
    _works(stack)
