"""What is opened here is closed when the web process stops."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from pydantic import SecretStr

from connectors.errors import BotUnreachable
from connectors.rasa import Turn
from crm import storage
from crm.services import catalogue
from parley.stack import settings_for
from parley.web_channel import web_app


def open_at(folder: Path) -> list[str]:
    """The files below the folder that this process holds open: its database connections."""
    return [file.path for file in psutil.Process().open_files() if Path(file.path).is_relative_to(folder)]


async def test_the_web_process_gives_its_connections_back_when_it_stops(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    await storage.migrate(settings.database_url)
    app = web_app(settings)
    gateway = app.state.web.gateway
    async with app.router.lifespan_context(app):
        async with gateway.database.read() as uow:
            assert await catalogue.version(uow) == 0
        assert open_at(tmp_path), "no connection was opened, so none can be seen to be closed"
        with pytest.raises(BotUnreachable, match="connection"):
            await gateway.bot.take_turn(Turn("c", "m", "web", text="hello"))
    with pytest.raises(BotUnreachable, match="closed"):
        await gateway.bot.take_turn(Turn("c", "m", "web", text="hello"))
    gc.collect()
    assert open_at(tmp_path) == []


async def slack_answer(tmp_path: Path, **settings: Any) -> int:
    configured = settings_for(tmp_path, **settings)
    await storage.migrate(configured.database_url)
    app = web_app(configured)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web") as http,
    ):
        return (await http.post("/slack/events", content="{}")).status_code


async def test_slack_is_off_without_a_bot_token(tmp_path: Path) -> None:
    assert await slack_answer(tmp_path) == 404


async def test_with_a_signing_secret_slack_is_served_and_takes_only_what_is_signed(tmp_path: Path) -> None:
    signing = SecretStr("a signing secret")
    token = SecretStr("xoxb-of-the-tests")
    assert await slack_answer(tmp_path, slack_bot_token=token, slack_signing_secret=signing) == 401
