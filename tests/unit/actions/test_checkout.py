"""Checking out: answers, corrections, interruptions, changes of price, and one order."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import func, select

from actions.cart import AddToCart
from actions.checkout import AskCheckoutConfirm, PlaceOrder, StartCheckout, ValidateCheckoutForm
from crm.model.order import Order
from crm.services import catalogue
from parley.bootstrap import ActionsContext
from tests.unit.actions.conftest import Chat, Said, change_product

KNOWN: dict[str, Any] = {
    "contact_name": "Anna Lindqvist",
    "contact_email": "anna@example.org",
    "contact_phone": False,
    "delivery_address": "12 Rue des Lilas, 67000 Strasbourg",
}


async def orders(chat: Chat) -> int:
    async with chat.context.database.read() as uow:
        return int(await uow.session.scalar(select(func.count()).select_from(Order)) or 0)


async def stock(chat: Chat, sku: str) -> int:
    async with chat.context.database.read() as uow:
        found = await catalogue.get(uow, sku)
    assert found is not None
    return found.stock


@pytest.fixture
async def buyer(chat: Chat) -> Chat:
    """Somebody with one laptop in the cart who has begun to check out."""
    await chat.do(AddToCart(), "add it", entities=[{"entity": "product", "value": "LAP-0003"}])
    await chat.do(StartCheckout(), "checkout", intent="checkout")
    assert chat.loop == "checkout_form"
    return chat


async def asked(
    chat: Chat, slot: str, text: str, *, intent: str = "inform", confidence: float = 0.9, **slots: Any
) -> Said:
    """What the validator makes of a message while the form asks for `slot`."""
    chat.slots.update(slots | {"requested_slot": slot})
    return await chat.do(ValidateCheckoutForm(), text, intent=intent, confidence=confidence)


async def confirmed(chat: Chat) -> Chat:
    chat.slots.update(KNOWN | {"requested_slot": "checkout_confirm"})
    await chat.do(AskCheckoutConfirm(), "12 Rue des Lilas")
    await chat.do(ValidateCheckoutForm(), "yes", intent="affirm")
    assert chat.slots["checkout_confirm"] is True
    return chat


async def test_an_empty_cart_starts_no_checkout(chat: Chat) -> None:
    said = await chat.do(StartCheckout(), "checkout", intent="checkout")
    assert "empty" in said.text
    assert said.loop == "unchanged"


@pytest.mark.parametrize(
    ("slot", "text", "intent", "value"),
    [
        ("contact_name", "anna lindqvist", "nlu_fallback", "Anna Lindqvist"),
        ("contact_email", "it's anna@example.org", "inform", "anna@example.org"),
        ("contact_phone", "+49 30 23125014", "inform", "+493023125014"),
        ("contact_phone", "no thanks", "deny", False),
        ("contact_phone", "skip", "stop", False),
        (
            "delivery_address",
            "12 Rue des Lilas, 67000 Strasbourg",
            "find_product",
            "12 Rue des Lilas, 67000 Strasbourg",
        ),
        ("checkout_confirm", "yes please", "affirm", True),
        ("checkout_confirm", "looks good, place the order", "nlu_fallback", True),
        ("checkout_confirm", "place it", "nlu_fallback", True),
    ],
)
async def test_answers(buyer: Chat, slot: str, text: str, intent: str, value: object) -> None:
    assert (await asked(buyer, slot, text, intent=intent)).slots[slot] == value


@pytest.mark.parametrize(
    ("slot", "text", "why"),
    [
        ("contact_name", "42", "name"),
        ("contact_email", "anna@example", "complete"),
        ("contact_email", "banana", "e-mail address"),
        ("contact_phone", "0151 12", "number"),
        ("delivery_address", "Berlin", "street"),
    ],
)
async def test_what_is_no_answer_is_asked_again(buyer: Chat, slot: str, text: str, why: str) -> None:
    said = await asked(buyer, slot, text)
    assert said.slots[slot] is None
    assert why in said.text


async def test_who_is_asked_twice_is_shown_a_way_out(buyer: Chat) -> None:
    assert (await asked(buyer, "contact_email", "banana")).titles == []
    assert "Talk to a person" in (await asked(buyer, "contact_email", "banana!")).titles


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("how long is the warranty?", "faq"),
        ("what does the Okaru cost?", "product_price"),
        ("show my cart", "show_cart"),
        ("make it two", "change_quantity"),
        ("let me talk to a person", "human"),
        ("stop", "stop"),
    ],
)
@pytest.mark.parametrize(
    "slot", ["contact_name", "contact_email", "contact_phone", "delivery_address", "checkout_confirm"]
)
async def test_interruptions_are_left_to_their_own_rule(
    buyer: Chat, slot: str, text: str, intent: str
) -> None:
    assert (await asked(buyer, slot, text, intent=intent)).rejected


async def test_a_message_already_answered_is_no_answer_to_the_form(buyer: Chat) -> None:
    buyer.slots["requested_slot"] = "contact_name"
    tracker = buyer.tracker("Anna Lindqvist", "faq", [], 0.9, [])
    tracker.events += [{"event": "action", "name": "action_answer_faq"}]
    assert await ValidateCheckoutForm().run(CollectingDispatcher(), tracker, {}) == []


async def test_the_email_is_corrected_while_the_phone_is_asked(buyer: Chat) -> None:
    said = await asked(buyer, "contact_phone", "no, the e-mail is anna@example.net", intent="deny", **KNOWN)
    assert said.slots["contact_email"] == "anna@example.net"
    assert "contact_phone" not in said.slots


async def test_the_name_is_corrected_at_the_summary(buyer: Chat) -> None:
    said = await asked(buyer, "checkout_confirm", "no, my name is Anna Lind", intent="inform", **KNOWN)
    assert said.slots["contact_name"] == "Anna Lind"


async def test_the_address_is_asked_again_on_request(buyer: Chat) -> None:
    said = await asked(buyer, "checkout_confirm", "change the address", intent="nlu_fallback", **KNOWN)
    assert said.slots["delivery_address"] is None


@pytest.mark.parametrize("slot", ["contact_name", "contact_email", "contact_phone", "delivery_address"])
async def test_why_is_answered_and_the_question_comes_again(buyer: Chat, slot: str) -> None:
    said = await asked(buyer, slot, "why do you need that?", intent="nlu_fallback")
    assert said.slots[slot] is None
    assert said.text


async def test_a_product_that_is_a_phone_is_no_phone_number(buyer: Chat) -> None:
    buyer.slots.update(KNOWN | {"requested_slot": "checkout_confirm", "contact_phone": "+493023125014"})
    entities = [{"entity": "category", "value": "phones"}]
    said = await buyer.do(
        ValidateCheckoutForm(), "remove the phone instead", intent="remove_from_cart", entities=entities
    )
    assert said.rejected


async def test_a_place_on_the_map_is_kept_beside_the_address_that_a_parcel_needs(buyer: Chat) -> None:
    said = await asked(buyer, "delivery_address", "Map location 48.58315, 7.74788", intent="chitchat")
    assert "needs its address" in said.text
    assert said.slots["delivery_address"] is None
    await asked(buyer, "delivery_address", "12 Rue des Lilas, 67000 Strasbourg")
    assert buyer.slots["delivery_address"] == (
        "12 Rue des Lilas, 67000 Strasbourg (on the map: 48.58315, 7.74788)"
    )
    await asked(buyer, "delivery_address", "Lindenweg 2, 50667 Köln")
    assert buyer.slots["delivery_address"] == "Lindenweg 2, 50667 Köln"


async def test_a_place_that_is_shared_elsewhere_in_the_checkout_replaces_no_answer(buyer: Chat) -> None:
    await asked(buyer, "contact_name", "Map location 48.58315, 7.74788")
    assert buyer.slots["contact_name"] is None
    said = await asked(buyer, "checkout_confirm", "Map location -8.58315, 7.74788", **KNOWN)
    assert said.slots["delivery_address"] is None
    assert said.slots["delivery_place"] == "-8.58315, 7.74788"
    assert said.slots["checkout_confirm"] is None


async def test_another_address_at_the_summary(buyer: Chat) -> None:
    said = await asked(buyer, "checkout_confirm", "please deliver it to Lindenweg 2, 50667 Köln", **KNOWN)
    assert said.slots["delivery_address"] == "Lindenweg 2, 50667 Köln"


async def test_no_at_the_summary_asks_what_to_change(buyer: Chat) -> None:
    await asked(buyer, "checkout_confirm", "no", intent="deny", **KNOWN)
    said = await buyer.do(AskCheckoutConfirm(), "no", intent="deny", repeat=True)
    assert {"Name", "E-mail", "Address"} < set(said.titles)


async def test_the_summary_has_everything_that_is_agreed_to(buyer: Chat) -> None:
    buyer.slots.update(KNOWN)
    said = await buyer.do(AskCheckoutConfirm(), "12 Rue des Lilas, 67000 Strasbourg")
    for part in (
        "1 × Okaru Hana 13",
        "€999.00",
        "VAT",
        "Anna Lindqvist",
        "anna@example.org",
        "12 Rue des Lilas",
        "14 days",
    ):
        assert part in said.text


async def test_a_confirmed_order_is_placed_once(buyer: Chat) -> None:
    await confirmed(buyer)
    slots = dict(buyer.slots)
    first = await buyer.do(PlaceOrder(), "yes", intent="affirm", repeat=True)
    buyer.slots = slots
    again = await buyer.do(PlaceOrder(), "yes", intent="affirm", repeat=True)
    assert "PL-" in first.text
    assert again.messages == first.messages
    assert await orders(buyer) == 1
    assert await stock(buyer, "LAP-0003") == 11


async def test_without_a_confirmation_nothing_is_ordered(buyer: Chat) -> None:
    buyer.slots.update(KNOWN)
    said = await buyer.do(PlaceOrder(), "stop", intent="stop")
    assert said.messages == []
    assert await orders(buyer) == 0


async def test_a_changed_price_is_told_and_asked_again(buyer: Chat, context: ActionsContext) -> None:
    await confirmed(buyer)
    await change_product(context, "LAP-0003", price="1049")
    refused = await buyer.do(PlaceOrder(), "yes", intent="affirm", repeat=True)
    assert refused.messages == []
    assert refused.loop == "checkout_form"
    assert refused.slots["checkout_confirm"] is None
    told = await buyer.do(AskCheckoutConfirm(), "yes", intent="affirm", repeat=True)
    assert "€1,049.00 (it was €999.00)" in told.text
    assert await orders(buyer) == 0
    again = await buyer.do(AskCheckoutConfirm(), "yes", intent="affirm", repeat=True)
    assert again.text == told.text
    await confirmed(buyer)
    assert "€1,049.00" in (await buyer.do(PlaceOrder(), "yes", intent="affirm", repeat=True)).text


async def test_sold_out_before_the_confirmation_orders_nothing(buyer: Chat, context: ActionsContext) -> None:
    await confirmed(buyer)
    await change_product(context, "LAP-0003", stock=0)
    await buyer.do(PlaceOrder(), "yes", intent="affirm", repeat=True)
    said = await buyer.do(AskCheckoutConfirm(), "yes", intent="affirm", repeat=True)
    assert "sold out" in said.text
    assert await orders(buyer) == 0
