"""The pages on channels are right: followed to the letter, Telegram and Slack connect; all of the terminal is named."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import shlex
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from typer.testing import CliRunner

from connectors import terminal
from crm import storage
from parley.cli import app as command_line
from parley.settings import Settings
from parley.web_channel import web_app
from tests.fakes.bot import serving
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, FakeSlack, signed
from tests.fakes.telegram import BotApi
from tests.fakes.telegram.api import TOKEN, USERNAME
from tests.guides.follow import BLOCK, ROOT
from tests.own_settings import leave_out_the_machines

TELEGRAM, SLACK, CHANNEL = (
    (ROOT / "docs" / "how-to" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("connect-telegram", "connect-slack", "add-a-channel")
)
ALERTS = "C0123456789"
# What a reader puts in the place of what the pages can't know.
FILLED_IN = {
    "123456789:AAH…": TOKEN,
    "xoxb-…": BOT_TOKEN,
    "xapp-…": APP_TOKEN,
    "SECRET=…": f"SECRET={SIGNING_SECRET}",
}
SETTING = re.compile(r"^ *(?:echo ')?(PARLEY_\w+)=([^'\n]+)", re.MULTILINE)


def settings_of(page: str) -> list[dict[str, str]]:
    """The settings that a page says to write, a dictionary for each of its blocks."""
    for shown, real in FILLED_IN.items():
        page = page.replace(shown, real)
    found = [SETTING.findall(block["text"]) for block in BLOCK.finditer(_outdented(page))]
    return [dict(one) for one in found if one]


def _outdented(page: str) -> str:
    return re.sub(r"^ {3}(?=\S| )", "", page, flags=re.MULTILINE)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_out_the_machines(monkeypatch, tmp_path)


@asynccontextmanager
async def running(
    monkeypatch: pytest.MonkeyPatch, written: dict[str, str], **also: str
) -> AsyncIterator[httpx.AsyncClient]:
    """The web process with what the reader wrote into `.env`, and with the apps' servers elsewhere."""
    for name, value in (written | also).items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    await storage.migrate(settings.database_url)
    app = web_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web") as http,
    ):
        yield http


async def eventually(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for lies in another task
            await asyncio.sleep(0.02)


async def test_telegram_connects_as_its_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    polling, webhook = settings_of(TELEGRAM)
    assert set(polling) == {"PARLEY_TELEGRAM_TOKEN"}
    api = BotApi()
    async with serving(api.app) as url:
        with structlog.testing.capture_logs() as logged:
            async with running(monkeypatch, polling, PARLEY_TELEGRAM_API_URL=url) as http:
                await eventually(lambda: "getUpdates" in api.calls)
                assert (await http.post("/telegram/webhook")).status_code == 404
                begun = await http.post("/api/conversations", json={})
                assert begun.json()["continue_on"] == ["telegram"]
        (connected,) = [one for one in logged if one["event"] == "telegram_connected"]
        assert (connected["bot"], connected["mode"]) == (USERNAME, "polling")
        async with running(monkeypatch, polling | webhook, PARLEY_TELEGRAM_API_URL=url) as http:
            await eventually(lambda: api.webhook is not None)
            refused = await http.post("/telegram/webhook")
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "secret_wrong")
            assert api.webhook is not None
            assert api.webhook["url"] == webhook["PARLEY_TELEGRAM_WEBHOOK_URL"]
        api.webhook = {"url": "https://chat.shop.example/telegram/webhook"}
        back = polling | {"PARLEY_TELEGRAM_MODE": "polling"}
        async with running(monkeypatch, back, PARLEY_TELEGRAM_API_URL=url):
            await eventually(lambda: api.webhook is None)
    assert api.refusals == []


async def test_slack_connects_as_its_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    socket, http_mode = settings_of(SLACK)
    assert socket["PARLEY_SLACK_ALERT_CHANNEL"] == http_mode["PARLEY_SLACK_ALERT_CHANNEL"] == ALERTS
    slack = FakeSlack(channels={ALERTS})
    slack.add_user("U0YOU", "you@your-company.example")
    opened = json.loads((ROOT / "tests/fixtures/slack/app_home_opened.json").read_text(encoding="utf-8"))
    opened["event"]["user"] = "U0YOU"
    (staff,) = re.findall(r"^\.venv/bin/parley (staff add .+)$", SLACK, re.MULTILINE)
    async with serving(slack.app) as slack.url:
        api = f"{slack.url}/api/"
        with structlog.testing.capture_logs() as logged:
            async with running(monkeypatch, socket, PARLEY_SLACK_API_URL=api):
                await eventually(lambda: bool(slack.sockets))
                added = await asyncio.to_thread(CliRunner().invoke, command_line, shlex.split(staff))
                assert added.exit_code == 0, added.output
                await slack.push("events_api", opened)
                await eventually(lambda: "U0YOU" in slack.homes)
        assert "slack_connected" in {one["event"] for one in logged}
        assert "Hello Your" in str(slack.homes["U0YOU"])
        monkeypatch.delenv("PARLEY_SLACK_APP_TOKEN")
        async with running(monkeypatch, http_mode, PARLEY_SLACK_API_URL=api) as http:
            body = (ROOT / "tests/fixtures/slack/url_verification.json").read_text(encoding="utf-8")
            headers = {"Content-Type": "application/json", **signed(body)}
            verified = await http.post("/slack/events", content=body, headers=headers)
            assert json.loads(body)["challenge"] in verified.text
    assert slack.refused == []


@pytest.mark.parametrize("page", [TELEGRAM, SLACK], ids=["telegram", "slack"])
def test_the_log_lines_that_a_page_names_are_written(page: str) -> None:
    named = set(re.findall(r"`((?:telegram|slack)_[a-z_]+)", page))
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "connectors").rglob("*.py"))
    assert named
    assert {one for one in named if f'"{one}"' not in code} == set()


def test_every_file_in_which_the_terminal_stands_is_named_in_its_page() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607 - git is what the reader has
    about = re.compile(r"connectors\.terminal\b|TerminalChannel|\bchat\.register\b")
    files = {
        name
        for name in listed.stdout.split()
        if name.startswith("connectors/terminal/") or about.search((ROOT / name).read_text(encoding="utf-8"))
    }
    files -= {str(Path(__file__).relative_to(ROOT))}
    assert {name for name in files if f"`{name}`" not in CHANNEL} == set()


def test_the_signatures_that_the_page_on_channels_shows_are_the_codes() -> None:
    shown = re.findall(r"^def (\w+)\((.*?)\) -> ", CHANNEL, re.MULTILINE)
    assert {name for name, _ in shown} == {"to_inbound", "to_terminal"}
    for name, written in shown:
        real: dict[str, Any] = dict(inspect.signature(getattr(terminal, name)).parameters)
        names = [part.split(":")[0].split("=")[0].strip() for part in written.split(",")]
        assert [one for one in names if one != "*"] == list(real)
