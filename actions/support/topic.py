"""Questions about one topic of the shop: answered from its FAQ, and from the customer's own order when it is known."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from actions.faq import said
from actions.support.base import WritingAction
from actions.support.own_order import known_order, order_email, order_number
from actions.support.reply import Reply, button, say, set_slots
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.errors import CrmError, InvalidInput, TooManyAttempts
from crm.people import email_key
from crm.services import orders
from crm.views import OrderView
from models.faq import FaqHit
from parley.bootstrap import ActionsContext

SUGGESTED = 3
ASK = (button("Talk to a person", "human"),)


class TopicAction(WritingAction):
    """The FAQ's answer of the `topics`, then what it means for the customer's own order.

    The order is the one that this chat is about, or one that is named together with its e-mail in the message; only in
    the second case anything is written, since a wrong pair is counted. A wrong pair just isn't answered: the question
    itself was.
    """

    topics: tuple[str, ...]
    intent: str
    ends_search = False

    @abstractmethod
    def about(self, order: OrderView, context: ActionsContext) -> str:
        """What it means for this order; empty when nothing."""

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if order_number(turn) and order_email(turn):
            return await super().answer(turn, context)
        order = await self._known(turn, context)
        return await self._told(turn, context, order)

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        number, email = str(order_number(turn)), str(order_email(turn))
        order = await orders.track(
            uow, number, email, conversation_id=turn.conversation_id, client=turn.client
        )
        reply = await self._told(turn, context, order)
        known = {"number": order.number, "email": email} if order else None
        return reply.with_events(*set_slots(known_order=known)) if known else reply

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, InvalidInput | TooManyAttempts):
            return await self._told(turn, context, None)
        raise error

    async def _known(self, turn: Turn, context: ActionsContext) -> OrderView | None:
        """The order that this chat has looked up or placed, unless another one is named."""
        known, named = known_order(turn), order_number(turn)
        if known is None or named not in (None, known[0]):
            return None
        async with context.database.read() as uow:
            try:
                order = await orders.get(uow, known[0])
            except CrmError:
                return None
        return order if order.email and email_key(order.email) == email_key(known[1]) else None

    async def _told(self, turn: Turn, context: ActionsContext, order: OrderView | None) -> Reply:
        own = self.about(order, context) if order is not None else ""
        if order is not None and own:
            own = f"Your order {order.number}: {own}"
        hit = await self._from_faq(turn, context)
        if hit and hit.score < context.faq.threshold:
            near = say(f"I may not have exactly that, but this comes near. {hit.answer}", *ASK)
            return near.then(say(own)) if own else near
        if hit:
            return said(hit, f"\n\n{own}" if own else "")
        return say(own) if own else self._suggested(context)

    async def _from_faq(self, turn: Turn, context: ActionsContext) -> FaqHit | None:
        if not turn.words:
            return None
        return await asyncio.to_thread(context.faq.best, turn.words, topics=self.topics)

    def _suggested(self, context: ActionsContext) -> Reply:
        """Nothing comes near: the shop's own questions of the topic, or somebody who knows."""
        entries = [entry for entry in context.vocabulary.faq if set(entry.tags) & set(self.topics)]
        if not entries:
            return say(
                "I don't have an answer to that, and I won't guess. A colleague can tell you.",
                button("Talk to a person", "human"),
                button("Call me back", "callback"),
            )
        return say(
            "What would you like to know?",
            *(button(entry.question, self.intent, said=entry.question) for entry in entries[:SUGGESTED]),
            *ASK,
        )
