"""A customer's own order: shown and changed only for its number together with its e-mail address.

Every use case about an order begins alike: a form of its own asks for the two, unless they are known, and an
`OwnOrderAction` follows it, which looks the order up, counts a wrong pair and never says what was wrong about it. A
pair that was right is kept in the slot `known_order`, so that the next wish of the same chat needs no question.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from actions.support import fields
from actions.support.base import PAIR as PAIR
from actions.support.base import WritingAction
from actions.support.form import Answer, FormValidator, clear_form, missed
from actions.support.reply import Event, Reply, button, enter, leave, say, set_slots
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.errors import CrmError, InvalidInput, TooManyAttempts
from crm.services import orders
from crm.views import OrderView
from parley.bootstrap import ActionsContext
from parley.errors import NotReady

# Wishes that come with an e-mail address of their own.
WITH_EMAIL = frozenset({"request_quote", "callback", "newsletter_subscribe", "newsletter_unsubscribe"})
LINK_DAYS = 2
NUMBER = re.compile(r"\bpl\W?(\d{4})\W?(\d{4})\b", re.IGNORECASE)
DIGITS = re.compile(r"(?<!\d)(\d{4})[\s-]?(\d{4})(?!\d)")
# The number of a return, whose digits are no order's.
RETURN_NUMBER = re.compile(r"\brt\W?(\d{4})\W?(\d{4})\b", re.IGNORECASE)
NO_NUMBER = re.compile(
    r"\b(don.?t|do not|no|lost|can.?t|cannot|where do i)\b.*\b(have|find|know|number|it|remember)\b",
    re.IGNORECASE,
)
# A number that is given as an order's and has too few or too many digits for one.
NEARLY = re.compile(
    r"\b(?:pl|order|number|no\.?|nr\.?)\b(?:\W*(?:is|was|number|no\.?|nr\.?|ends? (?:in|with)))*\W*"
    r"(\d[\d -]+\d)(?!\d| ?x\b| of\b| \w+s\b)|^\W*(\d[\d -]{2,}\d)\W*$",
    re.IGNORECASE,
)
NOT = re.compile(r"\b(don.?t|do not|not|never|no|keep|leave it|rather)\b", re.IGNORECASE)
YES = re.compile(
    r"^\W*(yes|yeah|yep|yup|ya|sure|ok|okay|please do|do it|go ahead|confirm(ed)?|right|correct|exactly|of course"
    r"|definitely|absolutely|please)\b",
    re.IGNORECASE,
)
NO = re.compile(r"^\W*(no|nope|nah|don.?t|do not|not now|keep|leave it|wait)\b", re.IGNORECASE)


def order_number(turn: Turn) -> str | None:
    """The order number in the message in its canonical form, whether or not there is such an order."""
    said = turn.value("order_number")
    text = RETURN_NUMBER.sub(" ", turn.words)
    if isinstance(said, str) and (turn.pressed or text == turn.words):
        text = said
    else:
        for phone in turn.each("phone"):
            text = text.replace(turn.text[phone.start : phone.end], " ") if phone.start >= 0 else text
    found = NUMBER.search(text) or (DIGITS.search(text) if "+" not in text else None)
    return f"PL-{found[1]}-{found[2]}" if found else None


def nearly_a_number(turn: Turn) -> str | None:
    """What was given as an order's number and can't be one, as it was typed."""
    if turn.any_of("phone"):
        return None
    found = NEARLY.search(turn.words)
    return (found[1] or found[2]) if found and order_number(turn) is None else None


def order_email(turn: Turn) -> str | None:
    """The e-mail address in the message."""
    said = turn.value("email")
    return fields.email(said if isinstance(said, str) else turn.words)


def known_order(turn: Turn) -> tuple[str, str] | None:
    """Number and e-mail of the order that this chat is about: looked up last, or placed here."""
    for name in ("known_order", "last_order"):
        known = turn.slot(name)
        if isinstance(known, dict) and known.get("number") and known.get("email"):
            return str(known["number"]), str(known["email"])
    return None


def begin(form: str, turn: Turn, **slots: Any) -> tuple[Event, ...]:
    """Enter the form with what was said, or with the order that this chat is about when no other was named."""
    number, email = order_number(turn), order_email(turn)
    known = known_order(turn)
    if known and number in (None, known[0]) and email is None:
        number, email = known
    return enter(form, **{"order_number": number, "order_email": email, **slots})


def document(context: ActionsContext, purpose: str, number: str) -> str:
    """The address of the customer's document, for some days. Raises NotReady without links."""
    if context.links is None:
        raise NotReady("links aren't set up: ActionsContext.links")
    return context.links.make(purpose, number, valid=timedelta(days=LINK_DAYS))


def day(moment: date | datetime) -> str:
    """A date as people write it: 3 May 2026."""
    return f"{moment:%-d %B %Y}"


def weekday(moment: date) -> str:
    """A near date: Tuesday, 3 May."""
    return f"{moment:%A, %-d %B}"


def has_no_number(turn: Turn) -> bool:
    """True for somebody who says that they don't know the number."""
    return order_number(turn) is None and (turn.intent == "deny" or NO_NUMBER.search(turn.words) is not None)


