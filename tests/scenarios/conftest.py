"""One stack for each database, shared by all scenarios."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest

from parley.stack import Stack, prepare, settings_for
from tests.postgres import PostgresServer
from tests.scenarios.observer import Observer


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp(f"stack-{request.param}")
    url = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database(f"parley_{uuid.uuid4().hex}")
    settings = settings_for(folder, database_url=url)
    asyncio.run(prepare(settings))
    with Stack(settings) as running:
        yield running


@pytest.fixture(scope="session")
def observer(stack: Stack) -> Iterator[Observer]:
    watching = Observer(stack.settings.database_url)
    yield watching
    watching.close()
