"""Telegram when things go wrong: nothing is lost, nothing is answered twice, nobody else waits."""

import asyncio
import json
import logging
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from crm.services import conversations, identities
from parley.logs import QUIETER
from tests.fakes.bot import FakeBot
from tests.fakes.telegram import BotApi, Person
from tests.fakes.telegram.api import TOKEN, broken, flooded
from tests.integration.connectors.stack import QUICK, until
from tests.integration.connectors.telegram import TelegramStack, eventually, telegram_stack


class Times:
    """Lets the first calls of a method fail."""

    def __init__(self, method: str, *failures: Response | float) -> None:
        self._method = method
        self._failures = list(failures)

    def __call__(self, method: str, _: dict[str, Any]) -> Response | float | None:
        return self._failures.pop(0) if method == self._method and self._failures else None


@pytest.fixture
async def telegram(database_url: str) -> AsyncIterator[TelegramStack]:
    async with telegram_stack(database_url, send_seconds=0.5) as running:
        yield running


@pytest.fixture
async def hooked(database_url: str) -> AsyncIterator[TelegramStack]:
    async with telegram_stack(database_url, mode="webhook") as running:
        yield running


def update(person: Person, text: str, number: int) -> dict[str, Any]:
    return {"update_id": number, "message": person.message(text=text)}


async def test_too_many_requests_are_waited_out_by_all_chats(database_url: str) -> None:
    async with telegram_stack(database_url) as telegram:
        dana, ole = telegram.person(), telegram.person()
        telegram.api.fail = Times("sendMessage", flooded(2))
        began = time.monotonic()
        dana.says("one")
        dana.says("two")
        ole.says("three")
        assert await dana.gets(2, seconds=20) == ["You said: one", "You said: two"]
        assert await ole.gets(1) == ["You said: three"]
        # What was on its way already may still arrive; the one that was refused waits, and so does everything after it.
        assert max(dana.received[0].at, ole.received[0].at) - began >= 2.0
        assert telegram.api.calls.count("sendMessage") == 4


async def test_no_more_is_sent_in_a_second_than_telegram_takes(sqlite_url: str) -> None:
    # Patient, so that nobody is told that it takes a moment: each gets one message, however busy the machine.
    patient = replace(QUICK, turn_seconds=30.0, hold_seconds=60.0)
    async with telegram_stack(sqlite_url, policy=patient, turn_seconds=30.0) as telegram:
        people = [telegram.person() for _ in range(90)]
        began = time.monotonic()
        for person in people:
            person.says("hello")
        for person in people:
            assert await person.gets(1, seconds=20) == ["You said: hello"]
        times = sorted(sent.at for sent in telegram.api.sent)
        assert len(times) == 90
        # The library lets a burst of one second's messages through, then 30 a second: so long after the beginning each
        # arrives at the earliest. What lies between two arrivals says less, since the first of them may be late.
        assert [at - began >= (before - 30) / 30 - 0.02 for before, at in enumerate(times)] == [True] * 90


async def test_polling_waits_as_long_as_telegram_asks(telegram: TelegramStack) -> None:
    dana = telegram.person()
    dana.says("one")
    await dana.gets(1)
    telegram.api.fail = Times("getUpdates", flooded(1), flooded(1))
    dana.says("two")  # the poll that waits already brings it; the next two are refused
    await dana.gets(2)
    dana.says("three")
    assert (await dana.gets(3, seconds=20))[2] == "You said: three"
    assert dana.received[2].at - dana.received[1].at >= 1.8


async def test_trouble_at_telegram_delays_and_keeps_order(telegram: TelegramStack) -> None:
    dana = telegram.person()
    telegram.api.fail = Times("sendMessage", broken(), broken(), Response("nonsense", 500))
    dana.says("one")
    dana.says("two")
    assert await dana.gets(2) == ["You said: one", "You said: two"]


async def test_a_send_that_hangs_is_repeated(telegram: TelegramStack) -> None:
    dana = telegram.person()
    telegram.api.fail = Times("sendMessage", 1.0)
    dana.says("one")
    # Telegram may have taken the first after all; nothing tells. It is sent again rather than lost.
    assert (await dana.gets(2))[0] == "You said: one"
    assert set(dana.texts) == {"You said: one"}


async def test_a_refused_picture_leaves_the_card_as_text(telegram: TelegramStack) -> None:
    dana = telegram.person()
    refusal = {"ok": False, "error_code": 400, "description": "Bad Request: IMAGE_PROCESS_FAILED"}
    telegram.api.fail = Times("sendPhoto", Response(json.dumps(refusal), 400))
    card = {"sku": "A-1", "title": "Thing", "price": "5.00", "currency": "EUR", "price_text": "€5.00"}
    telegram.bot.script = lambda _: [{"text": "Here.", "custom": {"cards": [card]}}]
    dana.says("show")
    assert await dana.gets(1) == ["Here.\n\nThing\n€5.00"]
    assert dana.received[0].photo is None


