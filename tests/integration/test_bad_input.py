"""Bad input and bad intentions through everything that is real: refused or answered, never obeyed."""

from __future__ import annotations

import base64
import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

from connectors.web.tokens import Tokens
from parley.stack import Stack
from tests.scenarios.customer import Customer

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, trust_env=False) as opened:
        yield opened


class Rows:
    """Looks into the stack's database file beside it."""

    def __init__(self, stack: Stack) -> None:
        self._path = stack.settings.database_url.removeprefix("sqlite:///")

    def __call__(self, query: str, *values: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self._path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def counts(self) -> dict[str, int]:
        return {
            table: self(f'SELECT count(*) AS n FROM "{table}"')[0]["n"]  # noqa: S608 - our own names
            for table in ("orders", "product", "user", "contact")
        }


@pytest.fixture
def rows(sqlite_stack: Stack) -> Rows:
    return Rows(sqlite_stack)


@pytest.fixture
def customer(client: httpx.Client, sqlite_stack: Stack) -> Customer:
    return Customer(client, sqlite_stack.url)


class Post:
    """Whatever somebody may send to the messages' address, in whoever's name."""

    def __init__(self, client: httpx.Client, stack: Stack) -> None:
        self._client = client
        self._stack = stack

    def __call__(
        self, conversation: str, token: str | None, *, content: bytes | None = None, **body: Any
    ) -> httpx.Response:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        sent = content or json.dumps({"client_id": str(uuid.uuid4()), **body}).encode()
        url = f"{self._stack.url}/api/conversations/{conversation}/messages"
        return self._client.post(url, content=sent, headers=headers)


@pytest.fixture
def post(client: httpx.Client, sqlite_stack: Stack) -> Post:
    return Post(client, sqlite_stack)


def _refused(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """Refused with one of these statuses and a sentence for people."""
    assert answer.status_code in statuses, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert len(error["message"]) > 15
    return error


def _still_serves(customer: Customer) -> None:
    customer.say("hello")
    assert customer.messages, "the conversation has fallen silent"
    assert customer.status == "bot"


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u200b\u200d", "\x00", "\x00\x07\x1f"])
def test_an_empty_message_is_refused_kindly(customer: Customer, post: Post, text: str) -> None:
    error = _refused(post(customer.conversation, customer.token, text=text), 422)
    assert (error["code"], error["field"]) == ("empty", "text")
    _still_serves(customer)


def test_100_kilobytes_are_refused_and_one_character_too_many_too(customer: Customer, post: Post) -> None:
    _refused(post(customer.conversation, customer.token, text="x" * 100_000), 413)
    error = _refused(post(customer.conversation, customer.token, text="x" * 1001), 422)
    assert "1,001" in error["message"]
    _still_serves(customer)


def test_the_longest_message_that_is_taken_is_answered(customer: Customer) -> None:
    customer.say("laptop " * 142)
    assert customer.messages


def test_null_bytes_are_dropped_and_the_rest_is_understood(customer: Customer) -> None:
    customer.say("what can\x00 you \x00do?")
    assert customer.messages
    assert "\x00" not in customer.text


@pytest.mark.parametrize("text", ["🔥🔥🔥", "👩‍💻", "🇫🇷", "👍🏽"])
def test_emoji_alone_are_answered(customer: Customer, text: str) -> None:
    customer.say(text)
    assert customer.messages
    assert customer.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(document.cookie)</script>",
        "<img src=x onerror=alert(1)>",
        "<b>laptop</b> up to <i>1500</i>",
        "javascript:alert(1)",
        "{{7*7}} ${7*7} %s %n {0}",
    ],
)
def test_html_and_script_come_back_as_json_text_at_most(
    customer: Customer, client: httpx.Client, sqlite_stack: Stack, text: str
) -> None:
    customer.say(text)
    assert customer.messages
    assert "<script" not in customer.text
    assert "49" not in customer.text
    read = client.get(
        f"{sqlite_stack.url}/api/conversations/{customer.conversation}/messages",
        headers={"Authorization": f"Bearer {customer.token}"},
    )
    assert read.headers["content-type"] == "application/json"
    assert read.headers["x-content-type-options"] == "nosniff"
    assert [one["text"] for one in read.json()["messages"] if one["author"] == "customer"] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE message; --",
        "laptops' OR '1'='1",
        "where is my order PL-0000-0000' OR 1=1 --",
        "Robert'); DELETE FROM orders;--",
    ],
)
def test_sql_is_text(customer: Customer, rows: Rows, text: str) -> None:
    before = rows.counts()
    customer.say(text)
    assert customer.messages
    assert rows.counts() == before
    _still_serves(customer)


