"""Discounts, quantities, quotes and appointments, by the shop's rules and the database's last word."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actions.ask_discount import AnswerDiscount
from actions.book_appointment import (
    AskAppointmentConsent,
    AskAppointmentTime,
    BookAppointment,
    StartAppointment,
    ValidateAppointmentForm,
)
from actions.bulk_purchase import AnswerBulk
from actions.quote_order import AcceptQuote, AskQuoteConfirm, ValidateQuoteOrderForm
from actions.request_quote import AskQuoteLines, MakeQuote, StartQuote, ValidateQuoteForm
from actions.shared import Affirm, Deny
from actions.support.quantities import pieces
from actions.support.turn import Entity, Turn
from crm.policy import ShopPolicy
from crm.sales_views import AppointmentView, QuoteView
from crm.selling import Opening, Promotion, QuantityTier, SellingRules
from crm.services import appointments, carts, conversations, quotes
from parley.bootstrap import ActionsContext
from tests.unit.actions.conftest import Chat, Said, change_product, recommending

NOW = datetime(2026, 11, 25, 12, 20, tzinfo=UTC)  # a Wednesday, 13:20 in Strasbourg
PARIS = ZoneInfo("Europe/Paris")
RULES = SellingRules(
    tiers=(QuantityTier(5, Decimal(3)), QuantityTier(11, Decimal(5)), QuantityTier(100, None)),
    promotions=(Promotion("In May every tablet is €20 off.", date(2026, 5, 1), date(2026, 5, 31)),),
    opening=Opening(week=(*(((time(9), time(18)),),) * 5, (), ()), zone=PARIS),
)


def shop_with(context: ActionsContext, selling: SellingRules) -> None:
    context.shop = ShopPolicy(selling=selling)
    context.database.policy = context.shop
    context.clock = context.database._clock = lambda: NOW


@pytest.fixture
async def context(context: ActionsContext) -> ActionsContext:
    await recommending(context)
    shop_with(context, RULES)
    return context


def named(*skus: str) -> list[dict[str, Any]]:
    return [{"entity": "product", "value": sku} for sku in skus]


def many(number: int, start: int = 0) -> dict[str, Any]:
    return {"entity": "quantity", "value": number, "start": start, "end": start + len(str(number))}


def choice(value: str) -> list[dict[str, Any]]:
    return [{"entity": "choice", "value": value}]


async def fill(context: ActionsContext, chat: Chat, sku: str, quantity: int) -> None:
    async with context.database.write() as uow:
        await carts.add(uow, chat.id, sku, quantity)
        await uow.commit()


async def quote_of(context: ActionsContext, chat: Chat) -> QuoteView | None:
    async with context.database.read() as uow:
        return await quotes.latest_of_conversation(uow, chat.id)


async def appointment_of(context: ActionsContext, chat: Chat) -> AppointmentView | None:
    async with context.database.read() as uow:
        return await appointments.of_conversation(uow, chat.id)


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


# Appointments


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


async def booked_by(
    context: ActionsContext, chat: Chat, start: datetime, cause: str = "b"
) -> AppointmentView:
    async with context.database.write() as uow:
        made = await appointments.book(
            uow, chat.id, start, name="Dana", email="dana@example.com", phone=None, topic="", consent="Yes?",
            cause=cause,
        )  # fmt: skip
        await uow.commit()
    return made


async def test_a_free_time_is_taken_as_said(chat: Chat) -> None:
    said = await chat.do(StartAppointment(), "can I come by next tuesday at 3?", intent="book_appointment")
    assert said.loop == "appointment_form"
    assert said.slots["appointment_time"] == at(1, 15).isoformat()
    assert said.messages == []


async def test_a_day_gives_its_times_and_an_hour_then_means_that_day(chat: Chat) -> None:
    said = await chat.do(
        StartAppointment(), "an appointment on friday the 4th afternoon", intent="book_appointment"
    )
    assert "On Friday, 4 December these times are free" in said.text
    assert said.titles[0] == "Fri 4 Dec, 12:00"
    quiet = await chat.do(AskAppointmentTime(), "an appointment on friday the 4th afternoon", repeat=True)
    assert quiet.messages == []
    chat.slots["requested_slot"] = "appointment_time"
    answered = await chat.do(ValidateAppointmentForm(), "at half past three")
    assert answered.slots["appointment_time"] == at(4, 15, 30).isoformat()


async def test_a_pressed_time_is_taken(chat: Chat) -> None:
    chat.loop = "appointment_form"
    chat.slots["requested_slot"] = "appointment_time"
    said = await chat.do(
        ValidateAppointmentForm(),
        "/book_appointment",
        intent="book_appointment",
        entities=choice("2026-12-04 10:30"),
    )
    assert said.slots["appointment_time"] == at(4, 10, 30).isoformat()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("on sunday at 3", "On Sunday, 29 November we're closed"),
        ("on tuesday at 20:00", "I can't offer 20:00"),
        ("tuesday at 10:10", "I can't offer 10:10"),
        ("at 3", "On which day"),
        ("24.11.2026 at 10", "that day is over"),
    ],
)
async def test_a_time_that_isnt_offered_brings_those_near_it(chat: Chat, text: str, told: str) -> None:
    said = await chat.do(StartAppointment(), f"an appointment {text}", intent="book_appointment")
    assert told in said.text
    assert said.titles
    assert said.slots["appointment_time"] is None


async def test_a_taken_time_brings_those_near_it(chat: Chat, context: ActionsContext) -> None:
    async with context.database.write() as uow:
        other = Chat(await conversations.start(uow, channel="web"), context)
        await uow.commit()
    await booked_by(context, other, at(1, 15))
    said = await chat.do(StartAppointment(), "tuesday at 15:00", intent="book_appointment")
    assert "15:00 isn't free" in said.text
    assert "Tue 1 Dec, 14:30" in said.titles
    assert "Tue 1 Dec, 15:00" not in said.titles


async def test_booked_only_with_a_yes_to_storing_the_details(chat: Chat, context: ActionsContext) -> None:
    chat.slots |= {
        "appointment_time": at(1, 15).isoformat(), "contact_name": "Dana Fischer",
        "contact_phone": "+33353012014", "appointment_reach": "phone", "focus": "LAP-0003",
    }  # fmt: skip
    asked = await chat.do(AskAppointmentConsent(), "+33 3 53 01 20 14")
    assert "Tuesday, 1 December at 15:00, for Dana Fischer, +33 3 53 01 20 14" in asked.text
    chat.slots["appointment_consent"] = False
    refused = await chat.do(BookAppointment(), "no")
    assert "nothing is booked" in refused.text
    assert await appointment_of(context, chat) is None
    chat.slots |= {
        "appointment_time": at(1, 15).isoformat(), "contact_name": "Dana Fischer",
        "contact_phone": "+33353012014", "appointment_consent": True,
    }  # fmt: skip
    said = await chat.do(BookAppointment(), "yes")
    assert "Booked, Dana: Tuesday, 1 December at 15:00" in said.text
    booked = await appointment_of(context, chat)
    assert booked is not None
    assert booked.topic.endswith("Talked about last: Okaru Hana 13.")


async def test_who_comes_second_is_told_and_offered_the_next_times(
    chat: Chat, context: ActionsContext
) -> None:
    async with context.database.write() as uow:
        other = Chat(await conversations.start(uow, channel="web"), context)
        await uow.commit()
    await booked_by(context, other, at(1, 15))
    chat.slots |= {
        "appointment_time": at(1, 15).isoformat(), "contact_name": "Tom", "contact_email": "tom@example.com",
        "appointment_consent": True,
    }  # fmt: skip
    said = await chat.do(BookAppointment(), "yes")
    assert "somebody has just taken that time" in said.text
    assert said.titles[0] == "Tue 1 Dec, 15:30"
    assert said.loop == "appointment_form"
    assert await appointment_of(context, chat) is None


async def test_an_appointment_is_told_moved_and_cancelled_after_a_yes(
    chat: Chat, context: ActionsContext
) -> None:
    await booked_by(context, chat, at(1, 15))
    told = await chat.do(StartAppointment(), "when's my appointment?", intent="book_appointment")
    assert "Tuesday, 1 December at 15:00" in told.text
    moving = await chat.do(
        StartAppointment(), "move it to thursday next week at 10", intent="book_appointment"
    )
    assert moving.slots["appointment_time"] == at(3, 10).isoformat()
    moved = await chat.do(BookAppointment(), "move it to thursday next week at 10")
    assert "on Thursday, 3 December at 10:00 now" in moved.text
    sure = await chat.do(StartAppointment(), "I have to cancel my appointment", intent="book_appointment")
    assert "Shall I cancel your appointment on Thursday, 3 December" in sure.text
    assert await appointment_of(context, chat) is not None
    kept = await chat.do(Deny(), "no", intent="deny")
    assert "stays as it is" in kept.text
    await chat.do(StartAppointment(), "cancel my appointment", intent="book_appointment")
    gone = await chat.do(Affirm(), "yes", intent="affirm")
    assert "is cancelled" in gone.text
    assert await appointment_of(context, chat) is None
    again = await chat.do(StartAppointment(), "/book_appointment", entities=choice("cancel"))
    assert "no appointment any more" in again.text


async def test_a_shop_without_hours_gives_no_appointments(chat: Chat, context: ActionsContext) -> None:
    shop_with(context, SellingRules())
    said = await chat.do(StartAppointment(), "book a demo", intent="book_appointment")
    assert said.titles == ["Call me back", "Talk to a person"]
    assert said.loop == "unchanged"
