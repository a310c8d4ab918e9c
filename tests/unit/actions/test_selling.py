"""Discounts, quantities and quotes, by the shop's rules and the database's last word."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from actions.ask_discount import AnswerDiscount
from actions.bulk_purchase import AnswerBulk
from actions.quote_order import AcceptQuote, AskQuoteConfirm, ValidateQuoteOrderForm
from actions.request_quote import AskQuoteLines, MakeQuote, StartQuote, ValidateQuoteForm
from actions.shared import Affirm, Deny
from actions.support.quantities import pieces
from actions.support.turn import Entity, Turn
from crm.sales_views import QuoteView
from crm.selling import Promotion, SellingRules
from crm.services import carts, conversations, quotes
from parley.bootstrap import ActionsContext
from tests.unit.actions.conftest import Chat, Said, change_product, recommending
from tests.unit.actions.selling import RULES, shop_with


@pytest.fixture
async def context(context: ActionsContext) -> ActionsContext:
    await recommending(context)
    shop_with(context, RULES)
    return context


def named(*skus: str) -> list[dict[str, Any]]:
    return [{"entity": "product", "value": sku} for sku in skus]


def many(number: int, start: int = 0) -> dict[str, Any]:
    return {"entity": "quantity", "value": number, "start": start, "end": start + len(str(number))}


async def fill(context: ActionsContext, chat: Chat, sku: str, quantity: int) -> None:
    async with context.database.write() as uow:
        await carts.add(uow, chat.id, sku, quantity)
        await uow.commit()


async def quote_of(context: ActionsContext, chat: Chat) -> QuoteView | None:
    async with context.database.read() as uow:
        return await quotes.latest_of_conversation(uow, chat.id)


# Discounts


async def test_without_a_promotion_the_truth_and_what_is_real_are_told(chat: Chat) -> None:
    said = await chat.do(AnswerDiscount(), "any sales on right now?", intent="ask_discount")
    assert "In May" not in said.text
    assert "From €75.00 on, delivery is free." in said.text
    assert "3 % off from 5 pieces of one product and 5 % from 11" in said.text
    assert "Prices for many pieces" in said.titles


async def test_a_promotion_is_told_while_it_runs(chat: Chat, context: ActionsContext) -> None:
    running = Promotion("Until Sunday every tablet is €20 off.", date(2026, 11, 25), date(2026, 11, 29))
    shop_with(context, SellingRules(promotions=(running,)))
    said = await chat.do(AnswerDiscount(), "any sales on right now?", intent="ask_discount")
    assert said.text.startswith("Until Sunday every tablet is €20 off.")


async def test_what_is_missing_to_free_delivery_is_told_to_the_cent(
    chat: Chat, context: ActionsContext
) -> None:
    await fill(context, chat, "HEA-0002", 1)
    said = await chat.do(AnswerDiscount(), "discount?", intent="ask_discount")
    assert "With €16.00 more in your cart, delivery is free." in said.text


async def test_haggling_changes_no_price_and_leads_to_something_cheaper_where_there_is_something(
    chat: Chat,
) -> None:
    said = await chat.do(AnswerDiscount(), "how about 900 for it?", entities=named("LAP-0003"))
    assert "can't change a price" in said.text
    assert "Something like it, cheaper" in said.titles
    cheapest = await chat.do(AnswerDiscount(), "how about 200 for it?", entities=named("LAP-0005"))
    assert "Something like it, cheaper" not in cheapest.titles


# Quantities


async def test_many_pieces_have_a_price_with_and_without_vat_and_lead_to_a_quote(chat: Chat) -> None:
    said = await chat.do(AnswerBulk(), "what do 12 cost?", entities=[*named("LAP-0003"), many(12)])
    assert "12 × Okaru Hana 13: €949.05 each, instead of €999.00" in said.text
    assert "€11,388.60 together, €9,490.50 without VAT" in said.text
    assert "Delivery is free." in said.text
    assert said.titles[0] == "Make it a quote"


async def test_too_little_stock_is_said_with_the_price(chat: Chat) -> None:
    said = await chat.do(AnswerBulk(), "30 of them", entities=[*named("LAP-0003"), many(30)])
    assert "Right now we have 12 of the Okaru Hana 13 in stock." in said.text


async def test_so_many_that_a_person_makes_the_offer(chat: Chat) -> None:
    said = await chat.do(AnswerBulk(), "120 of them", entities=[*named("LAP-0003"), many(120)])
    assert "From 100 pieces on a colleague makes you an offer" in said.text
    assert said.slots["offer"] == {"kind": "callback"}
    assert "€" not in said.text


async def test_without_a_number_the_steps_are_shown(chat: Chat) -> None:
    said = await chat.do(AnswerBulk(), "quantity discount?", entities=named("LAP-0003"))
    table = said.messages[0]["custom"]["table"]
    assert [row["label"] for row in table["rows"]] == ["one", "from 5", "from 11"]
    assert table["rows"][1]["cells"] == ["€969.03", "€807.52"]


async def test_a_kind_of_product_brings_products_and_keeps_the_number(chat: Chat) -> None:
    entities = [many(25, 8), {"entity": "category", "value": "laptops", "start": 11, "end": 18}]
    said = await chat.do(AnswerBulk(), "we need 25 laptops", intent="bulk_purchase", entities=entities)
    assert len(said.cards) == 3
    assert said.slots["bulk_quantity"] == 25


async def test_a_shop_without_rules_says_that_numbers_change_nothing(
    chat: Chat, context: ActionsContext
) -> None:
    shop_with(context, SellingRules())
    said = await chat.do(AnswerBulk(), "bulk prices?", intent="bulk_purchase")
    assert "one costs the same" in said.text


@pytest.mark.parametrize(
    ("text", "entities", "number"),
    [
        ("we have 60 employees", (), 60),
        ("about 1,500 of those", (), 1500),
        ("the Fjell 13", (Entity("product", "LAP-0001", start=4, end=12),), None),
        ("under 500 each", (Entity("price", 500, "max", 6, 9),), None),
        ("ten thousand", (), 10_000),
        ("some laptops", (), None),
    ],
)
def test_how_many_is_read_past_names_and_prices(
    text: str, entities: tuple[Entity, ...], number: int | None
) -> None:
    assert pieces(Turn("c", "m", text=text, entities=entities)) == number


# Quotes


async def made_quote(chat: Chat, quantity: int = 6) -> Said:
    await chat.do(StartQuote(), f"a quote for {quantity}", entities=[*named("LAP-0003"), many(quantity)])
    chat.slots |= {
        "contact_name": "Dana Fischer",
        "contact_email": "dana@example.com",
        "quote_company": "Fischer & Co",
    }
    chat.loop = None
    return await chat.do(MakeQuote(), "Fischer & Co")


async def test_a_quote_begins_with_what_was_said(chat: Chat) -> None:
    said = await chat.do(StartQuote(), "quote for 6 of them", entities=[*named("LAP-0003"), many(6)])
    assert (said.loop, said.slots["quote_lines"]) == ("quote_form", [["LAP-0003", 6]])


async def test_a_quote_for_two_products_takes_each_number(chat: Chat) -> None:
    text = "offer for 5 Fjell 13 and 2 Hana 13"
    entities = [
        many(5, 10), {"entity": "product", "value": "LAP-0001", "start": 12, "end": 20},
        many(2, 25), {"entity": "product", "value": "LAP-0003", "start": 27, "end": 34},
    ]  # fmt: skip
    said = await chat.do(StartQuote(), text, entities=entities)
    assert said.slots["quote_lines"] == [["LAP-0001", 5], ["LAP-0003", 2]]


async def test_the_cart_becomes_a_quote(chat: Chat, context: ActionsContext) -> None:
    await fill(context, chat, "HEA-0001", 5)
    chat.slots["focus"] = "LAP-0001"
    said = await chat.do(StartQuote(), "put my cart into a quote", intent="request_quote")
    assert said.slots["quote_lines"] == [["HEA-0001", 5]]


async def test_the_number_asked_about_before_is_used(chat: Chat) -> None:
    chat.slots |= {"bulk_quantity": 25, "shown": ["LAP-0001", "LAP-0003"]}
    said = await chat.do(
        StartQuote(), "a quote for the second one", entities=[{"entity": "ordinal", "value": 2}]
    )
    assert said.slots["quote_lines"] == [["LAP-0003", 25]]


async def test_a_missing_number_is_asked_for_and_then_taken(chat: Chat) -> None:
    started = await chat.do(StartQuote(), "a quote for the Hana", entities=named("LAP-0003"))
    assert started.slots["quote_lines"] is None
    chat.slots["requested_slot"] = "quote_lines"
    asked = await chat.do(AskQuoteLines(), "a quote for the Hana")
    assert "How many of the Okaru Hana 13" in asked.text
    answered = await chat.do(ValidateQuoteForm(), "8", entities=[many(8)])
    assert answered.slots["quote_lines"] == [["LAP-0003", 8]]


@pytest.mark.parametrize(
    ("text", "intent", "company"),
    [
        ("Fischer & Co", "inform", "Fischer & Co"),
        ("it's for Hofer GmbH.", "inform", "Hofer GmbH"),
        ("no, I'm a private person", "deny", False),
        ("just me", "nlu_fallback", False),
        ("skip", "stop", False),
    ],
)
async def test_a_company_or_none(chat: Chat, text: str, intent: str, company: str | bool) -> None:
    chat.loop = "quote_form"
    chat.slots["requested_slot"] = "quote_company"
    said = await chat.do(ValidateQuoteForm(), text, intent=intent, confidence=0.5)
    assert said.slots["quote_company"] == company


async def test_a_wrong_email_is_asked_for_again_and_a_question_interrupts(chat: Chat) -> None:
    chat.loop = "quote_form"
    chat.slots["requested_slot"] = "contact_email"
    again = await chat.do(ValidateQuoteForm(), "dana at home")
    assert "e-mail address like" in again.text
    other = await chat.do(ValidateQuoteForm(), "how much is delivery?", intent="faq")
    assert other.rejected


async def test_the_quote_is_shown_as_it_is_in_the_crm(chat: Chat, context: ActionsContext) -> None:
    said = await made_quote(chat)
    quote = await quote_of(context, chat)
    assert quote is not None
    assert f"Quote {quote.number} for Dana Fischer, Fischer & Co: €5,814.18 including VAT" in said.text
    assert "until 9 December 2026" in said.text
    assert "€179.82 less" in said.text
    rows = said.messages[0]["custom"]["table"]["rows"]
    assert rows[0] == {"label": "6 × Okaru Hana 13", "cells": ["€969.03", "€5,814.18"]}
    assert said.slots["offer"] == {"kind": "quote"}


async def test_a_repeated_message_makes_no_second_quote(chat: Chat, context: ActionsContext) -> None:
    first = await made_quote(chat)
    chat.slots |= {"quote_lines": [["LAP-0003", 6]], "quote_company": False}
    again = await chat.do(MakeQuote(), "Fischer & Co", repeat=True)
    assert again.text == first.text


async def accept(chat: Chat, text: str = "yes") -> Said:
    chat.slots |= {"delivery_address": "14 rue du Pluvier, 67000 Strasbourg", "quote_confirm": True}
    chat.loop = None
    return await chat.do(AcceptQuote(), text)


async def test_an_accepted_quote_is_ordered_at_its_price_whatever_the_shop_asks_now(
    chat: Chat, context: ActionsContext
) -> None:
    await made_quote(chat)
    await change_product(context, "LAP-0003", price="1499.00")
    started = await chat.do(Affirm(), "yes", intent="affirm")
    assert started.loop == "quote_order_form"
    chat.slots["delivery_address"] = "14 rue du Pluvier, 67000 Strasbourg"
    summary = await chat.do(AskQuoteConfirm(), "14 rue du Pluvier, 67000 Strasbourg")
    assert "€5,814.18 including VAT" in summary.text
    ordered = await accept(chat)
    quote = await quote_of(context, chat)
    assert quote is not None
    assert quote.order
    assert quote.order in ordered.text
    again = await chat.do(StartQuote(), "I accept the quote", intent="request_quote")
    assert f"You have ordered it: {quote.order}" in again.text


async def test_no_to_a_quote_keeps_it(chat: Chat, context: ActionsContext) -> None:
    await made_quote(chat)
    said = await chat.do(Deny(), "not now", intent="deny")
    assert "holds until its last day" in said.text
    chat.slots["quote_confirm"] = False
    refused = await chat.do(AcceptQuote(), "no")
    assert "nothing is ordered" in refused.text
    quote = await quote_of(context, chat)
    assert quote is not None
    assert quote.status == "open"


async def test_too_little_stock_orders_nothing_and_says_how_much_is_left(
    chat: Chat, context: ActionsContext
) -> None:
    await made_quote(chat)
    await change_product(context, "LAP-0003", stock=2)
    said = await accept(chat)
    assert "only 2 of the Okaru Hana 13 are left" in said.text
    quote = await quote_of(context, chat)
    assert quote is not None
    assert quote.status == "open"


async def test_accepting_where_there_is_no_quote_says_so(chat: Chat) -> None:
    said = await chat.do(StartQuote(), "I accept the quote QU-1234-5674", intent="request_quote")
    assert "no quote QU-1234-5674 in this chat" in said.text
    assert said.loop == "unchanged"


async def test_a_quote_is_shown_again_and_another_conversations_isnt(
    chat: Chat, context: ActionsContext
) -> None:
    await made_quote(chat)
    quote = await quote_of(context, chat)
    assert quote is not None
    said = await chat.do(StartQuote(), "is my quote still valid?", intent="request_quote")
    assert quote.number in said.text
    async with context.database.write() as uow:
        stranger = Chat(await conversations.start(uow, channel="web"), context)
        await uow.commit()
    other = await stranger.do(StartQuote(), f"i accept {quote.number}", intent="request_quote")
    assert "in this chat" in other.text
    assert "€" not in other.text


async def test_a_product_that_went_meanwhile_or_a_hundred_of_it_isnt_quoted(chat: Chat) -> None:
    said = await made_quote(chat, 200)
    assert "From 100 pieces on a colleague" in said.text
    assert said.slots["quote_lines"] is None


async def test_the_address_can_be_corrected_before_the_yes(chat: Chat) -> None:
    chat.loop = "quote_order_form"
    chat.slots |= {"requested_slot": "quote_confirm", "delivery_address": "1 rue X, 67000 Strasbourg"}
    said = await chat.do(ValidateQuoteOrderForm(), "deliver it to 9 Lange Gasse, 77694 Kehl", confidence=0.4)
    assert said.slots["delivery_address"] == "9 Lange Gasse, 77694 Kehl"
    assert said.slots["quote_confirm"] is None
