"""How the pipeline looks: open deals by stage, what they are expected to bring, what was won this month."""

from __future__ import annotations

from actions.support.rep import RepAction
from actions.support.reply import Reply, money, say
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from crm.database import UnitOfWork
from crm.services.reps import pipeline
from crm.services.reps.views import Pipeline
from crm.services.users import UserView
from parley.bootstrap import ActionsContext


class RepPipeline(RepAction):
    """One's own deals; everybody's for a manager."""

    action = "action_rep_pipeline"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        return say("\n".join(described(await pipeline.pipeline(uow, asker=asker))))


def described(found: Pipeline) -> list[str]:
    """The pipeline in lines."""
    whose = "Everybody's" if found.everybody else "Your"
    held = [stage for stage in found.stages if stage.deals]
    lines = [f"{whose} open deals: {sum(stage.deals for stage in held)}"]
    for stage in held:
        worth = f", {money(stage.amount, found.currency)}" if stage.amount else ""
        lines.append(f"• {stage.name.capitalize()}: {stage.deals}{worth}")
    expected = sum((stage.expected for stage in held), start=found.won.expected)
    if found.unpriced:
        lines.append(f"{found.unpriced} of them have no amount yet, so they count for nothing below.")
    lines.append(f"Won this month: {found.won.deals}, {money(found.won.amount, found.currency)}")
    lines.append(f"Forecast: {money(expected, found.currency)}")
    return lines


USE_CASE = UseCase(readings={"rep_pipeline": Reading("My pipeline")})
