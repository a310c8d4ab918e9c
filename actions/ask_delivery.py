"""Delivery in general: cost, time, countries, pick-up; with where the customer's own order is when it is known."""

from __future__ import annotations

from actions.order_status import state
from actions.support.topic import TopicAction
from actions.support.use_cases import Reading, UseCase
from crm.views import OrderView
from parley.bootstrap import ActionsContext


class AnswerDelivery(TopicAction):
    action = "action_answer_delivery"
    intent = "ask_delivery"
    topics = ("delivery",)

    def about(self, order: OrderView, context: ActionsContext) -> str:
        return state(order)


USE_CASE = UseCase(
    readings={"ask_delivery": Reading("Ask about delivery", AnswerDelivery(), about_order=True)}
)
