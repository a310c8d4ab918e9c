"""Deals by stage and what they are expected to bring: amount × probability of the stage (`crm/pipeline.py`)."""

from decimal import Decimal

from sqlalchemy import and_, func, or_, select, true

from crm.database import UnitOfWork
from crm.model.sales import Deal
from crm.model.sales import Lead as LeadRow
from crm.pipeline import CLOSED, PROBABILITY, WON
from crm.services.reps.access import sees_all
from crm.services.reps.views import Pipeline, Stage
from crm.services.users import UserView

CENT = Decimal("0.01")


async def pipeline(uow: UnitOfWork, *, asker: UserView) -> Pipeline:
    """Open deals by stage and what was won this month: everybody's for managers, one's own for a rep.

    A deal is a rep's when they own it or the lead that it began with.
    """
    everybody = sees_all(asker)
    now = uow.now()
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    theirs = true() if everybody else or_(Deal.owner_id == asker.id, LeadRow.owner_id == asker.id)
    open_or_won_lately = or_(Deal.stage.not_in(CLOSED), and_(Deal.stage == WON, Deal.closed_at >= month))
    rows = await uow.session.execute(
        select(Deal.stage, func.count(), func.sum(Deal.amount), func.count(Deal.amount))
        .outerjoin(LeadRow, LeadRow.id == Deal.lead_id)
        .where(theirs, open_or_won_lately)
        .group_by(Deal.stage)
    )
    found = {stage: (count, Decimal(amount or 0), priced) for stage, count, amount, priced in rows}
    stages = tuple(_stage(name, found) for name in PROBABILITY if name not in CLOSED)
    unpriced = sum(count - priced for stage, (count, _, priced) in found.items() if stage != WON)
    return Pipeline(stages, _stage(WON, found), uow.policy.currency, everybody, unpriced)


def _stage(name: str, found: dict[str, tuple[int, Decimal, int]]) -> Stage:
    count, amount, _ = found.get(name, (0, Decimal(0), 0))
    return Stage(name, count, amount, (amount * PROBABILITY[name]).quantize(CENT))