class OrderFormValidator(FormValidator):
    """Reads number and e-mail address in any order, also both at once."""

    why: ClassVar[Mapping[str, str]] = {
        "order_number": "So that I find the right order among all of them.",
        "order_email": "So that nobody but you can see or change your order.",
    }

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        without = turn.loop == self.form and not turn.resumed and turn.requested_slot == "order_number"
        if without and missed(turn) and has_no_number(turn):
            # Asked a third time they would have it no more than now.
            return say(
                "Then I can't open the order here, but a colleague can find it by other means. Shall I fetch one?",
                button("Talk to a person", "human"),
                button("Call me back", "callback"),
                events=(*leave(), *clear_form(*PAIR), *set_slots(offer={"kind": "human"})),
            )
        return await super().answer(turn, context)

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        found = {"order_number": order_number(turn), "order_email": order_email(turn)}
        said = {slot: value for slot, value in found.items() if value}
        about_else = found["order_number"] is None and turn.intent in WITH_EMAIL and self.interrupts(turn)
        number_first = turn.requested_slot == "order_number"
        if said and not about_else:
            noted = number_first and found["order_number"] is None
            return Answer(
                said, "Thank you, I've noted the e-mail address; I need the number, too." if noted else ""
            )
        if number_first and not turn.pressed and (digits := nearly_a_number(turn)):
            return self.again(
                turn,
                f"Our order numbers have eight digits; {digits} has {len(re.findall(r'[0-9]', digits))}.",
            )
        if self.interrupts(turn):
            return None
        if turn.requested_slot == "order_number":
            return self._no_number(turn)
        if fields.is_question(turn.words):
            return None
        if fields.looks_like_email(turn.words):
            return self.again(turn, "That doesn't look like a complete e-mail address.")
        return self.again(
            turn, "I can only open an order for somebody who knows the e-mail address it was placed with."
        )

    def _no_number(self, turn: Turn) -> Answer | None:
        if has_no_number(turn):
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


class ConfirmValidator(FormValidator):
    """Reads the answer to "shall I?" about something that can't be taken back: only a clear yes is one.

    `slot` is set to True or False. `bare` are words that could mean either ("cancel" to "shall I cancel it?").
    """

    slot: str
    unclear: str = "I'd rather not guess here: please say yes or no."
    bare: re.Pattern[str] | None = None
    again_means_yes: re.Pattern[str] | None = None

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        if turn.requested_slot == self.slot:
            return self.confirmation(turn)
        return None

    def confirmation(self, turn: Turn) -> Answer | None:
        """The answer; None when the message is about something else."""
        words = turn.words
        if self.bare and self.bare.fullmatch(words):
            return self.again(turn, self.unclear)
        if turn.pressed and turn.intent in ("affirm", "deny"):
            return Answer({self.slot: turn.intent == "affirm"})
        if NO.match(words) or (turn.intent == "deny" and not YES.match(words)):
            return Answer({self.slot: False})
        if not fields.is_question(words) and not NOT.search(words):
            repeated = self.again_means_yes is not None and self.again_means_yes.search(words)
            if turn.intent == "affirm" or YES.match(words) or repeated:
                return Answer({self.slot: True})
        if self.interrupts(turn) or fields.is_question(words):
            return None
        return self.again(turn, self.unclear)


class OwnOrderAction(WritingAction):
    """Does something with the order of the pair in the slots. It writes because wrong pairs are counted.

    `intent` is what "Try again" says, `slots` are forgotten when the pair was wrong or looking up is paused.
    """

    intent: str
    slots: tuple[str, ...] = ()

    @abstractmethod
    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        """What happens now that the order is the customer's. Raises what the services raise."""

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        number, email = turn.slot("order_number"), turn.slot("order_email")
        if not isinstance(number, str) or not isinstance(email, str):
            return Reply()
        order = await orders.track(
            uow, number, email, conversation_id=turn.conversation_id, client=turn.client
        )
        if order is None:
            return self._unknown(turn)
        reply = await self.act(turn, context, uow, order)
        return reply.with_events(*set_slots(known_order={"number": order.number, "email": email}))

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, InvalidInput):
            return self._unknown(turn)
        if isinstance(error, TooManyAttempts):
            minutes = max(1, -(-error.retry_after_seconds // 60))
            return say(
                "That number and e-mail address didn't match several times, so to protect everybody's orders "
                f"I have to pause look-ups for {minutes} minute{'s' if minutes > 1 else ''}. "
                "A colleague can help you right away.",
                button("Talk to a person", "human"),
                button("Call me back", "callback"),
                events=self.done(turn),
            )
        raise error

    def done(self, turn: Turn) -> tuple[Event, ...]:
        """Forget what the forms asked for, and leave the one that is going on."""
        return (*(leave() if turn.loop else ()), *clear_form(*PAIR, *self.slots))

    def _unknown(self, turn: Turn) -> Reply:
        """The same words whether the number or the address is wrong, so that neither can be guessed."""
        return say(
            "I can't find an order with that number and e-mail address. "
            "Please check both; the confirmation e-mail has them.",
            button("Try again", self.intent),
            button("Talk to a person", "human"),
            events=(*self.done(turn), *set_slots(last_order=None, known_order=None)),
        )
