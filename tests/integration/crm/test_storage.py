"""Migrations bring a database to the models, once, whoever asks and how often."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from crm.database import Database
from crm.engines import migration_engine
from crm.errors import InvalidInput, StorageUnavailable
from crm.model import Base
from crm.storage import is_current, migrate
from tests.postgres import PostgresServer

MIGRATE = "import asyncio, sys; from crm.storage import migrate; asyncio.run(migrate(sys.argv[1]))"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without any table; the SQLite file isn't there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'parley.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.create_database(f"parley_{request.node.name.split('[')[0][:40]}")


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    return list(compare_metadata(context, Base.metadata))


def checks(connection: Connection) -> dict[str, set[str]]:
    inspector = inspect(connection)
    return {
        table: {str(check["name"]) for check in inspector.get_check_constraints(table)}
        for table in Base.metadata.tables
    }


def expected_checks() -> dict[str, set[str]]:
    def names(table: Table) -> set[str]:
        ddl = str(CreateTable(table))
        return {
            word
            for line in ddl.splitlines()
            if " CHECK " in line
            for word in line.split()
            if word[:3] == "ck_"
        }

    return {name: names(table) for name, table in Base.metadata.tables.items()}


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[AsyncConnection]:
    engine = migration_engine(database_url)
    async with engine.connect() as opened:
        yield opened
    await engine.dispose()


async def test_migrated_schema_equals_the_models(connection: AsyncConnection) -> None:
    assert await connection.run_sync(differences) == []
    assert await connection.run_sync(checks) == expected_checks()


async def test_a_changed_schema_is_noticed(connection: AsyncConnection) -> None:
    await connection.execute(text("DROP TABLE processed"))
    assert await connection.run_sync(differences) != []


async def test_migrating_makes_a_database_current_and_again_changes_nothing(empty_url: str) -> None:
    assert not await is_current(empty_url)
    await migrate(empty_url)
    assert await is_current(empty_url)
    await migrate(empty_url)
    assert await is_current(empty_url)


async def test_asking_whether_a_missing_file_is_current_does_not_make_it(tmp_path: Path) -> None:
    path = tmp_path / "parley.db"
    assert not await is_current(f"sqlite:///{path}")
    assert not path.exists()


def test_processes_that_migrate_at_once_all_succeed(empty_url: str) -> None:
    command = [sys.executable, "-c", MIGRATE, empty_url]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)
    ]
    outputs = [process.communicate()[0] for process in running]
    assert outputs == ["", "", ""]
    assert [process.returncode for process in running] == [0, 0, 0]


async def test_migrating_an_unreachable_database_says_so() -> None:
    with pytest.raises(StorageUnavailable):
        await migrate("postgresql://nobody@127.0.0.1:1/nothing")


async def test_migrating_a_nonsense_url_names_the_fix() -> None:
    with pytest.raises(InvalidInput, match="sqlite:///"):
        await migrate("mongodb://localhost")


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor = 'me'", "DELETE FROM audit_event"])
async def test_the_audit_trail_refuses_to_be_rewritten(database: Database, statement: str) -> None:
    insert = "INSERT INTO audit_event (at, actor, action, subject) VALUES (CURRENT_TIMESTAMP, 'a', 'b', 'c')"
    async with database.write() as uow:
        await uow.session.execute(text(insert))
        await uow.commit()
    async with database.write() as uow:
        with pytest.raises(DBAPIError, match="append-only"):
            await uow.session.execute(text(statement))
