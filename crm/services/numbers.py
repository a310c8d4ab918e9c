"""Short numbers that people can say: 1, 2, 3 …, without gaps, in the order of commits."""

from sqlalchemy import update

from crm.database import UnitOfWork
from crm.model.sales import Counter
from crm.upsert import insert_new


async def take(uow: UnitOfWork, name: str) -> int:
    """The next number of this name. Others who take one wait until this unit of work ends."""
    statement = (
        update(Counter).where(Counter.name == name).values(last=Counter.last + 1).returning(Counter.last)
    )
    taken = await uow.session.scalar(statement)
    if taken is None:
        await insert_new(uow, Counter, name=name, last=0)
        taken = await uow.session.scalar(statement)
    return int(taken or 1)
