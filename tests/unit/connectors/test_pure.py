"""The pure parts: text, mood, the bot's messages, addresses."""

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bot_replies import is_empty, to_handoff, to_reply
from connectors.gateway.text import cleaned, for_bot
from connectors.web.address import ClientHash, client_address
from crm.mood import Mood, after, trend


@given(st.text())
def test_cleaned_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    clean = cleaned(text)
    clean.encode("utf-8")
    assert "\x00" not in clean
    assert cleaned(clean) == clean
    assert not clean or any(unicodedata.category(letter) != "Cc" for letter in clean)


@given(st.text())
def test_no_text_reaches_the_bot_as_a_payload(text: str) -> None:
    told = for_bot(text)
    assert told
    assert not told.strip().startswith("/")


def test_a_slash_inside_stays() -> None:
    assert for_bot("USB-C / HDMI and/or VGA") == "USB-C / HDMI and/or VGA"


def test_strong_anger_twice_in_a_row_asks_for_a_human_and_once_does_not() -> None:
    once = after(Mood(), -0.9)
    assert not once.asks_for_human
    assert after(once, -0.7).asks_for_human
    assert not after(after(once, 0.1), -0.9).asks_for_human
    assert not after(after(Mood(), -0.5), -0.5).asks_for_human


@given(st.lists(st.floats(-5, 5), max_size=50))
def test_the_mood_stays_in_its_bounds(scores: list[float]) -> None:
    mood = Mood()
    for score in scores:
        mood = after(mood, score)
        assert -1 <= mood.value <= 1


def test_a_bad_mood_decays() -> None:
    mood = after(after(Mood(), -1), -1)
    calmer = mood
    for _ in range(5):
        calmer = after(calmer, 0)
    assert mood.value < -0.5 < calmer.value < 0


def test_a_mood_that_sinks_bit_by_bit_asks_for_a_human_too() -> None:
    mood = Mood()
    for _ in range(5):
        assert not mood.asks_for_human
        mood = after(mood, -0.59)
    assert mood.asks_for_human
    assert not after(mood, 0.2).asks_for_human


def test_fury_after_a_pause_is_no_row_and_the_mood_has_faded() -> None:
    furious = after(Mood(), -0.9)
    assert not after(furious, -0.9, pause=timedelta(hours=2)).asks_for_human
    assert after(furious, -0.9, pause=timedelta(minutes=5)).asks_for_human
    assert after(Mood(-0.8), 0.0, pause=timedelta(minutes=30)).value == pytest.approx(-0.8 / 2 * 0.65)


@pytest.mark.parametrize(
    ("scores", "heading"),
    [
        ([], "steady"),
        ([-0.9, -0.9], "steady"),
        ([0.1, 0.0, -0.5, -0.7], "falling"),
        ([-0.8, -0.6, 0.1, 0.4], "rising"),
        ([0.1, 0.0, -0.1, 0.1], "steady"),
        ([-0.9, -0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1], "steady"),
    ],
)
def test_a_trend_compares_the_last_messages_with_those_before(scores: list[float], heading: str) -> None:
    assert trend(scores) == heading


def test_one_message_of_the_bot_becomes_one_reply() -> None:
    reply = to_reply({"text": " Hi ", "buttons": [{"title": "Yes", "payload": "/affirm"}]})
    assert (reply.text, reply.choices[0].payload) == ("Hi", "/affirm")


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"text": None},
        {"text": 5},
        {"custom": "x"},
        {"custom": {"cards": 3}},
        {"buttons": [{"title": "no payload"}]},
    ],
)
def test_what_holds_nothing_to_show_is_empty(raw: dict[str, object]) -> None:
    assert is_empty(to_reply(raw))


def test_a_handoff_is_read_apart_from_the_text() -> None:
    raw = {"text": "One moment", "custom": {"handoff": {"reason": "asked", "summary": "wants a refund"}}}
    asked = to_handoff(raw)
    assert asked is not None
    assert (asked.reason, asked.summary) == ("asked", "wants a refund")
    assert to_handoff({"text": "One moment"}) is None
    assert to_handoff({"custom": {"handoff": None}}) is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("203.0.113.1", "198.51.100.1", 0, "203.0.113.1"),
        ("10.0.0.1", "198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", 2, "198.51.100.1"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "not an address", 1, "unknown"),
        (None, "", 0, "unknown"),
        ("2001:db8:1:2:3::4", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.1", "", 0, "203.0.113.1"),
    ],
)
def test_the_address_is_seen_through_trusted_proxies_only(
    peer: str | None, forwarded: str, proxies: int, expected: str
) -> None:
    assert client_address(peer, {"x-forwarded-for": forwarded}, trusted_proxies=proxies) == expected


def test_a_client_hash_needs_the_secret_and_tells_clients_apart() -> None:
    one = ClientHash("a secret of one installation")
    assert one("203.0.113.1") == one("203.0.113.1") != one("203.0.113.2")
    assert one("203.0.113.1") != ClientHash("a secret of another installation")("203.0.113.1")
