"""Paying in general: ways, instalments, when; and what is still to pay of the customer's own order when it is known."""

from __future__ import annotations

from actions.support.own_order import day
from actions.support.reply import money
from actions.support.topic import TopicAction
from actions.support.use_cases import Reading, UseCase
from crm.views import OrderView
from parley.bootstrap import ActionsContext


class AnswerPayment(TopicAction):
    action = "action_answer_payment"
    intent = "ask_payment"
    topics = ("payment",)

    def about(self, order: OrderView, context: ActionsContext) -> str:
        total = money(order.total, order.currency)
        if order.status == "cancelled":
            return "it was cancelled, so nothing needs to be paid."
        if order.paid_at is not None:
            return f"{total} were paid on {day(order.paid_at)}; nothing is open."
        due = f" by {day(order.payment_due)}" if order.payment_due else ""
        return f"{total} are to be paid{due}, naming {order.number}."


USE_CASE = UseCase(readings={"ask_payment": Reading("Ask about payment", AnswerPayment(), about_order=True)})
