"""Calling off an order that hasn't been sent: what happens is named first, and only a clear yes does it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from actions.order_status import refund_text, state
from actions.support.base import ShopAction
from actions.support.form import Answer, unfinished_order
from actions.support.own_order import (
    PAIR,
    ConfirmValidator,
    OrderFormValidator,
    OwnOrderAction,
    begin,
    day,
    order_number,
)
from actions.support.reply import Reply, button, enter, leave, listed, money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Form, Reading, UseCase
from crm.database import UnitOfWork
from crm.errors import CrmError, WrongStatus
from crm.services import orders, refunds
from crm.views import OrderView
from parley.bootstrap import ActionsContext

FORM = "cancel_order_form"
CONFIRM = "cancel_order_confirm_form"
CHECKOUT = "checkout_form"
SLOTS = (*PAIR, "cancel_confirm")
# Begins like a no and goes on like a yes: "no wait, cancel everything".
WHOLE = re.compile(
    r"^\W*(no|wait)\b.*\bcancel (it all|everything|the (whole|entire) (thing|order)|all)\b", re.IGNORECASE
)
STILL = re.compile(
    r"\b(yes|yeah|please|then|still)\b.*\bcancel\b|\bcancel (the|that|my|this) (whole |entire )?order\b",
    re.IGNORECASE,
)
KEPT = "OK, nothing was cancelled; your order stays as it is."


class StartCancelOrder(ShopAction):
    """Begin with what was said. In the middle of a checkout nothing is ordered yet, so that is what is left."""

    action = "action_start_cancel_order"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.loop == CHECKOUT and order_number(turn) is None:
            return say(
                "You haven't ordered yet, so there is nothing to cancel; I've stopped the checkout. "
                "Your cart stays as it is.",
                button("Show my cart", "show_cart"),
                button("Cancel an earlier order", "cancel_order"),
                events=(
                    *leave(),
                    *set_slots(checkout_confirm=None, checkout_change=None, checkout_open=None),
                ),
            )
        return Reply(events=begin(FORM, turn, cancel_confirm=None))


class ValidateCancelOrderForm(OrderFormValidator):
    form = FORM
    own_intent = "cancel_order"

    def interrupts(self, turn: Turn, *, free_text: bool = False) -> bool:
        # "Then yes, cancel it" is about the order; only "cancel" by itself may mean the question.
        still = turn.intent == "stop" and not turn.pressed and STILL.search(turn.words)
        return not still and super().interrupts(turn, free_text=free_text)


class OpenCancelOrder(OwnOrderAction):
    """The order is theirs: ask whether to cancel it, or say why it can't be cancelled any more."""

    action = "action_open_cancel_order"
    intent = "cancel_order"
    slots = SLOTS

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        if order.status in uow.policy.cancellable:
            return Reply(events=enter(CONFIRM, cancel_confirm=None))
        owed = await refunds.of_order(uow, order.number)
        told = " ".join(refund_text(refund) for refund in owed)
        return _impossible(order, told, context).with_events(*self.done(turn)).then(unfinished_order(turn))


class AskCancelConfirm(OwnOrderAction):
    """Names what would be cancelled, and what becomes of the money."""

    action = "action_ask_cancel_order_confirm_form_cancel_confirm"
    intent = "cancel_order"
    slots = SLOTS
    ends_search = False

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        items = listed(f"{line.quantity} × {line.name}" for line in order.lines)
        amount = money(order.total, order.currency)
        money_back = (
            f"You get {amount} back within {uow.policy.refund_days} working days."
            if order.paid_at
            else f"You needn't pay the {amount}."
        )
        return say(
            f"This cancels order {order.number}: {items}. {money_back} It can't be taken back. "
            "Shall I cancel the order?",
            button("Yes, cancel it", "affirm"),
            button("No, keep it", "deny"),
        )


