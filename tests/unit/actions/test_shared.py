"""Yes, no, bare information, stop, start over, and the way out of not understanding."""

from __future__ import annotations

import pytest

from actions.cart import AddToCart, ShowCart
from actions.fallback import Fallback
from actions.faq import AnswerFaq
from actions.find import SearchProducts
from actions.product import ProductPrice
from actions.shared import Affirm, Deny, Inform, StartOver, Stop
from crm.services import carts
from tests.unit.actions.conftest import Chat


async def searched(chat: Chat) -> None:
    await chat.do(
        SearchProducts(),
        "a laptop up to 1500",
        intent="find_product",
        entities=[
            {"entity": "category", "value": "laptops"},
            {"entity": "price", "value": "1500", "role": "max"},
        ],
    )


async def test_yes_to_the_offer_to_check_out_starts_the_form(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[{"entity": "product", "value": "LAP-0003"}])
    assert (await chat.do(Affirm(), "yes", intent="affirm")).loop == "checkout_form"


async def test_yes_to_nothing_asks_what_next(chat: Chat) -> None:
    said = await chat.do(Affirm(), "yes", intent="affirm")
    assert said.loop == "unchanged"
    assert "next" in said.text


async def test_an_offer_is_good_for_one_message(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[{"entity": "product", "value": "LAP-0003"}])
    await chat.do(AnswerFaq(), "how much is delivery?", intent="faq")
    assert (await chat.do(Affirm(), "yes", intent="affirm")).loop == "unchanged"


async def test_yes_to_the_offer_of_a_person_fetches_one(chat: Chat) -> None:
    chat.slots["offer"] = {"kind": "human"}
    assert (await chat.do(Affirm(), "yes please", intent="affirm")).messages[0]["custom"]["handoff"]


async def test_no_to_what_was_shown_asks_what_should_be_different(chat: Chat) -> None:
    await searched(chat)
    assert "Cheaper" in (await chat.do(Deny(), "no", intent="deny")).titles


async def test_a_bare_number_is_a_new_budget(chat: Chat) -> None:
    await searched(chat)
    said = await chat.do(Inform(), "1100", entities=[{"entity": "price", "value": "1100"}])
    assert said.cards
    assert all(float(card["price"]) <= 1100 for card in said.cards)


async def test_a_bare_brand_narrows_the_search(chat: Chat) -> None:
    await searched(chat)
    said = await chat.do(Inform(), "Okaru", entities=[{"entity": "brand", "value": "Okaru"}])
    assert {card["title"].split()[0] for card in said.cards} == {"Okaru"}


async def test_a_bare_order_number_asks_for_the_address(chat: Chat) -> None:
    said = await chat.do(
        Inform(), "PL-1234-5674", entities=[{"entity": "order_number", "value": "PL-1234-5674"}]
    )
    assert said.loop == "order_status_form"
    assert said.slots["order_number"] == "PL-1234-5674"


async def test_a_bare_address_asks_what_it_is_for(chat: Chat) -> None:
    said = await chat.do(
        Inform(), "anna@example.org", entities=[{"entity": "email", "value": "anna@example.org"}]
    )
    assert {"Track an order", "Call me back"} < set(said.titles)


async def test_stop_leaves_the_form_and_keeps_the_cart(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[{"entity": "product", "value": "LAP-0003"}])
    chat.loop = "checkout_form"
    said = await chat.do(Stop(), "stop", intent="stop")
    assert said.loop is None
    assert "nothing was ordered" in said.text
    async with chat.context.database.read() as uow:
        assert (await carts.view(uow, chat.id)).item_count == 1


async def test_stop_with_nothing_going_on_is_no_dead_end(chat: Chat) -> None:
    assert (await chat.do(Stop(), "stop", intent="stop")).titles


async def test_starting_over_forgets_the_search_and_keeps_the_cart(chat: Chat) -> None:
    await searched(chat)
    await chat.do(AddToCart(), "add it", entities=[{"entity": "product", "value": "LAP-0003"}])
    said = await chat.do(StartOver(), "start over", intent="start_over")
    assert "Empty my cart" in said.titles
    assert chat.slots["need"] is None


async def test_the_faq_is_answered_in_the_shops_words(chat: Chat) -> None:
    assert "4.90" in (await chat.do(AnswerFaq(), "How much is delivery?", intent="faq")).text


async def test_what_the_faq_does_not_know_is_not_guessed(chat: Chat) -> None:
    said = await chat.do(AnswerFaq(), "zzz qqq xxx", intent="faq")
    assert "Talk to a person" in said.titles


@pytest.mark.parametrize("text", ["🦄🌵", "???", "...", ""])
async def test_signs_alone_get_a_friendly_sentence(chat: Chat, text: str) -> None:
    assert "words" in (await chat.do(Fallback(), text, intent="nlu_fallback")).text


async def test_the_two_likeliest_readings_are_offered(chat: Chat) -> None:
    ranking = [("nlu_fallback", 0.4), ("show_cart", 0.35), ("checkout", 0.3), ("greet", 0.01)]
    said = await chat.do(Fallback(), "basketish thing", intent="nlu_fallback", ranking=ranking)
    assert said.titles[:2] == ["Show my cart", "Check out"]


async def test_far_fetched_readings_are_not_offered(chat: Chat) -> None:
    said = await chat.do(Fallback(), "basketish thing", intent="nlu_fallback", ranking=[("checkout", 0.02)])
    assert "Check out" not in said.titles


async def test_the_third_miss_in_a_row_offers_a_person(chat: Chat) -> None:
    for _ in range(2):
        assert "fetch a person" not in (await chat.do(Fallback(), "flurbel", intent="nlu_fallback")).text
    assert "fetch a person" in (await chat.do(Fallback(), "flurbel", intent="nlu_fallback")).text


async def test_an_answer_in_between_starts_the_count_again(chat: Chat) -> None:
    for _ in range(2):
        await chat.do(Fallback(), "flurbel", intent="nlu_fallback")
    await chat.do(AnswerFaq(), "How much is delivery?", intent="faq")
    assert "fetch a person" not in (await chat.do(Fallback(), "flurbel", intent="nlu_fallback")).text


async def test_a_greeting_in_between_starts_the_count_again(chat: Chat) -> None:
    for _ in range(2):
        await chat.do(Fallback(), "flurbel", intent="nlu_fallback")
    chat.before = [{"event": "action", "name": "utter_greet"}, {"event": "action", "name": "action_listen"}]
    assert "fetch a person" not in (await chat.do(Fallback(), "flurbel", intent="nlu_fallback")).text


async def test_cheaper_is_a_wish_whatever_the_classifier_takes_it_for(chat: Chat) -> None:
    await searched(chat)
    assert (await chat.do(ProductPrice(), "cheeper!!", intent="product_price", confidence=0.5)).cards


async def test_a_question_about_the_shop_is_answered_whatever_the_classifier_takes_it_for(chat: Chat) -> None:
    assert (
        "4.90"
        in (await chat.do(ShowCart(), "how much is delivery?", intent="show_cart", confidence=0.5)).text
    )


async def test_a_sure_reading_stands(chat: Chat) -> None:
    assert (
        "empty"
        in (await chat.do(ShowCart(), "how much is delivery?", intent="show_cart", confidence=0.95)).text
    )


@pytest.mark.parametrize(
    ("text", "asked_for"),
    [("Check out", "empty"), ("show my cart!", "empty"), ("talk to a person", "person")],
)
async def test_what_stands_on_a_button_can_be_typed(chat: Chat, text: str, asked_for: str) -> None:
    assert asked_for in (await chat.do(Fallback(), text, intent="nlu_fallback")).text
