"""Ordering what a quote offers: an address, a clear yes, and an order at the quote's prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from actions.support import fields
from actions.support.base import ShopAction, WritingAction
from actions.support.form import Answer, Ask, FormValidator, clear_form
from actions.support.quote_text import quote_table
from actions.support.quoted import INTENT, ORDER_FORM, start_order
from actions.support.reply import Event, Reply, button, enter, money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Form, UseCase
from crm.database import UnitOfWork
from crm.errors import CrmError, InvalidInput, NotFound, OutOfStock, WrongStatus
from crm.services import catalogue, quotes
from crm.views import OrderView
from parley.bootstrap import ActionsContext

YES = re.compile(r"\b(order it|place (it|the order)|go ahead|do it|confirm)\b", re.IGNORECASE)


class ValidateQuoteOrderForm(FormValidator):
    """Reads the delivery address and the yes."""

    form = ORDER_FORM
    own_intent = INTENT
    why: ClassVar[Mapping[str, str]] = {
        "delivery_address": "So that the courier knows where to bring it.",
        "quote_confirm": "Because nothing is ordered without a clear yes.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        asked = turn.requested_slot
        clear = fields.is_clearly_address(turn.words) and not fields.is_question(turn.words)
        if clear and asked == "quote_confirm":
            return Answer({"delivery_address": fields.address(turn.words), "quote_confirm": None})
        yes = asked == "quote_confirm" and YES.search(turn.words) is not None
        if self.interrupts(turn, free_text=clear or yes):
            return None
        if asked == "delivery_address":
            if address := fields.address(turn.words):
                return Answer({"delivery_address": address})
            if fields.is_question(turn.words) or turn.intent == "thanks":
                return None
            return self.again(
                turn, "For the courier I need the street with its number, the postcode and the town."
            )
        if turn.intent == "affirm" or (yes and turn.intent != "deny"):
            return Answer({"quote_confirm": True})
        if turn.intent == "deny":
            return Answer({"quote_confirm": False})
        if turn.choice == "address":
            return Answer({"delivery_address": None, "quote_confirm": None})
        if fields.is_question(turn.words):
            return None
        return self.again(turn, "I need a clear yes or no. Nothing is ordered until you say so.")


class AskQuoteAddress(Ask):
    action = "action_ask_quote_order_form_delivery_address"
    text = "Where should it be delivered? Street and number, postcode and town, please."


class AskQuoteConfirm(ShopAction):
    """What would be ordered, at which prices, and where it goes."""

    action = "action_ask_quote_order_form_quote_confirm"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        async with context.database.read() as uow:
            number = str(turn.slot("quote_number"))
            quote = await quotes.latest_of_conversation(uow, turn.conversation_id, number=number)
        if quote is None or quote.status != "open":
            return start_order(quote, number)
        return say(
            f"I'd order quote {quote.number} now: {money(quote.total, quote.currency)} including VAT and delivery.\n"
            f"For: {quote.name}, {quote.email}\nTo: {turn.slot('delivery_address')}\n"
            f"You pay by invoice within {context.shop.payment_days} days. Shall I place the order?",
            button("Place the order", "affirm"),
            button("Another address", "inform", choice="address"),
            button("Not now", "deny"),
            custom={"table": quote_table(quote)},
        )


class AcceptQuote(WritingAction):
    """Orders the quote that was confirmed, exactly once."""

    action = "action_accept_quote"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        if turn.slot("quote_confirm") is False:
            return say(
                "All right, nothing is ordered. The quote stays as it is until its last day.",
                button("Show my quote", INTENT, said="show my quote"),
                events=clear_form("quote_confirm"),
            )
        if turn.slot("quote_confirm") is not True:
            return Reply()
        phone = turn.slot("contact_phone")
        order = await quotes.accept(
            uow,
            turn.conversation_id,
            str(turn.slot("quote_number")),
            phone=phone if isinstance(phone, str) else None,
            address=str(turn.slot("delivery_address")),
            cause=turn.message_id,
        )
        return say(
            _ordered(order),
            button("Track this order", "order_status", order_number=order.number),
            button("Find something else", "find_product", choice="keep_looking"),
            events=(*clear_form("quote_confirm", "quote_number"), *_placed(order)),
        )

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        cleared = clear_form("quote_confirm")
        if isinstance(error, OutOfStock):
            async with context.database.read() as uow:
                product = await catalogue.get(uow, error.sku)
            name = product.name if product else "one of the products"
            left = f"only {error.available} of the {name} {'is' if error.available == 1 else 'are'} left"
            return say(
                f"I'm sorry, {left} right now, so I haven't ordered anything. The quote stays open; a colleague can "
                "tell you when there are enough again.",
                button("Call me back", "callback"),
                button("Talk to a person", "human"),
                events=cleared,
            )
        if isinstance(error, WrongStatus | NotFound):
            async with context.database.read() as uow:
                number = str(turn.slot("quote_number"))
                quote = await quotes.latest_of_conversation(uow, turn.conversation_id, number=number)
            return start_order(quote, number).with_events(*cleared)
        if isinstance(error, InvalidInput):
            return say(
                f"I couldn't place the order: {error.fix}.",
                events=enter(ORDER_FORM, delivery_address=None, quote_confirm=None),
            )
        raise error


def _ordered(order: OrderView) -> str:
    due = f" by {order.payment_due:%-d %B %Y}" if order.payment_due else ""
    return (
        f"Thank you, {fields.first_name(order.name)}! The quote is ordered; your order number is {order.number}. "
        f"The total is {money(order.total, order.currency)}; the invoice goes to {order.email}, please pay it{due}."
    )


def _placed(order: OrderView) -> tuple[Event, ...]:
    return set_slots(last_order={"number": order.number, "email": order.email})


USE_CASE = UseCase(
    forms={
        ORDER_FORM: Form(
            "OK, nothing was ordered. The quote stays as it is until its last day.",
            "ordering from a quote",
            ("quote_confirm",),
            button("Show my quote", INTENT, said="show my quote"),
        )
    },
)
