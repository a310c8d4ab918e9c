"""A workspace of a test's own."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.connectors.stack import Chat
from tests.integration.slack.workspace import Workspace, workspace

# What tests bring about: a press that comes too late, a tick that is there already.
PROVOKED = ("expired_trigger_id", "already_reacted")


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Workspace]:
    """Ada Roth (rep), Ben Kuhn (rep), Margot Ebersold (agent) and the workspace they work in."""
    async with workspace(sqlite_url) as opened:
        await opened.staff("U0ADA", "Ada Roth")
        await opened.staff("U0BEN", "Ben Kuhn")
        await opened.staff("U0MARGOT", "Margot Ebersold", "agent")
        yield opened
        unexpected = [one for one in opened.slack.refused if not one.startswith(PROVOKED)]
        assert unexpected == [], "Slack refused something"


@pytest.fixture
async def chat(office: Workspace) -> Chat:
    """A customer on the web."""
    return await office.stack.chat()
