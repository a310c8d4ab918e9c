"""Who waits for a person, and whom the asker is talking with."""

from __future__ import annotations

from actions.support.rep import RepAction, ago
from actions.support.reply import Reply, say
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from crm.database import UnitOfWork
from crm.services import inbox
from crm.services.conversation_views import InboxEntry
from crm.services.users import UserView
from parley.bootstrap import ActionsContext


class RepWaiting(RepAction):
    """The queue, then the asker's own conversations."""

    action = "action_rep_waiting"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        queued = await inbox.list_inbox(uow, statuses=("queued",), limit=10)
        own = await inbox.list_inbox(uow, statuses=("human",), assignee_id=asker.id, limit=10)
        lines = [f"Waiting for a person: {len(queued)}" if queued else "Nobody is waiting for a person."]
        lines += [_line(entry, uow) for entry in queued]
        if own:
            lines += [f"Yours: {len(own)}", *(_line(entry, uow) for entry in own)]
        if queued:
            lines.append("Accept them on their cards in the alerts channel, or on my Home tab.")
        return say("\n".join(lines))


def _line(entry: InboxEntry, uow: UnitOfWork) -> str:
    since = entry.conversation.waiting_since
    waits = f", waits since {ago(since, uow.now())}" if since else ""
    return f"• {entry.contact_name or 'A customer'}{waits}: {entry.last_text[:100]}"


USE_CASE = UseCase(readings={"rep_waiting": Reading("Who is waiting?")})
