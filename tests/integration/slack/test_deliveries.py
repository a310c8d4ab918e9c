"""What Slack delivers: verified, stored, acknowledged, dealt with once, in order, whatever goes wrong meanwhile."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import select, text

from connectors.slack.app import PATH
from connectors.slack.inbound import NAME
from crm.model import Delivery
from tests.fakes.slack import SIGNING_SECRET, signed
from tests.integration.connectors.stack import Chat
from tests.integration.slack.test_live_chat import agents_words
from tests.integration.slack.workspace import Workspace, copied, fixture, socket_settings, workspace

JSON = "application/json"


async def send(office: Workspace, body: str, headers: dict[str, str], kind: str = JSON) -> httpx.Response:
    return await office.stack.http.post(PATH, content=body, headers={"Content-Type": kind, **headers})


async def deliveries(office: Workspace) -> list[Delivery]:
    async with office.database.read() as uow:
        return list(await uow.session.scalars(select(Delivery).where(Delivery.channel == NAME)))


async def test_slacks_question_about_the_address_is_answered(office: Workspace) -> None:
    answer = await office.event(fixture("url_verification"))
    assert answer.status_code == 200
    assert fixture("url_verification")["challenge"] in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"X-Slack-Signature": "v0=" + "0" * 64, "X-Slack-Request-Timestamp": str(int(time.time()))},
        {"X-Slack-Request-Timestamp": str(int(time.time()))},
        {"secret": "another"},
        {"at": -600.0},
        {"at": 600.0},
        {"tampered": True},
    ],
)
async def test_a_wrong_missing_or_old_signature_is_refused_and_nothing_stored(
    office: Workspace, wrong: dict[str, Any]
) -> None:
    body = json.dumps(fixture("message_im"))
    headers = {name: value for name, value in wrong.items() if name.startswith("X-")}
    if "secret" in wrong or "at" in wrong or "tampered" in wrong:
        secret = str(wrong.get("secret", SIGNING_SECRET))
        headers = signed(body, secret=secret, at=time.time() + float(wrong.get("at", 0.0)))
    sent = body.replace("dana@", "lena@") if wrong.get("tampered") else body
    answer = await send(office, sent, headers)
    assert answer.status_code == 401
    assert await deliveries(office) == []
    assert office.stack.bot.turns == []


async def test_a_replayed_request_is_acknowledged_and_does_nothing(office: Workspace, chat: Chat) -> None:
    summary = await office.accepted("U0ADA", chat)
    payload = office.thread_message("U0ADA", summary.thread, "!r Hello")
    body = json.dumps(payload)
    headers = signed(body)
    for _ in range(3):
        assert (await send(office, body, headers)).status_code == 200
    again = {**headers, "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert (await send(office, body, again)).status_code == 200
    await office.settled()
    assert agents_words(await chat.read()) == ["Hello"]


async def test_an_event_under_another_id_with_the_same_message_is_sent_once(
    office: Workspace, chat: Chat
) -> None:
    summary = await office.accepted("U0ADA", chat)
    payload = await office.write("U0ADA", summary.thread, "!r Hello")
    await office.event({**copied(payload), "event_id": "Ev0ANOTHER"})
    await office.settled()
    assert agents_words(await chat.read()) == ["Hello"]


async def test_messages_that_overtook_each_other_reach_the_customer_in_the_order_they_were_written(
    office: Workspace, chat: Chat
) -> None:
    summary = await office.accepted("U0ADA", chat)
    written = [office.thread_message("U0ADA", summary.thread, f"!r part {number}") for number in range(5)]
    for number in (3, 0, 4, 1, 2):
        await office.event(written[number])
    await office.settled()
    assert agents_words(await chat.read()) == [f"part {number}" for number in range(5)]


async def test_what_was_dealt_with_is_forgotten_but_for_its_id(office: Workspace) -> None:
    await office.dm("U0ADA", "who is dana@example.com")
    await office.until(lambda: bool(office.slack.to("U0ADA")))
    await office.settled()
    (kept,) = await deliveries(office)
    assert (kept.state, kept.payload) == ("done", None)


async def test_a_press_replayed_under_a_fresh_signature_does_nothing(office: Workspace, chat: Chat) -> None:
    card = await office.hand_over(chat)
    payload = await office.press("U0ADA", card, "Accept")
    await office.until(lambda: len(office.slack.whispered) == 1)
    await office.interact(copied(payload))
    await office.settled()
    await asyncio.sleep(0.3)
    assert len(office.slack.whispered) == 1


async def test_while_the_database_is_away_nothing_is_acknowledged(office: Workspace) -> None:
    await office.database.close()
    from crm.errors import StorageUnavailable

    async def away(*_: object, **__: object) -> int:
        raise StorageUnavailable("away")

    office.part.intake.take = away  # type: ignore[method-assign]  # the database going away, at its port
    answer = await office.event(fixture("message_im"))
    assert answer.status_code == 503


async def test_what_was_acknowledged_survives_the_process(sqlite_url: str) -> None:
    async with workspace(sqlite_url, holder="one") as office:
        await office.staff("U0ADA", "Ada Roth")
        office.slack.failures["auth.test"].extend(["internal_error"] * 50)
        await office.dm("U0ADA", "who is dana")
    async with workspace(sqlite_url, holder="one") as office:
        office.slack.add_user("U0ADA", "ada@plover.example.com")
        await office.until(lambda: bool(office.slack.to("U0ADA")))
        assert office.stack.bot.texts() == ["who is dana"]


@pytest.mark.parametrize(
    "trouble", [[429], [500], [503], ["internal_error"], [429, 429], [3.0], ["fatal_error", 500, 500]]
)
async def test_trouble_at_slack_delays_an_answer_and_never_loses_or_doubles_it(
    office: Workspace, trouble: list[int | str | float]
) -> None:
    office.slack.failures["chat.postMessage"].extend(trouble)
    await office.dm("U0ADA", "hello")
    await office.until(lambda: bool(office.slack.to("U0ADA")), seconds=25)
    await asyncio.sleep(0.3)
    assert len(office.slack.to("U0ADA")) == 1
    assert office.stack.bot.texts() == ["hello"]


async def test_a_delivery_is_acknowledged_at_once_however_slow_slacks_api_is(office: Workspace) -> None:
    office.slack.failures["users.info"].extend([5.0, 5.0])
    await office.dm("U0ADA", "hello")
    assert not office.slack.to("U0ADA"), "it was acknowledged before Slack's API said a word"
    await office.until(lambda: bool(office.slack.to("U0ADA")), seconds=20)


async def test_slack_is_waited_for_as_long_as_it_asks(office: Workspace) -> None:
    office.slack.failures["chat.postMessage"].append(429)
    await office.dm("U0ADA", "hello")
    await office.until(lambda: "chat.postMessage" in [method for method, _ in office.slack.calls])
    began = time.monotonic()
    await office.until(lambda: bool(office.slack.to("U0ADA")))
    assert time.monotonic() - began >= 0.8


async def test_with_a_revoked_token_events_are_acknowledged_kept_and_dealt_with_later(
    office: Workspace,
) -> None:
    office.slack.revoked = True
    await office.dm("U0ADA", "hello")
    await asyncio.sleep(1.0)
    assert office.slack.posted == []
    assert (await office.stack.http.get("/healthz")).status_code == 200
    office.slack.revoked = False
    await office.until(lambda: bool(office.slack.to("U0ADA")), seconds=15)


async def test_a_customers_chat_does_not_notice_that_slack_is_away(office: Workspace, chat: Chat) -> None:
    office.slack.revoked = True
    await office.hand_over_silently(chat)
    assert (await chat.read())["status"] == "queued"


async def test_what_slack_will_never_take_is_given_up_and_the_next_goes_on(office: Workspace) -> None:
    office.slack.failures["chat.postMessage"].append("is_archived")
    await office.dm("U0ADA", "one")
    await office.dm("U0ADA", "two")
    await office.until(lambda: bool(office.slack.to("U0ADA")))
    assert office.slack.to("U0ADA")[0].text == "You said: two"


async def test_a_delivery_without_a_name_and_an_unknown_event_do_no_harm(office: Workspace) -> None:
    assert (await office.event({"type": "block_actions"})).status_code == 400
    unknown = fixture("message_im") | {"event_id": "Ev0X", "event": {"type": "team_rename", "name": "x"}}
    assert (await office.event(unknown)).status_code == 200
    await office.settled()
    for malformed in ("not json", "[]", '"text"', "payload=nothing"):
        assert (await office.post(malformed, JSON)).status_code == 400
    assert (await send(office, "not json", {})).status_code == 401
    await office.dm("U0ADA", "still here?")
    await office.until(lambda: bool(office.slack.to("U0ADA")))


async def test_a_body_that_is_too_large_is_refused(office: Workspace) -> None:
    body = urlencode({"payload": "x" * 700_000})
    answer = await office.post(body, "application/x-www-form-urlencoded")
    assert answer.status_code == 413


async def test_nothing_that_people_wrote_is_logged(
    office: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    office.slack.failures["chat.postMessage"].extend(["internal_error", 500, 500])
    await office.dm("U0ADA", "my secret wish", channel_type="im")
    await office.event(
        fixture("message_im") | {"event_id": "Ev0Y", "event": {"type": "strange", "text": "secret wish"}}
    )
    await office.until(lambda: bool(office.slack.to("U0ADA")), seconds=15)
    assert "secret wish" not in caplog.text
    assert "xoxb" not in caplog.text


async def test_socket_mode_brings_the_same(sqlite_url: str) -> None:
    async with workspace(sqlite_url, **socket_settings()) as office:
        await office.staff("U0ADA", "Ada Roth")
        await office.until(lambda: bool(office.slack.sockets))
        assert (await office.event(fixture("message_im"))).status_code in (404, 405)
        envelope = await office.slack.push("events_api", fixture("message_im"))
        told = await asyncio.wait_for(office.slack.acknowledged.get(), 3)
        assert told["envelope_id"] == envelope
        again = await office.slack.push("events_api", fixture("message_im"))
        assert (await asyncio.wait_for(office.slack.acknowledged.get(), 3))["envelope_id"] == again
        await office.until(lambda: bool(office.slack.to("U0ADA")))
        await office.settled()
        assert office.stack.bot.texts() == ["who is dana@example.com"]


async def test_socket_mode_is_tried_again_when_slack_does_not_let_it_in(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.slack.app.RECONNECT_FIRST", 0.1)
    async with workspace(sqlite_url, **socket_settings()) as office:
        office.slack.failures["apps.connections.open"].extend(["invalid_auth", 500])
        await office.until(lambda: bool(office.slack.sockets), seconds=15)


async def test_postgresql_deals_with_the_same_deliveries_once(postgres_url: str) -> None:
    async with workspace(postgres_url) as office:
        await office.staff("U0ADA", "Ada Roth")
        chat = await office.stack.chat()
        summary = await office.accepted("U0ADA", chat)
        payload = office.thread_message("U0ADA", summary.thread, "!r Hello")
        await asyncio.gather(*(office.event(copied(payload)) for _ in range(5)))
        await office.settled()
        assert agents_words(await chat.read()) == ["Hello"]
        async with office.database.read() as uow:
            assert await uow.session.scalar(text("SELECT count(*) FROM live_thread")) == 1
