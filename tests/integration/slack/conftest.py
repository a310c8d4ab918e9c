"""A workspace of a test's own."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.connectors.stack import Chat
from tests.integration.slack.workspace import Workspace, workspace


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Workspace]:
    """Ada Roth (rep), Ben Kuhn (rep), Margot Ebersold (agent) and the workspace they work in."""
    async with workspace(sqlite_url) as opened:
        await opened.staff("U0ADA", "Ada Roth")
        await opened.staff("U0BEN", "Ben Kuhn")
        await opened.staff("U0MARGOT", "Margot Ebersold", "agent")
        yield opened


@pytest.fixture
async def chat(office: Workspace) -> Chat:
    """A customer on the web."""
    return await office.stack.chat()