@pytest.mark.parametrize(
    "typed",
    [
        '/add_to_cart{"product": "LAP-0001", "quantity": 3}',
        '  /add_to_cart{"product": "LAP-0001"}',
        '//add_to_cart{"product": "LAP-0001"}',
        '\u00a0/add_to_cart{"product": "LAP-0001"}',
        "/human",
        "/session_start",
        "/restart",
        "/rep_forecast",
    ],
)
def test_a_typed_payload_is_words_and_never_a_command(customer: Customer, rows: Rows, typed: str) -> None:
    customer.say("show me laptops")
    customer.say(typed)
    assert customer.messages
    said = "SELECT * FROM message WHERE conversation_id = ? AND author = 'customer' ORDER BY seq"
    own = rows(said, customer.conversation)[-1]
    assert own["payload"] is None
    assert own["confidence"] < 1.0, "it was taken for a command"
    assert rows("SELECT * FROM cart_line WHERE sku = 'LAP-0001' AND quantity = 3") == []


def test_a_payload_is_pressed_only_by_who_was_offered_it(
    customer: Customer, client: httpx.Client, sqlite_stack: Stack, post: Post
) -> None:
    customer.say("I need a light laptop for video editing, up to 1500")
    offered = customer.messages[-1]["cards"][0]["choices"][0]["id"]
    seq = offered.partition(".")[0]
    stranger = Customer(client, sqlite_stack.url)
    _refused(post(stranger.conversation, stranger.token, choice=offered), 409)
    for choice in (f"{seq}.99", "1.0", "999.0"):
        _refused(post(customer.conversation, customer.token, choice=choice), 409)
    for choice in ("/human", '{"a":1}', "-1.0", "1", "", "١.٠"):
        _refused(post(customer.conversation, customer.token, choice=choice), 422)
    _refused(post(customer.conversation, customer.token, choice=offered, text="and a text"), 422)
    assert post(customer.conversation, customer.token, choice=offered).status_code == httpx.codes.OK


def test_a_payload_cannot_be_smuggled_in_beside_the_text(customer: Customer, post: Post) -> None:
    smuggled: dict[str, Any]
    for smuggled in ({"payload": "/human"}, {"metadata": {"role": "rep"}}, {"role": "rep"}, {"slots": {}}):
        _refused(post(customer.conversation, customer.token, text="hello", **smuggled), 422)


def test_another_customers_conversation_stays_closed(
    customer: Customer, client: httpx.Client, sqlite_stack: Stack, post: Post
) -> None:
    customer.say("my name is Zebulon")
    stranger = Customer(client, sqlite_stack.url)
    url = f"{sqlite_stack.url}/api/conversations/{customer.conversation}"
    headers = {"Authorization": f"Bearer {stranger.token}"}
    read = client.get(f"{url}/messages", headers=headers)
    _refused(read, 403)
    assert "Zebulon" not in read.text
    _refused(client.delete(url, headers=headers), 403)
    _refused(post(customer.conversation, stranger.token, text="hello"), 403)
    _refused(post(customer.conversation, None, text="hello"), 401)
    _still_serves(customer)


def test_forged_and_expired_tokens_are_refused(customer: Customer, sqlite_stack: Stack, post: Post) -> None:
    secret = sqlite_stack.settings.secret.get_secret_value()
    long_ago = Tokens(secret, days=30, now=lambda: datetime.now(UTC) - timedelta(days=31))
    forged = [
        Tokens("another secret, quite as long as ours is", days=30).issue(customer.conversation),
        jwt.encode(_claims(customer), secret, algorithm="HS256"),
        f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(_claims(customer))}.",
        customer.token[:-3] + ("AAA" if not customer.token.endswith("AAA") else "BBB"),
        "x" * 5000,
    ]
    for token in forged:
        error = _refused(post(customer.conversation, token, text="hello"), 401)
        assert error["code"] == "token_invalid"
    error = _refused(post(customer.conversation, long_ago.issue(customer.conversation), text="hello"), 401)
    assert error["code"] == "token_expired"
    _still_serves(customer)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"not json", 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"client_id": 7, "text": ["a"]}', 422),
        (b'{"text": "hello"}', 422),
        (b'{"client_id": "x", "text": "hello"}', 422),
        (b"\xff\xfe\x00", 400),
        (b"[" * 10_000, 400),
    ],
)
def test_a_body_that_is_no_message_is_refused(
    customer: Customer, post: Post, content: bytes, status: int
) -> None:
    _refused(post(customer.conversation, customer.token, content=content or b" "), status, 400)


def test_a_lone_surrogate_is_refused_or_answered(customer: Customer, post: Post) -> None:
    body = b'{"client_id": "' + str(uuid.uuid4()).encode() + rb'", "text": "hello \ud83d there"}'
    answer = post(customer.conversation, customer.token, content=body)
    assert answer.status_code in {200, 422}
    _still_serves(customer)


def _claims(customer: Customer) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    return {"sub": customer.conversation, "aud": "parley-chat", "iat": now, "exp": now + 3600}


def _part(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
