"""Checking out: a form for who and where, a summary to confirm, and the order, placed once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from actions.cart import empty_cart
from actions.find import SearchProducts
from actions.second_opinion import second_opinion
from actions.support import fields
from actions.support.base import ShopAction, WritingAction
from actions.support.cart_text import changes_text, lines_text, sums_text
from actions.support.checkout_corrections import corrected
from actions.support.contact_details import (
    address_in,
    contacts_in,
    details_in,
    email_in,
    name_in,
    phone_in,
)
from actions.support.delivery_place import delivered_to, noted, refusing
from actions.support.form import SKIP, SURE, Answer, Ask, FormValidator, clear_form
from actions.support.reply import Reply, button, enter, leave, money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Form, Offer, Reading, UseCase
from crm.database import UnitOfWork
from crm.errors import CartChanged, CrmError, EmptyCart, InvalidInput, OutOfStock
from crm.services import carts, once, orders
from crm.services.orders import CheckoutDetails
from crm.views import CartChange, CartView, OrderView
from parley.bootstrap import ActionsContext

FORM = "checkout_form"
BRIEF = 4  # words
BUY_SOMETHING = re.compile(r"\b(buy|purchase|get|need|want|cheaper|looking)\b", re.IGNORECASE)
OF_THE_CART = re.compile(
    r"\b(check ?out|pay|cart|basket|order|it|this|that|these|those|them)\b", re.IGNORECASE
)
PLACE = re.compile(
    r"\b(place (it|the order|my order|order)|confirm|order it|send it( off)?|submit|book it"
    r"|go ahead|buy (it )?now|do it|looks? (good|right|fine)"
    r"|all (good|right|correct)|that.?s (right|correct|fine)|perfect)\b",
    re.IGNORECASE,
)


_UNSURE = "I'm not sure what you'd like to change. Nothing is ordered until you say so."


class StartCheckout(ShopAction):
    """Begin with what is known, unless there is nothing to order."""

    action = "action_start_checkout"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.intent == "checkout" and (other := await second_opinion(turn, context)):
            return other
        async with context.database.read() as uow:
            cart = await carts.view(uow, turn.conversation_id)
        if not cart.lines and BUY_SOMETHING.search(turn.words) and not OF_THE_CART.search(turn.words):
            return await SearchProducts().answer(turn, context)
        if not cart.lines:
            return empty_cart().with_events(*leave()) if turn.loop == FORM else empty_cart()
        return Reply(events=enter(FORM, **contacts_in(turn), checkout_confirm=None, checkout_open=True))


class ValidateCheckoutForm(FormValidator):
    """Reads answers, corrections of any earlier answer, and the confirmation."""

    form = FORM
    own_intent = "checkout"
    why: ClassVar[Mapping[str, str]] = {
        "contact_name": "So that the parcel and the invoice carry the right name.",
        "contact_email": "For the confirmation and the invoice; later it proves that the order is yours.",
        "contact_phone": "Only so that the courier can call if nobody opens. You can skip it.",
        "delivery_address": "So that the courier knows where to bring it.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        return refusing(self._read(turn, context), turn, context.shop)

    def _read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        slot = turn.requested_slot
        if change := corrected(turn):
            return change
        if slot == "contact_phone" and SKIP.search(turn.words) and len(turn.words.split()) <= BRIEF:
            return Answer({"contact_phone": False})
        if place := fields.place(turn.words):
            return noted(place, slot)
        if self.interrupts(turn, free_text=_is_answer_in_words(turn)):
            return None
        if slot == "checkout_confirm":
            return self._confirmation(turn)
        if slot == "contact_name":
            return self._name(turn)
        if slot == "contact_email":
            return self._email(turn)
        if slot == "contact_phone":
            return self._phone(turn, context.shop.region)
        return self._address(turn)

    def _name(self, turn: Turn) -> Answer | None:
        if turn.intent == "checkout" and turn.confidence >= SURE:
            return Answer({"contact_name": None})
        name = name_in(turn)
        extra = {slot: value for slot, value in details_in(turn).items() if turn.slot(slot) is None}
        if name:
            return Answer({"contact_name": name, **extra})
        if extra:
            return Answer({"contact_name": None, **extra}, "Thanks, I've got that.")
        if fields.is_question(turn.words):
            return None
        return self.again(turn, "I didn't catch a name there.")

    def _email(self, turn: Turn) -> Answer | None:
        if email := email_in(turn):
            extra = {slot: value for slot, value in details_in(turn).items() if turn.slot(slot) is None}
            return Answer({**extra, "contact_email": email})
        if fields.looks_like_email(turn.words):
            return self.again(
                turn, "That doesn't look like a complete e-mail address; it should be like name@example.com."
            )
        if fields.is_question(turn.words) or turn.intent == "thanks":
            return None
        return self.again(
            turn, "I need an e-mail address like name@example.com, because the invoice is sent there."
        )

    def _phone(self, turn: Turn, region: str) -> Answer | None:
        if phone := phone_in(turn, region):
            return Answer({"contact_phone": phone})
        if turn.choice == "skip" or turn.intent == "deny" or SKIP.search(turn.words):
            return Answer({"contact_phone": False})
        if fields.is_clearly_address(turn.words):
            return Answer({"contact_phone": False, "delivery_address": fields.address(turn.words)})
        if turn.intent == "affirm":
            return Answer(
                {"contact_phone": None}, "Please type it, with its country code if you can, or skip it."
            )
        if fields.looks_like_phone(turn.words):
            return self.again(
                turn, "I can't read that number. Please start with the country code, such as +49 151 2345678."
            )
        if fields.is_question(turn.words) or turn.intent == "thanks":
            return None
        return self.again(turn, "That isn't a phone number I can read. You can also skip this.")

    def _address(self, turn: Turn) -> Answer | None:
        if address := address_in(turn) or fields.address(turn.words):
            return Answer(delivered_to(turn, address))
        if fields.is_question(turn.words) or turn.intent == "thanks":
            return None
        return self.again(
            turn, "For the courier I need the street with its number, the postcode and the town."
        )

    def _confirmation(self, turn: Turn) -> Answer | None:
        if turn.intent == "affirm" or (PLACE.search(turn.words) and turn.intent != "deny"):
            return Answer({"checkout_confirm": True})
        if turn.intent == "deny" or turn.choice == "change":
            return Answer({"checkout_confirm": None, "checkout_change": True})
        if turn.intent in ("thanks", "greet", "nlu_fallback", "inform") or not turn.words:
            return Answer({"checkout_confirm": None}, "" if turn.intent == "thanks" else _UNSURE)
        return None


def _is_answer_in_words(turn: Turn) -> bool:
    """True when free text is so clearly the answer asked for that no reading of its intent counts."""
    if turn.pressed:
        return False
    if turn.requested_slot == "contact_name":
        return name_in(turn) is not None and turn.intent not in ("faq", "checkout")
    if turn.requested_slot == "contact_email":
        return email_in(turn) is not None
    if turn.requested_slot == "contact_phone":
        return fields.looks_like_phone(turn.words) or bool(SKIP.search(turn.words))
    if turn.requested_slot == "delivery_address":
        return fields.is_clearly_address(turn.words)
    return bool(PLACE.search(turn.words))


class AskCheckoutName(Ask):
    action = "action_ask_checkout_form_contact_name"
    text = "What name should be on the order?"


class AskCheckoutEmail(Ask):
    action = "action_ask_checkout_form_contact_email"
    text = "Which e-mail address should the confirmation and the invoice go to?"


class AskCheckoutPhone(Ask):
    action = "action_ask_checkout_form_contact_phone"
    text = "Would you like to leave a phone number for the courier? It's optional."
    buttons = (button("Skip", "inform", choice="skip"),)
    asks = "phone"


class AskCheckoutAddress(Ask):
    action = "action_ask_checkout_form_delivery_address"
    text = "Where should it be delivered? Street and number, postcode and town, please."
    asks = "address"


class AskCheckoutConfirm(WritingAction):
    """The summary. Changes of price or stock are told first, and taken over, so that "yes" means the sums shown."""

    action = "action_ask_checkout_confirm"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        async with context.database.read() as uow:
            kept = await once.recall(uow, turn.message_id, self.action)
            if kept is not None:
                return Reply.from_json(kept)
            if not await carts.changes(uow, turn.conversation_id):
                return self._summary(turn, context, await carts.view(uow, turn.conversation_id), ())
        return await super().answer(turn, context)

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        changes = await carts.changes(uow, turn.conversation_id)
        cart = await carts.accept_changes(uow, turn.conversation_id)
        return self._summary(turn, context, cart, changes)

    def _summary(
        self, turn: Turn, context: ActionsContext, cart: CartView, changes: tuple[CartChange, ...]
    ) -> Reply:
        if not cart.lines:
            gone = say(f"I'm sorry: {changes_text(changes, cart.currency)}") if changes else Reply()
            return gone.then(empty_cart()).with_events(*leave(), *set_slots(checkout_open=None))
        if turn.slot("checkout_change"):
            return _what_to_change()
        note = f"{_told(changes, cart.currency)}\n\n" if changes else ""
        phone = turn.slot("contact_phone")
        who = [str(turn.slot("contact_name")), str(turn.slot("contact_email"))]
        who += [fields.readable_phone(phone)] if isinstance(phone, str) else []
        text = (
            f"{note}Here is your order:\n{lines_text(cart)}\n\n{sums_text(cart)}\n\n"
            f"For: {', '.join(who)}\nTo: {turn.slot('delivery_address')}\n"
            f"You pay by invoice within {context.shop.payment_days} days. Shall I place the order?"
        )
        return say(
            text,
            button("Place the order", "affirm"),
            button("Change something", "inform", choice="change"),
            button("Not now", "stop"),
        )


def _what_to_change() -> Reply:
    return say(
        "No problem, nothing is ordered yet. What would you like to change?",
        button("Name", "inform", choice="contact_name"),
        button("E-mail", "inform", choice="contact_email"),
        button("Phone", "inform", choice="contact_phone"),
        button("Address", "inform", choice="delivery_address"),
        button("The cart", "show_cart"),
        button("Stop here", "stop"),
        events=set_slots(checkout_change=None),
    )


def _told(changes: tuple[CartChange, ...], currency: str) -> str:
    return f"Something has changed since you put it into your cart: {changes_text(changes, currency)}"


class PlaceOrder(WritingAction):
    """Places the order that was confirmed; the same message never places two."""

    action = "action_place_order"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        if turn.slot("checkout_confirm") is not True:
            return Reply()
        phone = turn.slot("contact_phone")
        details = CheckoutDetails(
            name=str(turn.slot("contact_name")),
            email=str(turn.slot("contact_email")),
            phone=phone if isinstance(phone, str) else None,
            address=str(turn.slot("delivery_address")),
        )
        order = await orders.place(uow, turn.conversation_id, details, cause=turn.message_id)
        return say(
            _thanks(order),
            button("Find something else", "find_product", choice="keep_looking"),
            button("Track this order", "order_status", order_number=order.number),
            events=(
                *clear_form("checkout_confirm", "checkout_open", "delivery_place", "focus", "shown", "need"),
                *set_slots(
                    last_order={"number": order.number, "email": order.email},
                    known_order={"number": order.number, "email": order.email},
                ),
            ),
        )

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, CartChanged | OutOfStock):
            # The summary is shown again with what changed; only a new "yes" orders.
            return Reply(events=enter(FORM, checkout_confirm=None))
        if isinstance(error, EmptyCart):
            return empty_cart().with_events(*set_slots(checkout_confirm=None))
        if isinstance(error, InvalidInput):
            slot = {"email": "contact_email", "phone": "contact_phone", "name": "contact_name"}.get(
                error.field, "delivery_address"
            )
            return say(
                f"I couldn't place the order: {error.fix}.",
                events=enter(FORM, checkout_confirm=None, **{slot: None}),
            )
        raise error


def _thanks(order: OrderView) -> str:
    due = f" by {order.payment_due:%-d %B %Y}" if order.payment_due else ""
    arrival = (
        f" It should reach you around {order.expected_delivery:%A, %-d %B}."
        if order.expected_delivery
        else ""
    )
    return (
        f"Thank you, {fields.first_name(order.name)}! Your order number is {order.number}. "
        f"The total is {money(order.total, order.currency)}; the invoice goes to {order.email}, "
        f"please pay it{due}.{arrival}"
    )


USE_CASE = UseCase(
    readings={"checkout": Reading("Check out", StartCheckout())},
    offers={
        "checkout": Offer(
            StartCheckout(),
            say(
                "No hurry; your cart stays as it is. What would you like instead?",
                button("Keep looking", "find_product", choice="keep_looking"),
                button("Show my cart", "show_cart"),
            ),
        )
    },
    forms={
        FORM: Form(
            "OK, I've stopped the checkout; nothing was ordered. Your cart stays as it is.",
            "checking out",
            ("checkout_confirm", "checkout_change", "checkout_open"),
            button("Show my cart", "show_cart"),
        )
    },
)