async def test_who_blocked_the_bot_is_marked_and_sent_nothing_until_they_write(
    telegram: TelegramStack,
) -> None:
    dana = telegram.person()
    dana.says("hello")
    await dana.gets(1)
    telegram.api.blocked_by.add(dana.id)
    dana.says("are you there?")
    where = await telegram.conversation(dana)

    def failed(count: int) -> Callable[[], Awaitable[bool]]:
        async def check() -> bool:
            return sum(row.state == "failed" for row in await telegram.rows(where)) >= count

        return check

    await until(failed(1))
    attempts = telegram.api.calls.count("sendMessage")
    async with telegram.database.write() as uow:
        await conversations.say(uow, where, "telegram", {"text": "news"})
        await uow.commit()
    await until(failed(2))
    assert telegram.api.calls.count("sendMessage") == attempts
    telegram.api.blocked_by.clear()
    dana.says("back again")
    assert (await dana.gets(2))[1] == "You said: back again"


async def test_telegram_says_who_blocked_us(telegram: TelegramStack) -> None:
    dana = telegram.person()
    dana.says("hello")
    await dana.gets(1)
    bot = {"id": 1, "is_bot": True, "first_name": "Plover Lane"}

    def changed(old: str, new: str) -> None:
        ends = {"until_date": 0}
        telegram.api.push({"my_chat_member": {
            "chat": dana.chat, "from": dana.user, "date": 1764070000,
            "old_chat_member": {"user": bot, "status": old, **(ends if old == "kicked" else {})},
            "new_chat_member": {"user": bot, "status": new, **(ends if new == "kicked" else {})},
        }})  # fmt: skip

    def blocked(wanted: bool) -> Callable[[], Awaitable[bool]]:
        async def check() -> bool:
            async with telegram.database.read() as uow:
                found = await identities.current(uow, "telegram", str(dana.id))
            return found is not None and found.blocked == wanted

        return check

    changed("member", "kicked")
    await until(blocked(True))
    changed("kicked", "member")
    await until(blocked(False))


