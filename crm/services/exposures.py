"""Recommendations that were shown, opened, put into the cart and bought; click-through and conversion by strategy.

A later step counts for the last showing of the product in the same conversation, and implies the earlier ones: who
puts a product into the cart from its card has clicked it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from crm.database import UnitOfWork
from crm.errors import InvalidInput
from crm.model.base import new_id
from crm.model.exposure import STRATEGIES, Exposure
from crm.upsert import insert

REMEMBERED = timedelta(days=30)
"""A step after this time is no longer put down to the showing."""

STEPS = (Exposure.opened_at, Exposure.carted_at, Exposure.bought_at)


@dataclass(frozen=True, slots=True)
class Shown:
    """A product in a reply, in the order of the cards."""

    sku: str
    strategy: str


@dataclass(frozen=True, slots=True)
class StrategyReport:
    """Numbers of showings of one strategy, and how many of these were opened, put into the cart and bought."""

    strategy: str
    shown: int
    opened: int
    carted: int
    bought: int

    @property
    def click_through(self) -> float:
        """Share of showings that were opened."""
        return self.opened / self.shown if self.shown else 0.0

    @property
    def conversion(self) -> float:
        """Share of showings that were bought."""
        return self.bought / self.shown if self.shown else 0.0


async def show(uow: UnitOfWork, conversation_id: str, shown: Sequence[Shown], *, cause: str) -> None:
    """Record what the reply to message `cause` shows. A repetition of the same message adds nothing.

    Raises InvalidInput for an unknown strategy.
    """
    for one in shown:
        if one.strategy not in STRATEGIES:
            raise InvalidInput("strategy", one.strategy, f"use one of {', '.join(STRATEGIES)}")
    rows = [
        {
            "id": new_id(),
            "conversation_id": conversation_id,
            "cause": cause,
            "sku": one.sku,
            "strategy": one.strategy,
            "position": position,
            "shown_at": uow.now(),
        }
        for position, one in enumerate(shown)
    ]
    if rows:
        connection = await uow.session.connection()
        await connection.execute(insert(uow, Exposure).on_conflict_do_nothing(), rows)


async def opened(uow: UnitOfWork, conversation_id: str, sku: str) -> bool:
    """The customer looked closer at the product; False when it wasn't shown to them of late."""
    return await _reached(uow, conversation_id, [sku], 1) > 0


async def carted(uow: UnitOfWork, conversation_id: str, sku: str) -> bool:
    """The customer put the product into the cart; False when it wasn't shown to them of late."""
    return await _reached(uow, conversation_id, [sku], 2) > 0


async def bought(uow: UnitOfWork, conversation_id: str, skus: Sequence[str]) -> int:
    """The customer ordered these products; the number that had been shown to them of late."""
    return await _reached(uow, conversation_id, skus, 3)


async def seen(uow: UnitOfWork, conversation_id: str) -> list[str]:
    """What the customer opened in this conversation, the latest first."""
    query = (
        select(Exposure.sku)
        .where(Exposure.conversation_id == conversation_id, Exposure.opened_at.is_not(None))
        .group_by(Exposure.sku)
        .order_by(func.max(Exposure.opened_at).desc(), Exposure.sku)
    )
    return list(await uow.session.scalars(query))


async def forget(uow: UnitOfWork, conversation_id: str) -> None:
    """Keep the counts and forget which conversation they came from."""
    statement = update(Exposure).where(Exposure.conversation_id == conversation_id)
    await uow.session.execute(
        statement.values(conversation_id=None).execution_options(synchronize_session=False)
    )


async def report(
    uow: UnitOfWork, *, since: datetime | None = None, until: datetime | None = None
) -> list[StrategyReport]:
    """Each strategy's figures for what was shown from `since` on and before `until`, the most shown first."""
    shown = func.count()
    query = select(Exposure.strategy, shown, *(func.count(step) for step in STEPS)).group_by(
        Exposure.strategy
    )
    if since is not None:
        query = query.where(Exposure.shown_at >= since)
    if until is not None:
        query = query.where(Exposure.shown_at < until)
    rows = await uow.session.execute(query.order_by(shown.desc(), Exposure.strategy))
    return [StrategyReport(strategy, *counts) for strategy, *counts in rows]


async def _reached(uow: UnitOfWork, conversation_id: str, skus: Sequence[str], steps: int) -> int:
    """Mark the first `steps` steps of each product's last showing; the number of products shown."""
    now = uow.now()
    latest: dict[str, str] = {}
    query = (
        select(Exposure.sku, Exposure.id)
        .where(*_recent(conversation_id, skus, now - REMEMBERED))
        .order_by(Exposure.shown_at, Exposure.position)
    )
    for sku, identity in await uow.session.execute(query):
        latest[sku] = identity
    if latest:
        marks = {step.key: func.coalesce(step, now) for step in STEPS[:steps]}
        statement = update(Exposure).where(Exposure.id.in_(latest.values())).values(marks)
        await uow.session.execute(statement.execution_options(synchronize_session=False))
    return len(latest)


def _recent(
    conversation_id: str, skus: Sequence[str], since: datetime
) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    return Exposure.conversation_id == conversation_id, Exposure.sku.in_(skus), Exposure.shown_at >= since
