"""What is opened here is closed when the web process stops."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from connectors.errors import BotUnreachable
from connectors.rasa import Turn
from crm import storage
from crm.services import catalogue
from parley.stack import settings_for
from parley.web_channel import web_app


async def test_the_web_process_gives_its_connections_back_when_it_stops(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    await storage.migrate(settings.database_url)
    before = threading.active_count()
    app = web_app(settings)
    gateway = app.state.web.gateway
    async with app.router.lifespan_context(app):
        async with gateway.database.read() as uow:
            assert await catalogue.version(uow) == 0
        assert threading.active_count() > before, "no connection was opened, so none can be seen to be closed"
        with pytest.raises(BotUnreachable, match="connection"):
            await gateway.bot.take_turn(Turn("c", "m", "web", text="hello"))
    with pytest.raises(BotUnreachable, match="closed"):
        await gateway.bot.take_turn(Turn("c", "m", "web", text="hello"))
    gc.collect()
    assert threading.active_count() <= before
