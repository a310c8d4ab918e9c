"""The bot's first reply after a person helped."""

from __future__ import annotations

from actions.find import SearchProducts
from actions.human import RequestHuman
from actions.product import ProductPrice
from tests.unit.actions.conftest import Chat


async def test_the_first_reply_says_once_that_the_bot_is_back(chat: Chat) -> None:
    chat.slots |= {"human_helped": True, "human_note": "Refund is under way.", "focus": "LAP-0001"}
    first = await chat.do(ProductPrice(), "how much is it?")
    assert first.text.startswith("I'm back, and my colleague")
    assert "€1,199.00" in first.text
    assert "Refund" not in first.text
    second = await chat.do(ProductPrice(), "how much is it?")
    assert "back" not in second.text


async def test_without_a_note_the_bot_does_not_claim_to_know_more(chat: Chat) -> None:
    chat.slots |= {"human_helped": True, "focus": "LAP-0001"}
    said = await chat.do(ProductPrice(), "how much is it?")
    assert said.text.startswith("I'm back; I hope")


async def test_a_reply_without_words_leaves_the_sentence_to_the_next(chat: Chat) -> None:
    chat.slots["human_helped"] = True
    said = await chat.do(SearchProducts(), "I want to buy something", intent="find_product")
    assert said.loop == "search_form"
    assert chat.slots["human_helped"]


async def test_once_a_response_has_answered_the_sentence_is_dropped(chat: Chat) -> None:
    chat.slots |= {"human_helped": True, "focus": "LAP-0001"}
    chat.before = [
        {"event": "slot", "name": "human_helped", "value": True},
        {"event": "user"},
        {"event": "bot"},
    ]
    said = await chat.do(ProductPrice(), "how much is it?")
    assert "back" not in said.text
    assert chat.slots["human_helped"] is None


async def test_the_note_is_in_the_next_summary_and_then_forgotten(chat: Chat) -> None:
    chat.slots["human_note"] = "Refund is under way."
    said = await chat.do(RequestHuman(), "a person please", intent="human")
    assert "“Refund is under way”." in said.messages[0]["custom"]["handoff"]["summary"]
    assert "Refund" not in said.text
    assert chat.slots["human_note"] is None
