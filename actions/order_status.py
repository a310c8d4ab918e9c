"""Where is my order? Answered only for the order's number together with its e-mail address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from actions.support import fields
from actions.support.base import ShopAction, WritingAction
from actions.support.form import Answer, Ask, FormValidator, clear_form, unfinished_order
from actions.support.reply import Reply, button, enter, listed, money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Form, Reading, UseCase
from crm.database import UnitOfWork
from crm.errors import CrmError, InvalidInput, TooManyAttempts
from crm.services import orders
from crm.views import OrderView
from parley.bootstrap import ActionsContext

FORM = "order_status_form"
NUMBER = re.compile(r"\bpl\W?(\d{4})\W?(\d{4})\b", re.IGNORECASE)
DIGITS = re.compile(r"(?<!\d)(\d{4})[\s-]?(\d{4})(?!\d)")
NO_NUMBER = re.compile(
    r"\b(don.?t|do not|no|lost|can.?t|cannot|where do i)\b.*\b(have|find|know|number|it|remember)\b",
    re.IGNORECASE,
)


class StartOrderStatus(ShopAction):
    """Begin with what was said; right after an order in this chat nothing needs to be asked."""

    action = "action_start_order_status"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        number, email = order_number(turn), _email(turn)
        last = turn.slot("last_order")
        if isinstance(last, dict) and number in (None, last.get("number")) and email is None:
            number, email = last.get("number"), last.get("email")
        known: dict[str, Any] = {"order_number": number, "order_email": email}
        return Reply(events=enter(FORM, **known))


def order_number(turn: Turn) -> str | None:
    """The order number in the message in its canonical form, whether or not there is such an order."""
    said = turn.value("order_number")
    text = said if isinstance(said, str) else turn.words
    found = NUMBER.search(text) or (DIGITS.search(text) if "+" not in text else None)
    return f"PL-{found[1]}-{found[2]}" if found else None


def _email(turn: Turn) -> str | None:
    said = turn.value("email")
    return fields.email(said if isinstance(said, str) else turn.words)


class ValidateOrderStatusForm(FormValidator):
    """Reads number and e-mail address in any order, also both at once."""

    form = FORM
    own_intent = "order_status"
    why: ClassVar[Mapping[str, str]] = {
        "order_number": "So that I find the right order among all of them.",
        "order_email": "So that nobody but you can see your order.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        number, email = order_number(turn), _email(turn)
        found = {"order_number": number, "order_email": email}
        said = {slot: value for slot, value in found.items() if value}
        if said:
            return Answer(said)
        if self.interrupts(turn):
            return None
        if turn.requested_slot == "order_number":
            return self._no_number(turn)
        if fields.is_question(turn.words):
            return None
        if fields.looks_like_email(turn.words):
            return self.again(turn, "That doesn't look like a complete e-mail address.")
        return self.again(
            turn, "I can only show an order to somebody who knows the e-mail address it was placed with."
        )

    def _no_number(self, turn: Turn) -> Answer | None:
        if turn.intent == "deny" or NO_NUMBER.search(turn.words):
            answer = self.again(
                turn,
                "Without the number I can't look it up, but a colleague can find it for you by other means.",
            )
            return Answer(
                answer.slots, answer.text, (button("Talk to a person", "human"), button("Stop", "stop"))
            )
        if fields.is_question(turn.words):
            return None
        return self.again(turn, "I don't see an order number in that.")


class AskOrderNumber(Ask):
    action = "action_ask_order_status_form_order_number"
    text = "What's your order number? It looks like PL-1234-5674 and is in your confirmation e-mail."


class AskOrderEmail(Ask):
    action = "action_ask_order_status_form_order_email"
    text = "And which e-mail address did you order with? I need it to be sure that it's your order."


class TrackOrder(WritingAction):
    """Says where the order is. It writes because wrong pairs are counted."""

    action = "action_track_order"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        number, email = turn.slot("order_number"), turn.slot("order_email")
        if not isinstance(number, str) or not isinstance(email, str):
            return Reply()
        order = await orders.track(
            uow, number, email, conversation_id=turn.conversation_id, client=turn.client
        )
        if order is None:
            return _unknown()
        reply = say(order_text(order), events=clear_form("order_number", "order_email"))
        return reply.then(unfinished_order(turn))

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, InvalidInput):
            return _unknown()
        if isinstance(error, TooManyAttempts):
            minutes = max(1, -(-error.retry_after_seconds // 60))
            return say(
                "That number and e-mail address didn't match several times, so to protect everybody's orders "
                f"I have to pause look-ups for {minutes} minute{'s' if minutes > 1 else ''}. "
                "A colleague can help you right away.",
                button("Talk to a person", "human"),
                button("Call me back", "callback"),
                events=clear_form("order_number", "order_email"),
            )
        raise error


def _unknown() -> Reply:
    """The same words whether the number or the address is wrong, so that neither can be guessed."""
    return say(
        "I can't find an order with that number and e-mail address. "
        "Please check both; the confirmation e-mail has them.",
        button("Try again", "order_status"),
        button("Talk to a person", "human"),
        events=(*clear_form("order_number", "order_email"), *set_slots(last_order=None)),
    )


def order_text(order: OrderView) -> str:
    """Where an order is, what is in it and what to expect next."""
    items = listed(f"{line.quantity} × {line.name}" for line in order.lines)
    total = money(order.total, order.currency)
    return f"{_state(order)}\n\nOrder {order.number} of {_day(order.placed_at)}: {items}. Total {total}."


def _state(order: OrderView) -> str:
    expected = (
        f" We expect it to arrive on {order.expected_delivery:%A, %-d %B}." if order.expected_delivery else ""
    )
    tracking = f" The tracking number is {order.tracking}." if order.tracking else ""
    due = f" by {_day(order.payment_due)}" if order.payment_due else ""
    match order.status:
        case "placed":
            return f"Your order has been placed and is waiting for payment: please pay the invoice{due}.{expected}"
        case "paid":
            return f"Your order is paid and is being packed.{expected}"
        case "shipped":
            return f"Your order is on its way.{tracking}{expected}"
        case "delivered":
            return f"Your order has been delivered.{tracking} If it didn't reach you, I can fetch a person."
        case "cancelled":
            return "This order was cancelled; nothing will be sent and nothing needs to be paid."
        case "returned":
            return "This order was returned to us."


def _day(moment: Any) -> str:
    return f"{moment:%-d %B %Y}"


USE_CASE = UseCase(
    readings={"order_status": Reading("Track an order", StartOrderStatus())},
    forms={
        FORM: Form(
            "OK, we'll leave the order look-up.", "looking up an order", ("order_number", "order_email")
        )
    },
)
