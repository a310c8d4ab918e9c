"""Insults: the bot stays calm, says where the limit is, offers a person, and in the end fetches one."""

from __future__ import annotations

from actions.human import RequestHuman, tried_so_far
from actions.support.base import ShopAction
from actions.support.reply import Reply, button, leave, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import STILL_HERE, Offer, Reading, UseCase
from parley.bootstrap import ActionsContext

PATIENCE = 3


class AnswerAbuse(ShopAction):
    """Counts insults in a row. The first two are answered; with the third a person takes over, told why."""

    action = "action_answer_abuse"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        insults = turn.insults + 1
        if insults >= PATIENCE:
            summary = f"The customer insulted the bot {insults} times in a row. {tried_so_far(turn)}".strip()
            return say(
                "We're not getting anywhere like this, so I've asked a person from our team to take over. "
                "They'll see what was said so far.",
                custom={"handoff": {"reason": "abuse", "summary": summary}},
                events=(*leave(), *set_slots(insults=0)),
            )
        if insults == 1:
            text = "I can tell that you're annoyed. I'd still like to help: tell me in a few words what went wrong."
        else:
            text = (
                "I'll help you with pleasure, but please without insults. Would you rather talk to a person?"
            )
        return say(
            text,
            button("Talk to a person", "human"),
            button("What can you do?", "help"),
            events=set_slots(insults=insults, offer={"kind": "calm"} if insults > 1 else None),
        )


USE_CASE = UseCase(
    readings={"abuse": Reading("I'm annoyed", AnswerAbuse(), guessed=False)},
    offers={"calm": Offer(RequestHuman(), STILL_HERE)},
)
