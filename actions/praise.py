"""Praise: taken with thanks, and kept where reports can read it."""

from __future__ import annotations

import re

from actions.support.base import WritingAction
from actions.support.reply import Reply, button, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from crm.database import UnitOfWork
from crm.services import carts, feedback
from parley.bootstrap import ActionsContext

TEAM = re.compile(
    r"\b(team|staff|colleague|lady|man|guys|people|employee|deliver\w*|courier|packed|store|shop|service)\b",
    re.IGNORECASE,
)


class KeepPraise(WritingAction):
    """Thanks, and says honestly where the words go. A full cart is reminded of; else nothing is asked."""

    action = "action_keep_praise"
    ends_search = False

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        if turn.words:
            await feedback.keep(
                uow,
                conversation_id=turn.conversation_id,
                kind="praise",
                text=turn.words,
                cause=turn.message_id,
                sku=turn.slot("focus") if isinstance(turn.slot("focus"), str) else None,
                sentiment=turn.sentiment,
            )
        whom = "the team" if TEAM.search(turn.words) else "the people behind this shop"
        text = f"Thank you, that's good to hear! I keep your words for {whom}; they'll be glad to read them."
        if turn.loop is None and (await carts.view(uow, turn.conversation_id)).lines:
            return say(
                f"{text} Your cart is still here, by the way. Shall we check out?",
                button("Check out", "checkout"),
                events=set_slots(offer={"kind": "checkout"}),
            )
        return say(text)


USE_CASE = UseCase(readings={"praise": Reading("Leave a compliment", KeepPraise())})
