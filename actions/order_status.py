"""Where is my order? Answered only for the order's number together with its e-mail address."""

from __future__ import annotations

from actions.support.base import ShopAction
from actions.support.form import Ask, missed, unfinished_order
from actions.support.own_order import (
    PAIR,
    OrderFormValidator,
    OwnOrderAction,
    begin,
    day,
    has_no_number,
    weekday,
)
from actions.support.reply import Button, Reply, button, listed, money, say
from actions.support.turn import Turn
from actions.support.use_cases import Form, Reading, UseCase
from crm.aftersales_views import RefundView
from crm.database import UnitOfWork
from crm.services import refunds
from crm.views import OrderView
from parley.bootstrap import ActionsContext

FORM = "order_status_form"


class StartOrderStatus(ShopAction):
    """Begin with what was said; right after an order in this chat nothing needs to be asked."""

    action = "action_start_order_status"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        return Reply(events=begin(FORM, turn))


class ValidateOrderStatusForm(OrderFormValidator):
    form = FORM
    own_intent = "order_status"


class AskOrderNumber(Ask):
    """Asked by every form about an order."""

    action = "action_ask_order_number"
    text = "What's your order number? It looks like PL-1234-5674 and is in your confirmation e-mail."

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if has_no_number(turn) and not missed(turn):
            return say(
                "The order number looks like PL-1234-5674; it's in your confirmation e-mail and on the invoice. "
                "If you can't find it, a colleague can look the order up by other means. What is it?",
                button("Talk to a person", "human"),
                button("Stop", "stop"),
            )
        return await super().answer(turn, context)


class AskOrderEmail(Ask):
    """Asked by every form about an order."""

    action = "action_ask_order_email"
    text = "And which e-mail address did you order with? I need it to be sure that it's your order."


class TrackOrder(OwnOrderAction):
    """Says where the order is, and offers what can be done with it now."""

    action = "action_track_order"
    intent = "order_status"

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        owed = await refunds.of_order(uow, order.number)
        reply = say(order_text(order, owed), *next_steps(order), events=self.done(turn))
        return reply.then(unfinished_order(turn))


def order_text(order: OrderView, owed: tuple[RefundView, ...] = ()) -> str:
    """Where an order is, what is in it and what to expect next."""
    items = listed(f"{line.quantity} × {line.name}" for line in order.lines)
    total = money(order.total, order.currency)
    told = "".join(f" {refund_text(refund)}" for refund in owed)
    return f"{state(order)}{told}\n\nOrder {order.number} of {day(order.placed_at)}: {items}. Total {total}."


def refund_text(refund: RefundView) -> str:
    """Where one refund stands."""
    amount = money(refund.amount, refund.currency)
    if refund.sent_at:
        return f"We sent {amount} back on {day(refund.sent_at)}, to the account you paid from."
    return f"{amount} go back to the account you paid from, by {weekday(refund.due)} at the latest."


def next_steps(order: OrderView) -> tuple[Button, ...]:
    """What a customer can do with an order in this state."""
    match order.status:
        case "placed" | "paid":
            return (button("Change it", "change_order"), button("Cancel it", "cancel_order"))
        case "shipped" | "delivered":
            return (button("Send something back", "return_order"), button("Invoice", "invoice"))
        case _:
            return ()


def state(order: OrderView) -> str:
    """Where the order is, in a sentence or two."""
    expected = (
        f" We expect it to arrive on {weekday(order.expected_delivery)}." if order.expected_delivery else ""
    )
    tracking = f" The tracking number is {order.tracking}." if order.tracking else ""
    due = f" by {day(order.payment_due)}" if order.payment_due else ""
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


USE_CASE = UseCase(
    readings={"order_status": Reading("Track an order", StartOrderStatus(), about_order=True)},
    forms={FORM: Form("OK, we'll leave the order look-up.", "looking up an order", PAIR)},
)
