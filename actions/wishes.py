"""The wish that had to wait for another one of the same message: a yes does it now."""

from __future__ import annotations

from actions.support.base import ShopAction
from actions.support.reply import Reply, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import STILL_HERE, Offer, UseCase, readings
from actions.support.wishes import LATER, as_turn
from parley.bootstrap import ActionsContext


class DoLater(ShopAction):
    """Runs what answers the kept wish, as if it had been said now."""

    action = "action_do_later"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        later = turn.slot(LATER)
        reading = readings().get(str(later.get("intent"))) if isinstance(later, dict) else None
        if reading is None or reading.action is None:
            return STILL_HERE
        reply = await reading.action.answer(as_turn(turn, later), context)
        return reply.with_events(*set_slots(**{LATER: None}))


USE_CASE = UseCase(offers={LATER: Offer(DoLater(), STILL_HERE)}, starts_over=(LATER,))
