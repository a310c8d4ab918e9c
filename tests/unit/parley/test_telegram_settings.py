"""Telegram's settings: off without a token, what is wrong is named, and the token is never shown."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from crm import storage
from parley.errors import SettingsError
from parley.settings import Settings
from parley.stack import settings_for
from parley.web_channel import web_app
from tests.fakes.bot import serving
from tests.fakes.telegram import BotApi
from tests.fakes.telegram.api import TOKEN
from tests.own_settings import leave_out_the_machines

HOOK = "https://chat.shop.example/telegram/webhook"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_out_the_machines(monkeypatch, tmp_path)


def test_it_is_off_and_the_webhooks_secret_is_made_and_stays() -> None:
    first, again = Settings.load(), Settings.load()
    assert first.telegram_token.get_secret_value() == ""
    assert len(first.telegram_webhook_secret.get_secret_value()) >= 16
    assert first.telegram_webhook_secret == again.telegram_webhook_secret


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("PARLEY_TELEGRAM_TOKEN", "not-a-token-of-botfathers", "@BotFather"),
        ("PARLEY_TELEGRAM_WEBHOOK_SECRET", "short", "16 to 256 characters"),
        ("PARLEY_TELEGRAM_WEBHOOK_SECRET", "with spaces in it, and long", "leave it out"),
        ("PARLEY_TELEGRAM_MODE", "pigeon", "'polling' or 'webhook'"),
    ],
)
def test_what_is_wrong_is_named_and_secrets_arent_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, fix: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    assert str(refused.value).startswith(f"{name}: ")
    assert fix in str(refused.value)
    assert (value in str(refused.value)) == (name == "PARLEY_TELEGRAM_MODE")


@pytest.mark.parametrize("url", ["", "http://chat.shop.example/telegram/webhook"])
def test_a_webhook_needs_an_https_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PARLEY_TELEGRAM_MODE", "webhook")
    if url:
        monkeypatch.setenv("PARLEY_TELEGRAM_WEBHOOK_URL", url)
    with pytest.raises(SettingsError, match=r"^PARLEY_TELEGRAM_WEBHOOK_URL: .*https://chat"):
        Settings.load()
    monkeypatch.setenv("PARLEY_TELEGRAM_WEBHOOK_URL", HOOK)
    assert Settings.load().telegram_webhook_url == HOOK


async def test_with_a_token_the_web_process_serves_telegram(tmp_path: Path) -> None:
    api = BotApi()
    async with serving(api.app) as url:
        settings = settings_for(
            tmp_path, telegram_token=SecretStr(TOKEN), telegram_api_url=url, telegram_mode="webhook",
            telegram_webhook_url=HOOK, telegram_webhook_secret=SecretStr("a-secret-of-this-test"),
        )  # fmt: skip
        await storage.migrate(settings.database_url)
        app = web_app(settings)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web") as http,
        ):
            async with asyncio.timeout(10):
                while api.webhook is None:  # noqa: ASYNC110 - what is waited for lies in another task
                    await asyncio.sleep(0.02)
            assert (await http.post("/telegram/webhook", json={"update_id": 1})).status_code == 403
            headers = {"X-Telegram-Bot-Api-Secret-Token": "a-secret-of-this-test"}
            taken = await http.post("/telegram/webhook", json={"update_id": 1}, headers=headers)
            assert taken.status_code == 200
    assert api.webhook["secret_token"] == "a-secret-of-this-test"  # noqa: S105 - a test's own


async def test_without_a_token_there_is_no_telegram(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    await storage.migrate(settings.database_url)
    app = web_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web") as http,
    ):
        assert (await http.post("/telegram/webhook", json={"update_id": 1})).status_code == 404
        begun = await http.post("/api/conversations", json={})
    assert begun.json()["continue_on"] == []
