"""Not interested: the bot backs off at once, and offers nothing more until it is asked."""

from __future__ import annotations

import re

from actions.find import SearchProducts
from actions.support.base import ShopAction
from actions.support.reply import Reply, leave, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from parley.bootstrap import ActionsContext

REFUSES = re.compile(
    r"\b(no|not|none|never|nothing|don.?t|dont|isn.?t|won.?t|just|only|leave|alone|stop|quit|pass|brows\w*|look(ing)?"
    r"|lost|changed my mind|peace|by myself|(everything|all) i need|already|happy with|bother|curious)\b|n.t\b",
    re.IGNORECASE,
)
STAYS = " What you put into the cart stays there."


class BackOff(ShopAction):
    """Leaves whatever is going on and sets `quiet`, which keeps suggestions away from later replies."""

    action = "action_back_off"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.words and not turn.pressed and not REFUSES.search(turn.words):
            # "I want to buy something" sounds much like its opposite.
            return await SearchProducts().answer(turn, context)
        again = bool(turn.slot("quiet"))
        left = turn.slot("checkout_open") or turn.loop == "checkout_form"
        text = (
            "Understood. I won't say another word unless you ask me."
            if again
            else "No problem, I won't suggest anything. Have a look around; I'm here if you want to know something."
        )
        return say(
            text + (STAYS if left else ""),
            events=(
                *leave(),
                *set_slots(quiet=True, offer=None, checkout_open=None, checkout_confirm=None, focus=None),
            ),
        )


USE_CASE = UseCase(
    readings={"not_interested": Reading("I'm just looking", BackOff(), guessed=False)},
    starts_over=("quiet",),
)
