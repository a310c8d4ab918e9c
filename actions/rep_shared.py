"""Yes, no and help in a rep's conversation, and what is said when a rep wasn't understood."""

from __future__ import annotations

from actions.rep_leads import shown
from actions.support.lead_words import looked_at
from actions.support.rep import RepAction, RepWriting
from actions.support.reply import Reply, button, say
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase, changes
from crm.database import UnitOfWork
from crm.services.reps import leads
from crm.services.users import UserView
from parley.bootstrap import ActionsContext

EXAMPLES = (
    "who is dana@example.com",
    "what did she order",
    "any new leads today",
    "mark lead 17 contacted",
    "recommend something for Dana under 300",
    "note for Dana: wants the quote by Friday",
    "my pipeline",
    "who is waiting",
)
BUTTONS = (
    button("New leads", "rep_leads"),
    button("Who is waiting?", "rep_waiting"),
    button("My pipeline", "rep_pipeline"),
)


class RepAffirm(RepWriting):
    """ "Yes" to the change that was asked back: made once, by what the use case declares for it."""

    action = "action_rep_affirm"

    async def change(self, turn: Turn, uow: UnitOfWork, asker: UserView) -> Reply:
        offer = turn.slot("offer")
        change = changes().get(str(offer.get("kind"))) if isinstance(offer, dict) else None
        if change is None:
            return say("There is nothing to confirm at the moment.")
        return await change(turn, uow, asker)


class RepDeny(RepAction):
    """ "No": nothing is changed."""

    action = "action_rep_deny"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        return say("All right, nothing is changed.")


class RepHelp(RepAction):
    """What can be asked; to somebody who wasn't understood, in short."""

    action = "action_rep_help"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        if turn.intent != "rep_help":
            if number := looked_at(turn):
                return shown(await leads.get(uow, number, asker=asker), uow)
            return say(
                "I didn't get that. I know people, orders, leads, notes, the pipeline and who is waiting; "
                f"for example “{EXAMPLES[0]}” or “{EXAMPLES[2]}”.",
                *BUTTONS,
            )
        lines = [f"Hello {asker.name.split()[0]}. Ask me in your own words, for example:"]
        return say("\n".join([*lines, *(f"• {example}" for example in EXAMPLES)]), *BUTTONS)


USE_CASE = UseCase(readings={"rep_help": Reading("What can reps ask?")})
