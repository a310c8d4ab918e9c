"""Warranty and repair in general, and until when the customer's own order is covered when it is known."""

from __future__ import annotations

from actions.support.own_order import day
from actions.support.topic import TopicAction
from actions.support.use_cases import Reading, UseCase
from crm.after_delivery import warranty_until
from crm.views import OrderView
from parley.bootstrap import ActionsContext


class AnswerWarranty(TopicAction):
    action = "action_answer_warranty"
    intent = "ask_warranty"
    topics = ("warranty", "repair")

    def about(self, order: OrderView, context: ActionsContext) -> str:
        if order.status in ("cancelled", "returned"):
            return f"it was {order.status}, so there is nothing to cover."
        until = warranty_until(order.delivered_at, context.shop)
        if until is None:
            return f"the {context.shop.warranty_years} years begin on the day it arrives."
        if context.clock().date() > until:
            return f"the warranty ended on {day(until)}. A colleague tells you what a repair would cost."
        return f"it is covered until {day(until)}."


USE_CASE = UseCase(
    readings={"ask_warranty": Reading("Ask about the warranty", AnswerWarranty(), about_order=True)}
)
