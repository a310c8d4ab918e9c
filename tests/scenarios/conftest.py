"""The scenarios' stack, once on each database, and somebody who looks at its rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parley.stack import Stack
from tests.scenarios.observer import Observer


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def stack(request: pytest.FixtureRequest) -> Stack:
    name = "sqlite_stack" if request.param == "sqlite" else "postgres_stack"
    running: Stack = request.getfixturevalue(name)
    return running


@pytest.fixture(scope="session")
def observer(stack: Stack) -> Iterator[Observer]:
    watching = Observer(stack.settings.database_url)
    yield watching
    watching.close()
