"""Short answers that only mean something in context: yes, no, a bare "1500" or "Lenovo", stop, start over."""

from __future__ import annotations

import re

from actions.callback import StartCallback
from actions.cancel_order import StartCancelOrder
from actions.cart import ChangeQuantity, empty_cart
from actions.checkout import StartCheckout
from actions.fallback import understood_less
from actions.find import REFINEMENTS, SearchProducts, known
from actions.order_status import StartOrderStatus
from actions.product import ProductDetails
from actions.support import fields
from actions.support.base import ShopAction, WritingAction
from actions.support.known import refusing
from actions.support.need import Need
from actions.support.own_order import known_order, order_number
from actions.support.reply import Reply, button, leave, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase, forms, offers, slots_to_start_over
from crm.database import UnitOfWork
from crm.services import carts
from parley.bootstrap import ActionsContext

BUY = re.compile(r"\b(buy|order|take (it|them)|pay|purchase|do it|go ahead)\b", re.IGNORECASE)
# With nothing going on but an order talked about, "cancel it" is about that order.
CANCEL = re.compile(r"\bcancel", re.IGNORECASE)
ASKED_IN = ("contact_name", "contact_email", "contact_phone", "delivery_address")


def _offer(turn: Turn) -> str | None:
    offer = turn.slot("offer")
    return str(offer.get("kind")) if isinstance(offer, dict) else None


class Affirm(ShopAction):
    """ "Yes" to the question that the last reply ended with."""

    action = "action_affirm"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        offer = offers().get(_offer(turn) or "")
        if offer and offer.yes:
            return await offer.yes.answer(turn, context)
        async with context.database.read() as uow:
            filled = bool((await carts.view(uow, turn.conversation_id)).lines)
        if filled and BUY.search(turn.words):
            return await StartCheckout().answer(turn, context)
        if filled:
            return say(
                "Shall we check out?",
                button("Check out", "checkout"),
                button("Show my cart", "show_cart"),
                button("Keep looking", "find_product", choice="keep_looking"),
                events=set_slots(offer={"kind": "checkout"}),
            )
        if turn.slot("focus"):
            return say(
                "Good. Shall I put it into your cart?",
                button("Add to cart", "add_to_cart", product=str(turn.slot("focus"))),
                button("Keep looking", "find_product", choice="keep_looking"),
            )
        last = turn.slot("last_order")
        if isinstance(last, dict) and not turn.slot("shown"):
            return say(
                "Your order is placed already; there's nothing more to confirm. Is there anything else?",
                button("Track this order", "order_status"),
                button("Find something else", "find_product", choice="keep_looking"),
            )
        if turn.slot("shown"):
            return say("Which one do you like? You can say “the second one”, or press its button.")
        return say(
            "Good! What would you like to do next?",
            button("Find a product", "find_product"),
            button("Track an order", "order_status"),
        )


class Deny(ShopAction):
    """ "No": to an offer, or to what was shown."""

    action = "action_deny"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        offer = offers().get(_offer(turn) or "")
        if offer and offer.no:
            return offer.no
        if turn.slot("shown"):
            return say(
                "OK, none of these then. What should be different?",
                *REFINEMENTS,
                events=set_slots(refused=refusing(turn)),
            )
        return say("No problem. What can I do for you instead?", button("What can you do?", "help"))


class Inform(ShopAction):
    """A bare piece of information, understood from what it is and what was talked about."""

    action = "action_inform"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.choice in ASKED_IN or turn.choice in ("change", "skip"):
            return await StartCheckout().answer(turn, context)
        if any(turn.any_of(name) for name in ("price", "brand", "category", "attribute")) or turn.choice in (
            "no_limit",
            "just_show",
        ):
            return await SearchProducts().answer(turn, context)
        if order_number(turn):
            return await StartOrderStatus().answer(turn, context)
        if turn.any_of("product") or turn.any_of("ordinal"):
            return await ProductDetails().answer(turn, context)
        if turn.slot("callback_saved") and (turn.any_of("email") or turn.any_of("phone")):
            # "Wait, I gave the wrong number": the call-back asks again with what is new.
            return await StartCallback().answer(turn, context)
        if turn.any_of("email") or turn.any_of("phone") or fields.is_clearly_address(turn.words):
            return _what_for()
        if turn.any_of("quantity") and turn.slot("focus"):
            return await ChangeQuantity().answer(turn, context)
        category = Need.from_slot(turn.slot("need")).category
        if category is not None and await known(Need(category=category, words=(turn.words,)), context):
            return await SearchProducts().answer(turn, context)
        return await understood_less(turn, context)


def _what_for() -> Reply:
    return say(
        "Thanks. What may I use it for?",
        button("Track an order", "order_status"),
        button("Call me back", "callback"),
        button("Check out", "checkout"),
    )


class Stop(ShopAction):
    """Leaves whatever is going on; nothing that was typed is lost."""

    action = "action_stop"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.loop is None and CANCEL.search(turn.words) and known_order(turn):
            return await StartCancelOrder().answer(turn, context)
        if turn.loop is None:
            return say("OK. I'm here when you need me.", button("What can you do?", "help"))
        form = forms().get(turn.loop)
        text = form.stopped if form else "OK, stopped."
        next_step = (form and form.next_step) or button("Find a product", "find_product")
        cleared = dict.fromkeys(("form_misses", *(form.cleared if form else ())))
        return say(
            f"{text} What would you like to do?", next_step, button("Talk to a person", "human")
        ).with_events(*leave(), *set_slots(**cleared))


class StartOver(WritingAction):
    """A fresh search. A filled cart is only emptied when the customer says so."""

    action = "action_start_over"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        cart = await carts.view(uow, turn.conversation_id)
        events = (
            *(leave() if turn.loop else ()),
            *set_slots(**dict.fromkeys((*slots_to_start_over(), "form_misses"))),
        )
        fresh = empty_cart()
        if not cart.lines:
            return say(
                "OK, from the beginning. What are you looking for?", *fresh.messages[0].buttons, events=events
            )
        return say(
            "OK, from the beginning. Your cart still has what you put into it. What are you looking for?",
            button("Find a product", "find_product", choice="keep_looking"),
            button("Show my cart", "show_cart"),
            button("Empty my cart", "remove_from_cart", choice="all"),
            events=events,
        )


USE_CASE = UseCase(readings={"start_over": Reading("Start over")})
