"""Yes, no and help in a rep's conversation, and what is said when a rep wasn't understood."""

from __future__ import annotations

from actions.support.base import ShopAction
from actions.support.rep import FOR_STAFF, ROLE, RepAction
from actions.support.reply import Reply, button, say
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase, offers
from crm.database import UnitOfWork
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


class RepAffirm(ShopAction):
    """ "Yes" to the change that was asked back. It is made by the offer's own action, which checks again."""

    action = "action_rep_affirm"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.role != ROLE:
            return say(FOR_STAFF)
        offer = turn.slot("offer")
        kind = str(offer.get("kind")) if isinstance(offer, dict) else ""
        known = offers().get(kind) if kind.startswith("rep_") else None
        if known and known.yes:
            return await known.yes.answer(turn, context)
        return say("There is nothing to confirm at the moment.")


class RepDeny(RepAction):
    """ "No": nothing is changed."""

    action = "action_rep_deny"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        return say("All right, nothing is changed.")


class RepHelp(RepAction):
    """What can be asked."""

    action = "action_rep_help"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        lines = [f"Hello {asker.name.split()[0]}. Ask me in your own words, for example:"]
        return say("\n".join([*lines, *(f"• {example}" for example in EXAMPLES)]), *BUTTONS)


class RepFallback(RepAction):
    """What is said to a rep who wasn't understood: called by the fallback, never by a rule."""

    action = "rep_fallback"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        return say(
            "I didn't get that. I know people, orders, leads, notes, the pipeline and who is waiting; "
            f"for example “{EXAMPLES[0]}” or “{EXAMPLES[2]}”.",
            *BUTTONS,
        )


USE_CASE = UseCase(readings={"rep_help": Reading("What can reps ask?")})
