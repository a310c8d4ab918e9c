"""The gateway's channel, over HTTP, with a trained bot behind it."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.mini.server import TOKEN, MiniBot


@pytest.fixture
def conversation() -> str:
    return str(uuid.uuid4())


def test_a_message_is_answered_with_intent_and_sentiment(bot: MiniBot, conversation: str) -> None:
    status, answer = bot.turn(conversation, "hello there")
    assert status == 200
    assert answer["messages"] == [{"text": "Hello!"}]
    assert answer["intent"]["name"] == "greet"
    assert 0.4 < answer["intent"]["confidence"] <= 1
    assert answer["sentiment"]["label"] in ("negative", "neutral", "positive")
    assert answer["repeated"] is False


def test_anger_is_heard(bot: MiniBot, conversation: str) -> None:
    _, answer = bot.turn(conversation, "this is terrible, I am furious")
    assert answer["sentiment"]["label"] == "negative"
    assert answer["sentiment"]["score"] < 0


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + "x"])
def test_a_wrong_token_is_refused_before_anything_happens(
    bot: MiniBot, conversation: str, token: str | None
) -> None:
    body = {"conversation": conversation, "message_id": "1", "text": "hello"}
    status, answer = bot.request("POST", "/webhooks/gateway/turn", body, token=token)
    assert (status, answer) == (401, {"error": "unauthorised"})
    assert bot.request("DELETE", f"/webhooks/gateway/conversations/{conversation}", token=token)[0] == 401
    assert bot.stored(conversation) is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": None}, "text"),
        ({"text": "hi", "payload": "/greet"}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 5000}, "text"),
        ({"conversation": ""}, "conversation"),
        ({"conversation": "a" * 65}, "conversation"),
        ({"message_id": None}, "message_id"),
        ({"message_id": "a\nb"}, "message_id"),
        ({"text": None, "payload": "greet"}, "payload"),
        ({"text": None, "payload": "/nothing_known"}, "payload"),
        ({"text": None, "payload": '/greet{"brand": '}, "payload"),
        ({"text": None, "payload": '/greet{"unknown": 1}'}, "payload"),
        ({"text": None, "payload": "/greet extra"}, "payload"),
        ({"slots": {"unknown": 1}}, "slots.unknown"),
        ({"slots": [1]}, "slots"),
        ({"metadata": {"role": "admin"}}, "metadata.role"),
        ({"metadata": "rep"}, "metadata"),
        ({"channel": "../web"}, "channel"),
    ],
)
def test_a_wrong_field_is_named(bot: MiniBot, conversation: str, fields: dict, field: str) -> None:
    status, answer = bot.turn(conversation, **({"text": "hello"} | fields))
    assert status == 400
    assert answer["field"] == field
    assert answer["error"]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_body_that_is_no_object_is_refused(bot: MiniBot, raw: bytes) -> None:
    status, answer = bot.request("POST", "/webhooks/gateway/turn", raw)
    assert status == 400
    assert answer["field"] == "body"


@pytest.mark.parametrize(
    "text",
    [
        '/order{"brand": "x"}',
        "/order",
        "  /order",
        "//order",
        "\x00/order",
        "\u00a0/ /order{}",
        "/rep_pipeline",
        "/restart",
        "/session_start",
    ],
)
def test_typed_text_never_becomes_a_payload(bot: MiniBot, conversation: str, text: str) -> None:
    _, answer = bot.turn(conversation, text)
    assert answer["intent"]["confidence"] < 1
    assert answer["intent"]["name"] not in ("rep_pipeline", "restart", "session_start")
    stored = json.loads(bot.stored(conversation)["events"])
    assert not next(e for e in stored if e["event"] == "user")["text"].startswith("/")


def test_a_pressed_button_arrives_understood(bot: MiniBot, conversation: str) -> None:
    status, answer = bot.turn(conversation, payload='/say{"brand": ["Sony", "Bose"], "price": {"max": 5}}')
    assert status == 200
    assert answer["intent"] == {"name": "say", "confidence": 1.0}
    message = bot.action_server("GET", "/last")["tracker"]["latest_message"]
    assert [(e["entity"], e["value"]) for e in message["entities"]] == [
        ("brand", "Sony"),
        ("brand", "Bose"),
        ("price", {"max": 5}),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "/",
        "?",
        "🙂",
        "\u200b",
        "<script>alert(1)</script>",
        "'; DROP TABLE bot_tracker;--",
        "\ud800x",
        "a" * 4000,
    ],
)
def test_strange_text_is_answered(bot: MiniBot, conversation: str, text: str) -> None:
    assert bot.say(conversation, text)


def test_a_customer_never_reaches_a_reps_intent(bot: MiniBot, conversation: str) -> None:
    text = "show my sales pipeline"
    _, as_customer = bot.turn(conversation, text)
    assert as_customer["intent"]["name"] != "rep_pipeline"
    _, as_rep = bot.turn(str(uuid.uuid4()), text, metadata={"role": "rep"})
    assert as_rep["intent"]["name"] == "rep_pipeline"
    assert as_rep["messages"] == [{"text": "Your pipeline."}]


def test_replies_keep_text_buttons_and_custom_json_together(bot: MiniBot, conversation: str) -> None:
    _, answer = bot.turn(conversation, "how long does delivery take?")
    assert answer["messages"] == [
        {
            "text": "Delivery takes two days.\n\nAlways.",
            "buttons": [{"title": "Order", "payload": "/order"}],
        }
    ]
    _, answer = bot.turn(conversation, "count the turns")
    assert answer["messages"] == [{"text": "1", "custom": {"cards": [{"sku": "LAP-0001"}]}}]


def test_responses_differ_by_channel(bot: MiniBot, conversation: str) -> None:
    assert bot.say(conversation, "hello there", channel="telegram") == ["Hello on Telegram!"]


def test_actions_see_who_asked_and_slots_that_were_set(bot: MiniBot, conversation: str) -> None:
    message = str(uuid.uuid4())
    fields = {"metadata": {"role": "customer", "client": "abc"}, "slots": {"helped": {"by": "Ann"}}}
    bot.say(conversation, "count the turns", message_id=message, channel="web", **fields)
    seen = bot.action_server("GET", "/last")
    assert seen["tracker"]["latest_message"]["metadata"] == {
        "message_id": message,
        "role": "customer",
        "channel": "web",
        "client": "abc",
    }
    assert seen["tracker"]["slots"]["helped"] == {"by": "Ann"}
    assert list(seen["domain"]) == ["forms"]


def test_a_repeated_message_is_answered_again_and_done_once(bot: MiniBot, conversation: str) -> None:
    message = str(uuid.uuid4())
    first = bot.turn(conversation, "count the turns", message_id=message)[1]
    calls = len(bot.action_server("GET", "/calls"))
    again = bot.turn(conversation, "count the turns", message_id=message)[1]
    assert again == first | {"repeated": True}
    assert len(bot.action_server("GET", "/calls")) == calls
    assert bot.say(conversation, "count the turns") == ["2"]


def test_messages_of_one_conversation_are_served_one_after_the_other(bot: MiniBot, conversation: str) -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: bot.say(conversation, "count the turns"), range(4)))
    assert sorted(answers) == [["1"], ["2"], ["3"], ["4"]]
    assert time.monotonic() - started < 3, "waiting messages look again once a second"


def test_a_failed_action_stores_nothing_and_can_be_retried(bot: MiniBot, conversation: str) -> None:
    bot.say(conversation, "hello there")
    before = bot.stored(conversation)
    bot.action_server("POST", "/break/1")
    message = str(uuid.uuid4())
    status, answer = bot.turn(conversation, "make the engine crash", message_id=message)
    assert (status, answer) == (502, {"error": "action_failed", "action": "action_broken"})
    assert bot.stored(conversation) == before
    status, answer = bot.turn(conversation, "make the engine crash", message_id=message)
    assert (status, answer["messages"], answer["repeated"]) == (200, [{"text": "action_broken"}], False)


def test_logs_hold_no_message_texts(bot: MiniBot, conversation: str) -> None:
    bot.action_server("POST", "/break/1")
    bot.turn(conversation, "make the engine crash, says Gwendolyn")
    log = bot.log.read_text(encoding="utf-8")
    assert "action_broken" in log
    assert "Gwendolyn" not in log
    assert "secret" not in log


def test_a_client_that_hangs_up_does_not_stop_its_turn(bot: MiniBot, conversation: str) -> None:
    message = str(uuid.uuid4())
    body = {"conversation": conversation, "message_id": message, "text": "run the slow computation"}
    connection = http.client.HTTPConnection("127.0.0.1", bot.port, timeout=10)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    connection.request("POST", "/webhooks/gateway/turn", json.dumps(body).encode(), headers)
    time.sleep(0.7)
    connection.close()
    time.sleep(3.5)
    assert bot.stored(conversation) is not None
    status, answer = bot.turn(conversation, "run the slow computation", message_id=message)
    assert (status, answer["messages"], answer["repeated"]) == (200, [{"text": "done"}], True)


def test_a_conversation_can_be_erased(bot: MiniBot, conversation: str) -> None:
    bot.say(conversation, "count the turns")
    assert bot.request("DELETE", f"/webhooks/gateway/conversations/{conversation}") == (204, None)
    assert bot.stored(conversation) is None
    assert bot.request("DELETE", f"/webhooks/gateway/conversations/{conversation}")[0] == 204
    assert bot.say(conversation, "count the turns") == ["1"]


def test_what_is_stored_does_not_grow_with_the_conversation(bot: MiniBot, conversation: str) -> None:
    sizes = []
    for turn in range(200):
        bot.say(conversation, "count the turns" if turn % 3 == 0 else "hello there")
        sizes.append(len(bot.stored(conversation)["events"]))
    assert max(sizes[100:]) <= 1.1 * max(sizes[10:30])
    assert bot.say(conversation, "count the turns") == ["68"]


def test_a_restarted_bot_remembers(
    mini_model: Path, artifacts: Path, action_server: int, tmp_path: Path
) -> None:
    mini = MiniBot(mini_model, artifacts, action_server, tmp_path / "bot.db")
    mini.start()
    assert mini.say("c", "I want to order a shirt") == ["Which size?"]
    mini.stop(kill=True)
    mini.start()
    assert mini.say("c", "medium") == ["Which colour?"]
    mini.stop()


def test_a_tracker_store_that_fails_is_503_and_heals(bot: MiniBot, conversation: str) -> None:
    assert bot.say(conversation, "count the turns") == ["1"]
    calls = len(bot.action_server("GET", "/calls"))
    away = bot.database.with_suffix(".away")
    # SQLite holds its files open, so the table is taken away instead of the file.
    import sqlite3

    with sqlite3.connect(bot.database) as connection:
        connection.execute("ALTER TABLE bot_tracker RENAME TO bot_tracker_away")
    try:
        status, answer = bot.turn(conversation, "count the turns")
    finally:
        with sqlite3.connect(bot.database) as connection:
            connection.execute("ALTER TABLE bot_tracker_away RENAME TO bot_tracker")
    assert (status, answer) == (503, {"error": "tracker_unavailable"})
    assert len(bot.action_server("GET", "/calls")) == calls, "an action ran for a conversation nobody knew"
    assert not away.exists()
    assert bot.say(conversation, "count the turns") == ["2"]


def test_no_action_server_is_502(mini_model: Path, artifacts: Path, tmp_path: Path) -> None:
    from tests.mini.server import free_port

    mini = MiniBot(mini_model, artifacts, free_port(), tmp_path / "bot.db")
    mini.start()
    try:
        assert mini.turn("c", "count the turns")[0] == 502
        assert mini.say("c", "hello there") == ["Hello!"]
    finally:
        mini.stop()


def test_an_interrupted_form_is_resumed(bot: MiniBot, conversation: str) -> None:
    assert bot.say(conversation, "I want to order a shirt") == ["Which size?"]
    assert bot.say(conversation, "how long does delivery take?") == [
        "Delivery takes two days.\n\nAlways.",
        "Which size?",
    ]
    assert bot.say(conversation, "count the turns") == ["1", "Which size?"]
    assert bot.say(conversation, "medium") == ["Which colour?"]
    assert bot.say(conversation, "hello there") == ["Hello!", "Which colour?"]
    assert bot.say(conversation, "red") == ["A medium red shirt."]
    assert bot.say(conversation, "hello there") == ["Hello!"]


def test_a_form_can_be_left(bot: MiniBot, conversation: str) -> None:
    bot.say(conversation, "I want to order a shirt")
    assert bot.say(conversation, "forget it, stop") == ["Stopped."]
    assert bot.say(conversation, "hello there") == ["Hello!"]
