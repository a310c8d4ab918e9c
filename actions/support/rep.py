"""What reps' actions share: who asks is checked here, whatever the classifier chose and the message claims."""

from __future__ import annotations

import re
from abc import abstractmethod
from datetime import datetime

from actions.support.base import ShopAction, WritingAction
from actions.support.reply import Reply, say
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.errors import AlreadyClaimed, CrmError, InvalidInput, NotAllowed, NotFound
from crm.services.reps import access
from crm.services.users import UserView
from parley.bootstrap import ActionsContext

ROLE = "rep"
LEAD = re.compile(
    r"(?:\blea?e?ds?\b\s*(?:no\.?|nr\.?|number|=|#)?\s*#?\s*|#\s*|\bnumber\s+)(\d{1,7})\b", re.IGNORECASE
)
BARE = re.compile(r"(?<![\w.,-])(\d{1,6})(?![\w.,-])")
FOR_STAFF = "That is for our sales team only."


class RepAction(ShopAction):
    """Answers a rep's question from what it reads."""

    @abstractmethod
    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        """What `asker` is answered. Raises what the services raise."""

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.role != ROLE:
            return say(FOR_STAFF)
        try:
            async with context.database.read() as uow:
                asker = await access.asker(uow, turn.conversation_id)
                return await self.tell(turn, context, uow, asker)
        except (NotAllowed, NotFound, InvalidInput, AlreadyClaimed) as error:
            return refusal(error)


class RepWriting(WritingAction):
    """Changes something for a rep, once for each message; what was asked for stands in the slot `offer`."""

    @abstractmethod
    async def change(self, turn: Turn, uow: UnitOfWork, asker: UserView) -> Reply:
        """Make the change and say so. Raises what the services raise."""

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        if turn.role != ROLE:
            raise NotAllowed(FOR_STAFF)
        return await self.change(turn, uow, await access.asker(uow, turn.conversation_id))

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, NotAllowed | NotFound | InvalidInput | AlreadyClaimed):
            return refusal(error)
        raise error


def refusal(error: NotAllowed | NotFound | InvalidInput | AlreadyClaimed) -> Reply:
    """A service's refusal as a sentence."""
    match error:
        case NotAllowed():
            return say(error.why)
        case NotFound():
            return say(f"I don't find {error.kind} {error.key}.")
        case AlreadyClaimed():
            return say(f"{error.by} has it already.")
        case InvalidInput():
            return say(f"I can't take that: {error.fix}.")


def lead_number(turn: Turn) -> int | None:
    """The lead's number in the message, or the one last talked about; a bare number counts where none is named."""
    text = turn.words
    found = LEAD.search(text) or BARE.search(text)
    if found:
        return int(found[1])
    last = turn.slot("rep_lead")
    return last if isinstance(last, int) else None


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in words: "5 minutes ago", "yesterday"."""
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} h ago"
    days = minutes // (24 * 60)
    return "yesterday" if days == 1 else f"{days} days ago"