class ValidateCancelConfirm(ConfirmValidator):
    form = CONFIRM
    own_intent = "cancel_order"
    slot = "cancel_confirm"
    unclear = "I'd rather be sure before I cancel anything: please say yes or no."
    bare = re.compile(r"\W*cancel\W*", re.IGNORECASE)

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        part = turn.any_of("product") or turn.any_of("category") or turn.any_of("ordinal")
        if part is not None and not turn.pressed:
            answer = self.again(
                turn, "I can only cancel the whole order; changing what's in it is possible, too."
            )
            return Answer(answer.slots, answer.text, (button("Change it instead", "change_order"),))
        if WHOLE.search(turn.words):
            return self.again(turn, self.unclear)
        return await super().read(turn, context)

    again_means_yes = re.compile(
        r"\bcancel (it|this|that|the (whole )?order|my order|everything)\b", re.IGNORECASE
    )
    why: ClassVar[Mapping[str, str]] = {"cancel_confirm": "Because a cancelled order can't be brought back."}


class CancelOrder(OwnOrderAction):
    """Cancels what was confirmed; the same message, and the same order, never twice."""

    action = "action_cancel_order"
    intent = "cancel_order"
    slots = SLOTS

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        if turn.slot("cancel_confirm") is not True:
            kept = say(
                KEPT,
                button("Change it instead", "change_order"),
                button("Where is it?", "order_status"),
                events=self.done(turn),
            )
            return kept.then(unfinished_order(turn)) if turn.slot("cancel_confirm") is False else Reply()
        await orders.cancel(uow, order.number, conversation_id=turn.conversation_id, by_customer=True)
        owed = await refunds.of_order(uow, order.number)
        told = " ".join(refund_text(refund) for refund in owed if not refund.sent_at)
        return say(
            f"Done: order {order.number} is cancelled and won't be sent. "
            f"{told or 'Nothing needs to be paid; please ignore its invoice.'}",
            button("Find something else", "find_product", choice="keep_looking"),
            events=self.done(turn),
        ).then(unfinished_order(turn))

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, WrongStatus):
            # It was sent between the question and the yes.
            return say(
                f"I'm sorry, order {error.number} has just been {error.status}, so it can't be cancelled any more. "
                f"You can send it back within {context.shop.return_days} days of its arrival, or refuse the parcel.",
                button("Talk to a person", "human"),
                events=self.done(turn),
            )
        return await super().explain(turn, context, error)


def _impossible(order: OrderView, told: str, context: ActionsContext) -> Reply:
    person = button("Talk to a person", "human")
    match order.status:
        case "cancelled":
            return say(
                f"Order {order.number} is cancelled already. {told or 'Nothing needs to be paid.'}",
                button("Find something else", "find_product", choice="keep_looking"),
            )
        case "returned":
            return say(f"Order {order.number} has come back to us already. {told}".strip(), person)
        case "shipped":
            return say(
                f"I'm sorry, it's too late to cancel: order {order.number} left our house"
                f"{f' on {day(order.shipped_at)}' if order.shipped_at else ''}. "
                f"You can send it back within {context.shop.return_days} days of its arrival, or refuse the parcel.",
                button("Send it back", "return_order"),
                person,
            )
        case "delivered":
            return say(
                f"Order {order.number} has been delivered, so it can't be cancelled any more. "
                "But you may be able to send it back.",
                button("Send it back", "return_order"),
                person,
            )
        case _:
            return say(f"{state(order)} It can't be cancelled in the chat any more.", person)


USE_CASE = UseCase(
    readings={"cancel_order": Reading("Cancel an order", StartCancelOrder(), about_order=True)},
    forms={
        FORM: Form(
            "OK, nothing was cancelled.",
            "asking to cancel an order",
            SLOTS,
            button("Track an order", "order_status"),
        ),
        CONFIRM: Form(
            KEPT,
            "about to confirm cancelling an order",
            SLOTS,
            button("Track an order", "order_status"),
        ),
    },
)
