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
            reply = await self.answer(turn, context)
            await exposed.record(turn, reply, context)
        return with_return(turn, self._closing(turn, reply)).utter(dispatcher)

    def _closing(self, turn: Turn, reply: Reply) -> Reply:
        names = {event.get("name") for event in reply.events if event["event"] == "slot"}
        closing: list[Event] = []
        if "offer" not in names and turn.slot("offer") is not None:
            closing.append(SlotSet("offer", None))
        if "misses" not in names and turn.slot("misses"):
            closing.append(SlotSet("misses", 0))
        changes_loop = any(event["event"] == "active_loop" for event in reply.events)
        if self.ends_search and turn.loop == SEARCH_FORM and not changes_loop:
            closing += [ActiveLoop(None), SlotSet("requested_slot", None)]
        return reply.with_events(*closing)


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
                kept = await once.recall(uow, turn.message_id, self.action)
                if kept is not None:
                    return Reply.from_json(kept)
                reply = await self.write(turn, context, uow)
                await once.remember(uow, turn.message_id, self.action, reply.as_json())
                await uow.commit()
                return reply
        except StorageError:
            raise
        except CrmError as error:
            return await self.explain(turn, context, error)
