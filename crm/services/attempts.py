"""Limiting how often somebody may fail: counted in the database, so that every process counts together."""

import math
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select

from crm.database import UnitOfWork
from crm.errors import TooManyAttempts
from crm.model.once import FailedLookup
from crm.policy import AttemptLimit, ShopPolicy

Keys = Mapping[str, str]


def limits(policy: ShopPolicy) -> dict[str, AttemptLimit]:
    """The limit of each scope."""
    return {
        "conversation": policy.lookup_per_conversation,
        "client": policy.lookup_per_client,
        "order": policy.lookup_per_order,
    }


async def check(uow: UnitOfWork, keys: Keys) -> None:
    """Refuse when any of the keys (scope → key) failed too often. Raises TooManyAttempts.

    Two tries at once are counted one after the other: the second waits here for the first to be committed.
    """
    await _queue_up(uow, keys)
    waits = [await _wait(uow, scope, key) for scope, key in keys.items()]
    if any(waits):
        raise TooManyAttempts(max(waits))


async def fail(uow: UnitOfWork, keys: Keys) -> None:
    """Count one failure under each key, and forget those that no longer count."""
    now = uow.now()
    oldest = now - max(limit.window for limit in limits(uow.policy).values())
    await uow.session.execute(delete(FailedLookup).where(FailedLookup.at < oldest))
    uow.session.add_all(FailedLookup(scope=scope, key=key, at=now) for scope, key in keys.items())
    await uow.session.flush()


async def _wait(uow: UnitOfWork, scope: str, key: str) -> int:
    """Seconds until another try is allowed; 0 for now."""
    limit = limits(uow.policy)[scope]
    now = uow.now()
    # The failure that has to leave the window before the next try: the limit-th most recent.
    query = (
        select(FailedLookup.at)
        .where(FailedLookup.scope == scope, FailedLookup.key == key, FailedLookup.at > now - limit.window)
        .order_by(FailedLookup.at.desc())
        .offset(limit.failures - 1)
        .limit(1)
    )
    blocking: datetime | None = await uow.session.scalar(query)
    if blocking is None:
        return 0
    return max(1, math.ceil((blocking + limit.window - now).total_seconds()))


async def _queue_up(uow: UnitOfWork, keys: Keys) -> None:
    if uow.session.get_bind().dialect.name != "postgresql":
        return  # SQLite's write transaction is the queue
    for name in sorted(f"{scope}:{key}" for scope, key in keys.items()):
        await uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
