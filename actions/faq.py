"""Questions about the shop itself, answered from its own FAQ."""

from __future__ import annotations

import asyncio

from actions.support.base import ShopAction
from actions.support.reply import Reply, button, say
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase, readings
from models.faq import FaqHit
from parley.bootstrap import ActionsContext


class AnswerFaq(ShopAction):
    """The shop's answer, word for word, or an honest "I don't know" with somebody who does."""

    action = "action_answer_faq"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        return await faq_answer(turn, context) or say(
            "I don't have an answer to that, and I won't guess. A colleague can tell you.",
            button("Talk to a person", "human"),
            button("Call me back", "callback"),
        )


async def faq_answer(turn: Turn, context: ActionsContext) -> Reply | None:
    """The closest entry's answer; None when none is close enough."""
    if not turn.words:
        return None
    hit = await asyncio.to_thread(context.faq.best, turn.words)
    return said(hit) if hit else None


def said(hit: FaqHit, more: str = "") -> Reply:
    """The answer, with a button for what can be done about it here, if the shop names such an intent."""
    next_step = readings().get(hit.leads_to)
    buttons = (button(next_step.title, hit.leads_to),) if next_step else ()
    return say(f"{hit.answer}{more}", *buttons)


USE_CASE = UseCase(readings={"faq": Reading("A question about the shop", AnswerFaq(), guessed=False)})
