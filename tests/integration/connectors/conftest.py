"""The web channel with a bot and a database of the test's own, on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.connectors.stack import Chat, Stack, stack


@pytest.fixture
async def web(database_url: str) -> AsyncIterator[Stack]:
    """The whole, with nothing in it."""
    async with stack(database_url) as whole:
        yield whole


@pytest.fixture
async def chat(web: Stack) -> Chat:
    """A customer who has just begun."""
    return await web.chat()
