"""Bad input and bad intentions at the chat API: refused or answered, never obeyed."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.web.tokens import Tokens
from tests.integration.connectors.stack import SECRET, Chat, Stack, stack


async def test_a_forged_token_is_refused(web: Stack, chat: Chat) -> None:
    for token in (
        Tokens("another secret of somebody else", days=30).issue(chat.id),
        chat.token[:-2] + "xx",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "nonsense",
    ):
        refused = await replace(chat, token=token).post(text="hello")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "token_invalid")
    assert web.bot.turns == []


async def test_an_expired_token_is_refused(chat: Chat) -> None:
    long_ago = Tokens(SECRET, days=30, now=lambda: datetime.now(UTC) - timedelta(days=31))
    refused = await replace(chat, token=long_ago.issue(chat.id)).post(text="hello")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "token_expired")


async def test_a_missing_token_is_refused(web: Stack, chat: Chat) -> None:
    path = f"/api/conversations/{chat.id}/messages"
    refused = await web.http.post(path, json={"client_id": str(uuid.uuid4()), "text": "hello"})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


async def test_another_conversations_id_is_refused_for_every_operation(web: Stack, chat: Chat) -> None:
    await chat.say("my secret")
    stranger = await web.chat()
    intruder = replace(chat, token=stranger.token)

    assert (await intruder.post(text="hello")).status_code == 403
    reading = await web.http.get(f"/api/conversations/{chat.id}/messages", headers=stranger.headers)
    assert reading.status_code == 403
    assert "secret" not in reading.text
    assert (await intruder.end()).status_code == 403
    assert len(await web.rows(chat.id)) == 2


@pytest.mark.parametrize(
    "typed", ['/human{"x": "y"}', "  /restart", "//greet", "\u00a0/session_start", "\x1f/greet"]
)
async def test_a_typed_payload_reaches_the_bot_as_plain_text(web: Stack, chat: Chat, typed: str) -> None:
    await chat.say(typed)
    (turn,) = web.bot.turns
    assert turn["payload"] is None
    assert not turn["text"].strip().startswith("/")


async def test_a_lone_slash_is_answered(web: Stack, chat: Chat) -> None:
    await chat.say("/")
    assert web.bot.texts() == ["?"]


async def test_100_kilobytes_are_refused(web: Stack, chat: Chat) -> None:
    refused = await chat.post(text="x" * 100_000)
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_large")

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"text": "'
        for _ in range(100):
            yield b"x" * 1000

    path = f"/api/conversations/{chat.id}/messages"
    streamed = await web.http.post(path, content=chunks(), headers=chat.headers)
    assert streamed.status_code == 413
    assert web.bot.turns == []


async def test_more_characters_than_the_bot_reads_are_refused_kindly(web: Stack, chat: Chat) -> None:
    refused = await chat.post(text="x" * 1001)
    told = refused.json()["error"]
    assert (refused.status_code, told["code"], told["field"]) == (422, "too_long", "text")
    assert "1,001" in told["message"]
    assert await chat.texts("y" * 1000) == ["You said: " + "y" * 1000]


@pytest.mark.parametrize("empty", ["", "   \n", "\x00", "\u200b\u200d"])
async def test_an_empty_message_is_refused(chat: Chat, empty: str) -> None:
    refused = await chat.post(text=empty)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "empty")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a\x00b\x07c", "abc"),
        ("👩‍💻🔥", "👩‍💻🔥"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE message; --", "'; DROP TABLE message; --"),
        ("evil\u202etxt", "eviltxt"),
        ("line\r\nline", "line\nline"),
    ],
)
async def test_odd_text_is_kept_and_answered(web: Stack, chat: Chat, typed: str, stored: str) -> None:
    assert await chat.texts(typed) == [f"You said: {stored}"]
    assert (await web.rows(chat.id))[0].text == stored


async def test_a_lone_surrogate_breaks_nothing(web: Stack, chat: Chat) -> None:
    path = f"/api/conversations/{chat.id}/messages"
    body = b'{"client_id": "' + str(uuid.uuid4()).encode() + rb'", "text": "a\ud800b"}'
    answer = await web.http.post(
        path, content=body, headers={**chat.headers, "Content-Type": "application/json"}
    )
    assert answer.status_code in (200, 422)
    assert "error" in answer.json() or answer.json()["messages"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "hello", "client_id": "1"}, "client_id"),
        ({"text": 5}, "text"),
        ({"text": "hello", "payload": "/human"}, "payload"),
        ({"text": "hello", "choice": "1.1"}, "body"),
        ({}, "body"),
    ],
)
async def test_a_wrong_field_is_named(chat: Chat, body: dict[str, object], field: str) -> None:
    refused = await chat.post(**body)
    told = refused.json()["error"]
    assert (refused.status_code, told["field"]) == (422, field)


async def test_what_isnt_json_is_refused(web: Stack, chat: Chat) -> None:
    path = f"/api/conversations/{chat.id}/messages"
    headers = {**chat.headers, "Content-Type": "application/json"}
    refused = await web.http.post(path, content=b"{", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_json")


async def test_a_path_that_isnt_there_answers_in_the_one_shape(web: Stack) -> None:
    missing = await web.http.get("/api/nothing")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "http_404")
    assert (await web.http.get("/shop/../app.py")).status_code == 404
    assert (await web.http.get("/shop/%2e%2e/%2e%2e/app.py")).status_code == 404


async def test_a_foreign_site_is_refused_and_an_allowed_one_and_our_own_are_not(web: Stack) -> None:
    foreign = await web.http.post("/api/conversations", json={}, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "origin_refused")
    assert "access-control-allow-origin" not in foreign.headers

    for origin in ("https://shop.example", web.url):
        welcome = await web.http.post("/api/conversations", json={}, headers={"Origin": origin})
        assert welcome.status_code == 201
        assert welcome.headers["access-control-allow-origin"] == origin
    preflight = await web.http.options(
        "/api/conversations",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"},
    )
    assert preflight.status_code == 204
    assert "Authorization" in preflight.headers["access-control-allow-headers"]


async def test_messages_are_limited_per_conversation_and_say_when_to_go_on(sqlite_url: str) -> None:
    async with stack(sqlite_url, messages_per_conversation="2/minute") as web:
        chat = await web.chat()
        await asyncio.gather(chat.say("one"), chat.say("two"))
        refused = await chat.post(text="three")
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert await (await web.chat()).texts("hello") == ["You said: hello"]


async def test_messages_and_conversations_are_limited_per_address(sqlite_url: str) -> None:
    async with stack(
        sqlite_url, messages_per_address="3/minute", conversations_per_address="2/minute"
    ) as web:
        one, two = await web.chat(), await web.chat()
        refused = await web.http.post(
            "/api/conversations", json={}, headers={"X-Forwarded-For": "203.0.113.9"}
        )
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many")
        for chat in (one, two, one):
            await chat.say("hello")
        assert (await two.post(text="once more")).status_code == 429


async def test_behind_a_trusted_proxy_customers_are_told_apart(sqlite_url: str) -> None:
    async with stack(sqlite_url, conversations_per_address="1/minute", trusted_proxies=1) as web:

        async def begin(seen: str) -> int:
            answer = await web.http.post("/api/conversations", json={}, headers={"X-Forwarded-For": seen})
            return answer.status_code

        assert await begin("203.0.113.1") == 201
        assert await begin("203.0.113.2") == 201
        assert await begin("198.51.100.7, 203.0.113.2") == 429


async def test_the_bot_is_told_a_hash_of_the_address_and_the_transcript_keeps_none(
    web: Stack, chat: Chat
) -> None:
    await chat.say("hello")
    client = web.bot.turns[0]["metadata"]["client"]
    assert len(client) == 32
    assert "127.0.0.1" not in client
    assert all(row.client is None for row in await web.rows(chat.id))


async def test_pages_have_headers_that_keep_browsers_safe(web: Stack) -> None:
    widget = await web.http.get("/widget.js")
    assert widget.headers["x-content-type-options"] == "nosniff"
    assert "max-age" in widget.headers["cache-control"]
    again = await web.http.get("/widget.js", headers={"If-None-Match": widget.headers["etag"]})
    assert again.status_code == 304
    assert "'unsafe-inline'" not in widget.headers["content-security-policy"]
    style = await web.http.get("/shop/shop.css")
    assert (style.status_code, bool(style.headers["etag"])) == (200, True)


async def test_the_widget_travels_packed_to_those_who_can_unpack_it(web: Stack) -> None:
    packed = await web.http.get("/widget.js", headers={"Accept-Encoding": "gzip, br"})
    plain = await web.http.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) * 3 < int(plain.headers["content-length"])
    assert "Accept-Encoding" in packed.headers["vary"]


async def test_the_documentation_needs_no_other_site(web: Stack) -> None:
    page = await web.http.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text
    assert (
        "/api/conversations/{conversation_id}/messages"
        in (await web.http.get("/openapi.json")).json()["paths"]
    )
