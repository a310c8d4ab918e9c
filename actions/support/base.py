"""The two kinds of action: one that reads, and one that writes exactly once for each message.

Both bound themselves: Rasa would wait five minutes. What isn't answered here (a database that went away, a
time-out, a defect) is raised, so that the bot's channel reports a failed turn, keeps nothing of it, and the
gateway tries the message again. A customer never gets half an answer.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.support import exposed
from actions.support.handback import with_return
from actions.support.reply import Event, Reply
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.errors import CrmError, StorageError
from crm.services import once
from parley.bootstrap import ActionsContext, actions_context

ACTION_SECONDS = 5.0
# A question about the search is dropped as soon as the customer does something else; forms about
# an order are resumed instead.
SEARCH_FORM = "search_form"
# What shows that an order is the customer's. A form that asks for it can be begun again at any time.
PAIR = ("order_number", "order_email")
UNDONE = ("need", "shown", "focus")


class ShopAction(Action, ABC):  # type: ignore[misc]  # rasa-sdk ships no types
    """An action that answers from what it reads.

    A reply that ends with a yes-or-no question sets the slot `offer`; any other withdraws the last one, so
    that a late "yes" isn't taken for consent to something long past. `ends_search` says that what is asked
    for here makes a pending question about the search pointless.
    """

    action: str
    ends_search = True

    def name(self) -> str:
        return self.action

    @abstractmethod
    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        """What the customer gets. Storage errors are left to the caller."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        turn, context = Turn.of(tracker), actions_context()
        async with asyncio.timeout(ACTION_SECONDS):
            await exposed.noted(turn.conversation_id)
            reply = await self.respond(turn, context)
        exposed.note(turn, reply, context)
        return with_return(turn, reply).utter(dispatcher)

    async def respond(self, turn: Turn, context: ActionsContext) -> Reply:
        """The answer with what every reply does to the dialogue; each wish's, when the message holds several."""
        # Here, because what answers a wish is itself one of these.
        from actions import second_opinion
        from actions.support import wishes

        # A form's question comes after its validator, which has seen to every wish of the message.
        if turn.wishes and not turn.resumed and not self.name().startswith("action_ask_"):
            return await wishes.answer_each(turn, context)
        acting = second_opinion.beyond_doubt(turn, context) or self
        return wishes.remind(turn, acting.closing(turn, await acting.answer(turn, context)))

    def closing(self, turn: Turn, reply: Reply) -> Reply:
        names = {event.get("name") for event in reply.events if event["event"] == "slot"}
        closing: list[Event] = []
        if reply.messages and "offer" not in names and turn.slot("offer") is not None:
            closing.append(SlotSet("offer", None))
        if "misses" not in names and turn.slot("misses"):
            closing.append(SlotSet("misses", 0))
        if "insults" not in names and turn.slot("insults"):
            closing.append(SlotSet("insults", 0))
        if turn.slot("quiet") and any("cards" in (message.custom or {}) for message in reply.messages):
            # Who asks to see products again is interested again.
            closing.append(SlotSet("quiet", None))
        if "undo_cart" not in names and turn.slot("undo_cart"):
            closing.append(SlotSet("undo_cart", None))
        closing += _undo(turn, reply)
        changes_loop = any(event["event"] == "active_loop" for event in reply.events)
        if self.ends_search and turn.loop == SEARCH_FORM and not changes_loop:
            closing += [ActiveLoop(None), SlotSet("requested_slot", None)]
        asks = self.name().startswith("action_ask_")
        if turn.loop and turn.requested_slot in PAIR and not asks and not changes_loop:
            closing += _dropped_in_time(turn)
        return reply.with_events(*closing)


def _dropped_in_time(turn: Turn) -> list[Event]:
    """Who goes on to something else for the second time is asked for their order no more."""
    before = turn.slot("form_misses")
    if isinstance(before, int) and before >= 1:
        return [ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("form_misses", None)]
    return [SlotSet("form_misses", 1)]


def _undo(turn: Turn, reply: Reply) -> list[Event]:
    """What the reply changes of the search, as it was before, so that a correction can take it back."""
    now = {event["name"]: event["value"] for event in reply.events if event["event"] == "slot"}
    before = {name: turn.slot(name) for name in UNDONE if name in now and now[name] != turn.slot(name)}
    if before:
        return [SlotSet("undo", before)]
    return [SlotSet("undo", None)] if turn.slot("undo") is not None else []


class WritingAction(ShopAction):
    """An action that changes the CRM, once for each message however often the message is handled.

    What it writes and the record that it was written share one unit of work; a repeated message gets the kept
    reply. A refusal by a service (`CrmError`) undoes the unit of work before it is explained.
    """

    @abstractmethod
    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        """Call one service and say what happened. Raises what the service raises."""

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        """Turn a service's refusal into a sentence; raise it again when it isn't the customer's doing."""
        raise error

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if not turn.message_id:
            raise ValueError(
                f"{self.action}: the message has no id in its metadata, so it can't be written once"
            )
        try:
            async with context.database.write() as uow:
                kept = await once.recall(uow, turn.message_id, self._key(turn))
                if kept is not None:
                    return Reply.from_json(kept)
                reply = await self.write(turn, context, uow)
                await once.remember(uow, turn.message_id, self._key(turn), reply.as_json())
                await uow.commit()
                return reply
        except StorageError:
            raise
        except CrmError as error:
            return await self.explain(turn, context, error)

    def _key(self, turn: Turn) -> str:
        """What a repeated message is recognised by; two wishes of one message may be for the same action."""
        return f"{self.action}#{turn.part}" if turn.part else self.action
