"""Fixtures that all tests share: a database of one's own, on SQLite and on PostgreSQL.

`database` gives an empty, migrated CRM database, once on each engine; `database_url` its URL, for tests that
start other processes. Both cost a copy of a template, not a migration. `sqlite_stack` and `postgres_stack` are
the whole of Parley, running, for the session.
"""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from crm.database import Database
from parley.logs import trace
from parley.stack import Stack, prepare, settings_for
from tests.fakes.telegram.api import TOKEN
from tests.fakes.telegram.served import ServedBotApi
from tests.postgres import PostgresServer, postgres_server
from tests.schema import create_schema

# As it runs: structlog's own way of showing a trace, with every variable, takes seconds each.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.ExceptionRenderer(lambda raised: trace(raised[1])),
        structlog.processors.LogfmtRenderer(key_order=["level", "event"], bool_as_flag=False),
    ]
)
TEMPLATE = f"parley_template_{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the whole run. Not for stopping: other tests use it too."""
    # Not below pytest's folder: only its owner may enter that, and the server runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="parley-postgres-"))
    folder.chmod(0o755)
    try:
        with postgres_server(folder / "cluster") as server:
            yield server
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A server that a module's tests may stop and start."""
    folder = Path(tempfile.mkdtemp(prefix="parley-stoppable-"))
    folder.chmod(0o755)
    server = PostgresServer.create(folder / "cluster")
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> Iterator[str]:
    """Name of a migrated, empty PostgreSQL database to copy."""
    create_schema(postgres.create_database(TEMPLATE))
    yield TEMPLATE
    postgres.drop_database(TEMPLATE)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "parley.db"
    create_schema(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """URL of an empty, migrated SQLite database of this test's own."""
    path = tmp_path / "parley.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """URL of an empty, migrated PostgreSQL database of this test's own."""
    name = f"parley_{uuid.uuid4().hex}"
    yield postgres.create_database(name, template=postgres_template)
    postgres.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty, migrated database of this test's own: SQLite, then PostgreSQL."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty, migrated database: SQLite, then PostgreSQL."""
    opened = Database.connect(database_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def sqlite_bot_api() -> Iterator[ServedBotApi]:
    """The Bot API that the SQLite stack talks to."""
    with ServedBotApi() as served:
        yield served


def _running(folder: Path, url: str, **changes: Any) -> Iterator[Stack]:
    settings = settings_for(folder, database_url=url, **changes)
    asyncio.run(prepare(settings))
    with Stack(settings) as stack:
        yield stack


@pytest.fixture(scope="session")
def sqlite_stack(tmp_path_factory: pytest.TempPathFactory, sqlite_bot_api: ServedBotApi) -> Iterator[Stack]:
    """Rasa, action server and web channel on SQLite, with the demo shop and Telegram."""
    telegram = {"telegram_token": SecretStr(TOKEN), "telegram_api_url": sqlite_bot_api.url}
    yield from _running(tmp_path_factory.mktemp("stack-sqlite"), "", **telegram)


@pytest.fixture(scope="session")
def postgres_stack(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Stack]:
    """The same on PostgreSQL, the bot's dialogue state too."""
    url = postgres.create_database(f"parley_{uuid.uuid4().hex}")
    yield from _running(tmp_path_factory.mktemp("stack-postgresql"), url)
