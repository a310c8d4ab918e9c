"""The unit of work keeps its promises on both databases."""

import asyncio
import gc
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm.database import Database
from crm.errors import InvalidInput, StorageUnavailable
from tests.postgres import PostgresServer


@pytest.fixture
async def notes(database: Database) -> Database:
    async with database.write() as uow:
        await uow.session.execute(text("CREATE TABLE note (body text)"))
        await uow.commit()
    return database


async def count(database: Database) -> int:
    async with database.read() as uow:
        return int((await uow.session.execute(text("SELECT count(*) FROM note"))).scalar_one())


async def test_what_is_committed_stays(notes: Database) -> None:
    async with notes.write() as uow:
        await uow.session.execute(text("INSERT INTO note VALUES ('a')"))
        await uow.commit()
    assert await count(notes) == 1


async def test_what_is_not_committed_is_rolled_back(notes: Database) -> None:
    async with notes.write() as uow:
        await uow.session.execute(text("INSERT INTO note VALUES ('a')"))
    assert await count(notes) == 0


@pytest.mark.postgres
async def test_what_is_committed_survives_a_server_that_answers_before_it_has_stored(
    own_postgres: PostgresServer,
) -> None:
    """The tests' servers are set up so (`tests.postgres.SETTINGS`); a customer was told that we have the message."""
    notes = Database.connect(own_postgres.create_database("notes"))
    async with notes.write() as uow:
        await uow.session.execute(text("CREATE TABLE note (body text)"))
        await uow.commit()
    for kept in range(1, 4):
        async with notes.write() as uow:
            await uow.session.execute(text("INSERT INTO note VALUES ('a')"))
            await uow.commit()
        await asyncio.to_thread(own_postgres.stop)
        await asyncio.to_thread(own_postgres.start)
        assert await count(notes) == kept
    await notes.close()


async def test_reading_unit_of_work_refuses_to_write(notes: Database) -> None:
    async with notes.read() as uow:
        with pytest.raises(DBAPIError, match="read"):
            await uow.session.execute(text("INSERT INTO note VALUES ('a')"))
    assert await count(notes) == 0


async def test_a_cancelled_writer_gives_the_lock_back(notes: Database) -> None:
    async def stuck() -> None:
        async with notes.write() as uow:
            await uow.session.execute(text("INSERT INTO note VALUES ('a')"))
            await asyncio.sleep(60)

    task = asyncio.create_task(stuck())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with notes.write() as uow:
        await uow.session.execute(text("INSERT INTO note VALUES ('b')"))
        await uow.commit()
    assert await count(notes) == 1


async def test_closing_waits_for_units_of_work_that_were_cancelled_just_before(database_url: str) -> None:
    opened = Database.connect(database_url)
    inside = asyncio.Event()

    async def works() -> None:
        async with opened.write() as uow:
            await uow.session.execute(text("SELECT 1"))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(works())
    await inside.wait()
    task.cancel()
    await asyncio.sleep(0)
    await opened.close()
    # Were a connection left behind, its collection would warn, and a warning fails the test.
    gc.collect()
    await asyncio.wait([task], timeout=1)
    assert task.cancelled()


async def test_many_writers_at_once_all_succeed(notes: Database) -> None:
    async def write() -> None:
        async with notes.write() as uow:
            await uow.session.execute(text("INSERT INTO note VALUES ('a')"))
            await uow.commit()

    await asyncio.gather(*(write() for _ in range(40)))
    assert await count(notes) == 40


async def test_a_reader_sees_one_state_while_others_write(notes: Database) -> None:
    async with notes.read() as reader:
        before = (await reader.session.execute(text("SELECT count(*) FROM note"))).scalar_one()
        async with notes.write() as writer:
            await writer.session.execute(text("INSERT INTO note VALUES ('a')"))
            await writer.commit()
        after = (await reader.session.execute(text("SELECT count(*) FROM note"))).scalar_one()
    assert (before, after) == (0, 0)


async def test_an_unreachable_server_is_told_as_storage_unavailable() -> None:
    database = Database.connect("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StorageUnavailable, match="unavailable"):
        async with database.read() as uow:
            await uow.session.execute(text("SELECT 1"))
    await database.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://localhost/parley",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a.db?synchronous=off",
    ],
)
def test_a_url_that_cannot_work_is_refused_with_the_fix(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"sqlite:///|synchronous=") as refused:
        Database.connect(url)
    assert refused.value.field == "DATABASE_URL"


async def test_the_clock_and_policy_are_handed_in(sqlite_url: str) -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    database = Database.connect(sqlite_url, clock=lambda: noon)
    async with database.read() as uow:
        assert uow.now() == noon
        assert uow.policy.vat_rate == Decimal("0.20")
    await database.close()


async def test_what_would_be_done_again_does_not_wait_for_the_disk_and_everything_else_does(
    sqlite_url: str,
) -> None:
    database = Database.connect(sqlite_url)
    waits = []
    for redone in (True, False, True):
        async with database.write(redone=redone) as uow:
            pragmas = [f"PRAGMA {name}" for name in ("synchronous", "wal_autocheckpoint")]
            waits.append([(await uow.session.execute(text(pragma))).scalar_one() for pragma in pragmas])
            await uow.session.execute(text("CREATE TABLE IF NOT EXISTS note (body text)"))
            await uow.session.execute(text("INSERT INTO note VALUES ('a')"))
            await uow.commit()
    assert waits == [[1, 0], [2, 1000], [1, 0]]
    assert await count(database) == 3
    await database.close()
