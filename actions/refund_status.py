"""Where is my money? Told from the order's refunds and returns, and what has to happen next."""

from __future__ import annotations

from actions.order_status import refund_text
from actions.support.base import ShopAction
from actions.support.form import unfinished_order
from actions.support.own_order import (
    PAIR,
    RETURN_NUMBER,
    OrderFormValidator,
    OwnOrderAction,
    begin,
    day,
    known_order,
    order_email,
    weekday,
)
from actions.support.reply import Button, Reply, button, money, say
from actions.support.turn import Turn
from actions.support.use_cases import Form, Reading, UseCase
from crm.aftersales_views import RefundView, ReturnView
from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.services import refunds, returns
from crm.views import OrderView
from crm.working_days import working_days_after
from parley.bootstrap import ActionsContext

FORM = "refund_status_form"
PERSON = button("Talk to a person", "human")


class StartRefundStatus(ShopAction):
    """Begin with what was said."""

    action = "action_start_refund_status"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        events = begin(FORM, turn)
        if found := RETURN_NUMBER.search(turn.words):
            # Whose it is, is asked as ever; the number alone shows nothing.
            events = begin(FORM, turn, **await self._order_of(f"RT-{found[1]}-{found[2]}", turn, context))
        return Reply(events=events)

    async def _order_of(self, number: str, turn: Turn, context: ActionsContext) -> dict[str, str | None]:
        known = known_order(turn)
        async with context.database.read() as uow:
            try:
                order = (await returns.get(uow, number)).order_number
            except NotFound:
                return {}
        same = known is not None and known[0] == order
        return {"order_number": order, "order_email": known[1] if same and known else order_email(turn)}


class ValidateRefundStatusForm(OrderFormValidator):
    form = FORM
    own_intent = "refund_status"


class TellRefundStatus(OwnOrderAction):
    """What was sent, what is owed until when, and what is still awaited."""

    action = "action_tell_refund_status"
    intent = "refund_status"

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        owed = await refunds.of_order(uow, order.number)
        backs = await returns.of_order(uow, order.number)
        awaited = [back for back in backs if back.status == "announced"]
        told = [_why(refund) + refund_text(refund) for refund in owed]
        told += [_awaited(back, uow.policy.refund_days) for back in awaited]
        buttons: tuple[Button, ...] = (PERSON,)
        if not told:
            sentence, buttons = _nothing_yet(order, uow)
            told = [sentence]
        elif any(not refund.sent_at and refund.due < uow.now().date() for refund in owed):
            told.append("That is overdue, and I'm sorry: a colleague can find out at once what holds it up.")
        reply = say(f"Order {order.number}: {' '.join(told)}", *buttons, events=self.done(turn))
        return reply.then(unfinished_order(turn))


def _why(refund: RefundView) -> str:
    return {
        "cancelled": "it was cancelled. ",
        "changed": "it became cheaper when it was changed. ",
        "returned": "your return has reached us. ",
    }[refund.reason]


def _awaited(back: ReturnView, days: int) -> str:
    amount = money(back.amount, back.currency)
    return (
        f"we're waiting for your return {back.number}; please hand it in by {day(back.send_by)}. "
        f"{amount} are sent within {days} working days of its reaching us."
    )


def _nothing_yet(order: OrderView, uow: UnitOfWork) -> tuple[str, tuple[Button, ...]]:
    """What to say of an order for which no refund is noted and no return is on its way."""
    match order.status:
        case "cancelled":
            return "it was cancelled before anything was paid, so there is nothing to refund.", (PERSON,)
        case "returned" if order.returned_at:
            due = working_days_after(order.returned_at.date(), uow.policy.refund_days)
            amount = money(order.total, order.currency)
            return f"it came back on {day(order.returned_at)}; {amount} are sent by {weekday(due)}.", (
                PERSON,
            )
        case "shipped" | "delivered":
            return (
                "no return is announced for it, so no refund is under way. Shall we set a return up? "
                "If you sent something back without telling us, a colleague looks for it.",
                (button("Send something back", "return_order"), PERSON),
            )
        case _:
            return (
                "it is neither cancelled nor sent back, so no refund is under way.",
                (button("Cancel it", "cancel_order"), button("Where is it?", "order_status")),
            )


USE_CASE = UseCase(
    readings={"refund_status": Reading("Where is my refund?", StartRefundStatus(), about_order=True)},
    forms={FORM: Form("OK, we'll leave the refund.", "asking about a refund", PAIR)},
)
