"""Small writes of many tasks share a commit, and each learns what became of its own."""

import asyncio

import pytest
from sqlalchemy import text

from connectors.gateway.together import Together
from crm.database import Database, UnitOfWork


async def test_many_writes_need_few_commits_and_each_is_committed_when_it_returns(database: Database) -> None:
    async with database.write() as uow:
        await uow.session.execute(text("CREATE TABLE note (body integer)"))
        await uow.commit()
    commits: set[int] = set()
    together = Together(database)

    async def write(number: int) -> None:
        async def note(uow: UnitOfWork) -> None:
            commits.add(id(uow))
            await uow.session.execute(text("INSERT INTO note VALUES (:body)"), {"body": number})

        await together.write(note)
        async with database.read() as uow:
            found = await uow.session.scalar(text("SELECT count(*) FROM note WHERE body = :b"), {"b": number})
        assert found == 1

    await asyncio.gather(*(write(number) for number in range(40)))
    assert len(commits) < 40


async def test_a_failure_reaches_those_of_its_commit_and_the_next_goes_on(database: Database) -> None:
    together = Together(database)

    async def broken(_: UnitOfWork) -> None:
        raise RuntimeError("no")

    async def fine(_: UnitOfWork) -> None:
        return

    with pytest.raises(RuntimeError):
        await together.write(broken)
    await together.write(fine)