async def test_a_revoked_token_stops_telegram_only_and_is_never_logged(
    database_url: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    api = BotApi(token="123456:another-token-by-now-0000")  # noqa: S106 - a test's own
    caplog.set_level(logging.INFO)
    for noisy in QUIETER:  # as parley.logs does it for the process
        caplog.set_level(logging.WARNING, logger=noisy)
    async with telegram_stack(database_url, api=api, connected=False, rejected_pause=0.1) as telegram:
        chat = await telegram.chat()
        assert await chat.texts("hello") == ["You said: hello"]
        await eventually(lambda: api.calls.count("getMe") >= 2)
        assert telegram.part.link("code") is None
        api.token = TOKEN
        await eventually(lambda: telegram.part.link("code") is not None)
        dana = telegram.person()
        dana.says("hello")
        await dana.gets(1)
        api.token = "123456:revoked-while-we-run-00000"  # noqa: S105 - a test's own
        dana.says("lost?")
        await asyncio.sleep(1.2)
        api.token = TOKEN
        assert (await dana.gets(2))[1] == "You said: lost?"
    printed = capsys.readouterr()
    assert TOKEN not in caplog.text + printed.out + printed.err
    assert "telegram_token_rejected" in printed.out + printed.err + caplog.text


async def test_an_update_that_comes_twice_is_answered_once(hooked: TelegramStack) -> None:
    dana = hooked.person()
    one = update(dana, "hello", 900)
    answers = await asyncio.gather(*(hooked.bring(one) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await hooked.bring(update(dana, "bye", 901))).status_code == 200
    assert await dana.gets(2) == ["You said: hello", "You said: bye"]
    await hooked.bring(one)
    await asyncio.sleep(0.3)
    assert len(dana.received) == 2


async def test_updates_that_overtook_each_other_are_answered_in_order(database_url: str) -> None:
    # As long as storing five updates may take on a busy machine; nothing is left out here, so none waits in vain.
    async with telegram_stack(database_url, mode="webhook", overtaken_seconds=30.0) as hooked:
        dana = hooked.person()
        for number in (902, 900, 904, 901, 903):
            assert (await hooked.bring(update(dana, f"{number}", number))).status_code == 200
        assert await dana.gets(5) == [f"You said: {number}" for number in range(900, 905)]


async def test_an_update_that_is_left_out_holds_nothing_up_for_long(hooked: TelegramStack) -> None:
    dana = hooked.person()
    for number in (900, 905):
        assert (await hooked.bring(update(dana, f"{number}", number))).status_code == 200
    assert await dana.gets(2) == ["You said: 900", "You said: 905"]


async def test_the_webhook_is_set_with_its_secret(hooked: TelegramStack) -> None:
    assert hooked.api.webhook is not None
    assert hooked.api.webhook["url"] == "https://shop.example/telegram/webhook"
    assert hooked.api.webhook["secret_token"] == "a-webhook-secret-of-the-tests"  # noqa: S105 - a test's own
    assert hooked.api.webhook["allowed_updates"] == [
        "message", "edited_message", "callback_query", "my_chat_member",
    ]  # fmt: skip


@pytest.mark.parametrize("secret", [None, "", "wrong", "a-webhook-secret-of-the-test", "é"])
async def test_a_wrong_or_missing_secret_is_refused_and_nothing_is_taken(
    hooked: TelegramStack, secret: str | None
) -> None:
    dana = hooked.person()
    assert (await hooked.bring(update(dana, "hello", 900), secret=secret)).status_code == 403
    await hooked.bring(update(dana, "real", 901))
    assert await dana.gets(1) == ["You said: real"]
    assert hooked.bot.texts() == ["real"]


async def test_a_malformed_update_is_refused(hooked: TelegramStack) -> None:
    for body in ({}, {"update_id": "9"}, {"update_id": True}):
        assert (await hooked.bring(body)).status_code == 400
    headers = {"X-Telegram-Bot-Api-Secret-Token": "a-webhook-secret-of-the-tests"}
    raw = await hooked.http.post("/telegram/webhook", content=b"[1]", headers=headers)
    assert raw.status_code == 400
    large = await hooked.http.post("/telegram/webhook", content=b" " * 2_000_000, headers=headers)
    assert large.status_code == 413


async def test_without_a_webhook_there_is_no_such_address(telegram: TelegramStack) -> None:
    assert (await telegram.bring({"update_id": 1})).status_code == 404


async def test_while_the_database_is_away_nothing_is_acknowledged(sqlite_url: str) -> None:
    async with telegram_stack(sqlite_url, mode="webhook") as hooked:
        dana = hooked.person()
        held = sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")))
        held.execute("BEGIN EXCLUSIVE")
        refused = await hooked.bring(update(dana, "hello", 900))
        assert refused.status_code == 503
        held.rollback()
        held.close()
        assert (await hooked.bring(update(dana, "hello", 900))).status_code == 200
        assert await dana.gets(1) == ["You said: hello"]


async def test_a_restart_neither_loses_nor_repeats_an_update(database_url: str) -> None:
    api, bot = BotApi(), FakeBot()
    bot.gate = asyncio.Event()
    people = [Person(api) for _ in range(4)]
    patient = replace(QUICK, turn_seconds=30.0, hold_seconds=60.0)
    async with telegram_stack(database_url, api=api, bot=bot, policy=patient, turn_seconds=30.0) as telegram:
        for number in range(3):
            for person in people:
                person.says(f"{number}")
        await eventually(lambda: bot.busy >= 4)
        # Taken from Telegram, and acknowledged there by asking on; none is answered when we stop.
        await eventually(lambda: api.unacknowledged == 0)
        assert telegram.part._intake.waiting == 12
    assert api.sent == []
    bot.gate = None
    async with telegram_stack(database_url, api=api, bot=bot):
        for person in people:
            assert await person.gets(3) == [f"You said: {number}" for number in range(3)]
    await asyncio.sleep(0.2)
    assert len(api.sent) == 12


async def test_going_on_from_the_web_site_by_a_link(telegram: TelegramStack) -> None:
    chat = await telegram.chat()
    await chat.say("a light laptop")
    path = f"/api/conversations/{chat.id}/links"
    begun = (await telegram.http.post("/api/conversations", json={})).json()
    assert begun["continue_on"] == ["telegram"]
    assert (await telegram.http.post(path, json={"channel": "telegram"})).status_code == 401
    told = await telegram.http.post(path, json={"channel": "telegram"}, headers=chat.headers)
    assert told.status_code == 201
    link, _, parameter = told.json()["url"].partition("?start=")
    assert link == "https://t.me/plover_lane_bot"
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", parameter)
    elsewhere = await telegram.http.post(path, json={"channel": "carrier"}, headers=chat.headers)
    assert elsewhere.status_code == 404
    dana, other = telegram.person(), telegram.person()
    dana.commands(f"/start {parameter}")
    texts = await dana.gets(2)
    assert texts[0].startswith("Here we are!")
    assert telegram.bot.turns[-1]["conversation"] == chat.id
    dana.says("cheaper")
    await dana.gets(3)
    assert telegram.bot.turns[-1]["conversation"] == chat.id
    other.commands(f"/start {parameter}")
    assert "used already" in (await other.gets(1))[0]
    assert (await chat.post(text="hello?")).status_code == 404


async def test_a_late_link_and_an_unknown_one_are_refused_kindly(telegram: TelegramStack) -> None:
    chat = await telegram.chat()
    late = await telegram.gateway.link_code(chat.id, to="telegram", valid_for=timedelta(seconds=-1))
    dana = telegram.person()
    dana.commands(f"/start c-{late}")
    assert "too old" in (await dana.gets(1))[0]
    dana.commands("/start c-nonsense")
    assert "don't know that link" in (await dana.gets(2))[1]
    await chat.say("still mine")
