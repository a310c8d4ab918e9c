"""Slack under load: 50 deliveries a second of every kind to the real stack; how fast each is acknowledged, none lost.

An open loop: each delivery is sent at its time, whether or not those before it were acknowledged. Every twentieth is
repeated, as Slack does after a time-out.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
import numpy as np
from pydantic import SecretStr
from sqlalchemy import func, select

from connectors.slack.app import PATH
from connectors.slack.inbound import NAME, key_of
from crm.database import Database
from crm.model import Delivery
from evaluation.timing import console
from parley.settings import ROOT, Settings
from parley.stack import Stack, prepare, settings_for
from tests.fakes.bot import serving
from tests.fakes.slack import ALERTS, BOT_TOKEN, SIGNING_SECRET, FakeSlack, direct, signed

WORK = ROOT / "var" / "evaluation" / "channels-slack"
FIXTURES = ROOT / "tests" / "fixtures" / "slack"
STAFF = (
    "clemence.roth@ploverlane.example.com",
    "bastien.kuhn@ploverlane.example.com",
    "odile.plover@ploverlane.example.com",
)
PER_SECOND, SECONDS, WARM_UP = 50, 30, 3
REPEATED = 20
WITHIN = 120.0
QUESTIONS = ("any new leads today", "who is helene.maurice@example.com", "my pipeline", "who is waiting")
Request = tuple[str, str, str]  # body, content type, key


class Served:
    """The workspace, served from a thread of its own, so that measuring doesn't wait for it."""

    def __init__(self) -> None:
        self.slack = FakeSlack()
        self._up = threading.Event()
        self._down = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    async def _serve(self) -> None:
        async with serving(self.slack.app) as url:
            self.slack.url = url
            self._loop = asyncio.get_running_loop()
            self._up.set()
            await self._down.wait()

    def __enter__(self) -> Self:
        self._thread.start()
        self._up.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._down.set)
        self._thread.join(10)


def measure() -> dict[str, Any]:
    """Figures on a stack of its own, on SQLite."""
    shutil.rmtree(WORK, ignore_errors=True)
    with Served() as served:
        for number, email in enumerate(STAFF):
            served.slack.add_user(f"U0REP{number}", email)
        settings = settings_for(
            WORK,
            slack_bot_token=SecretStr(BOT_TOKEN),
            slack_signing_secret=SecretStr(SIGNING_SECRET),
            slack_alert_channel=ALERTS,
            slack_api_url=f"{served.slack.url}/api/",
        )
        asyncio.run(prepare(settings))
        with Stack(settings) as stack:
            return asyncio.run(_load(stack.url, settings, served.slack))


async def _load(url: str, settings: Settings, slack: FakeSlack) -> dict[str, Any]:
    requests = _requests(slack)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        await _send(session, url, list(itertools.islice(requests, PER_SECOND * WARM_UP)))
        measured = list(itertools.islice(requests, PER_SECOND * SECONDS))
        taken = await _send(session, url, measured)
    milliseconds = np.array([took * 1000 for took, status in taken if status == 200])
    refused = sum(status != 200 for _, status in taken)
    p50, p99 = np.percentile(milliseconds, [50, 99]) if len(milliseconds) else (float("inf"), float("inf"))
    console.print(f"  {len(milliseconds)} of {len(taken)} acknowledged, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    lost, waiting = await _left(settings, {key for _, _, key in measured})
    return {
        "slack_ack_p99_ms": round(float(p99), 1),
        "slack_ack_p50_ms": round(float(p50), 1),
        "slack_events_per_second": PER_SECOND,
        "slack_refused": refused,
        "slack_lost": lost,
        "slack_not_dealt_with": waiting,
        "slack_calls_refused": len(slack.refused),
    }


async def _send(session: aiohttp.ClientSession, url: str, requests: list[Request]) -> list[tuple[float, int]]:
    began = time.monotonic()

    async def one(number: int, body: str, kind: str) -> tuple[float, int]:
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        headers = {"Content-Type": kind, **signed(body)}
        at = time.perf_counter()
        async with session.post(f"{url}{PATH}", data=body.encode(), headers=headers) as answer:
            await answer.read()
            return time.perf_counter() - at, answer.status

    return list(
        await asyncio.gather(*(one(number, body, kind) for number, (body, kind, _) in enumerate(requests)))
    )


async def _left(settings: Settings, keys: set[str]) -> tuple[int, int]:
    """How many deliveries the database doesn't know, and how many weren't dealt with in time."""
    database = Database.connect(settings.database_url)
    deadline = time.monotonic() + WITHIN
    try:
        while True:
            async with database.read() as uow:
                known = set(
                    await uow.session.scalars(select(Delivery.delivery_id).where(Delivery.channel == NAME))
                )
                waiting = await uow.session.scalar(
                    select(func.count())
                    .select_from(Delivery)
                    .where(Delivery.channel == NAME, Delivery.state != "done")
                )
            if not waiting or time.monotonic() > deadline:
                return len(keys - known), int(waiting or 0)
            await asyncio.sleep(0.5)
    finally:
        await database.close()


def _requests(slack: FakeSlack) -> Iterator[Request]:
    """Deliveries of every kind, without end: of four a question, a note in a thread, a command, the Home tab."""
    kinds = itertools.cycle((_question, _note, _command, _home))
    last: Request | None = None
    for number in itertools.count(1):
        if last is not None and number % REPEATED == 0:
            yield last
            continue
        last = next(kinds)(f"U0REP{number % len(STAFF)}", number, slack)
        yield last


def _event(name: str, **event: Any) -> Request:
    body = _fixture(name)
    stamp = f"{time.time():.6f}"
    body["event_id"] = f"Ev{uuid.uuid4().hex[:12]}"
    body["event"] |= {"ts": stamp, "event_ts": stamp, **event}
    return json.dumps(body), "application/json", str(key_of(body))


def _question(user: str, number: int, _: FakeSlack) -> Request:
    text = QUESTIONS[number % len(QUESTIONS)]
    return _event("message_im", user=user, channel=direct(user), text=text)


def _note(user: str, number: int, _: FakeSlack) -> Request:
    return _event("message_thread", user=user, text=f"a note between colleagues {number}")


def _home(user: str, _: int, __: FakeSlack) -> Request:
    return _event("app_home_opened", user=user)


def _command(user: str, number: int, slack: FakeSlack) -> Request:
    body = _fixture("slash_command")
    body |= {"user_id": user, "text": "leads", "trigger_id": f"{number}.{uuid.uuid4().hex}"}
    body["response_url"] = f"{slack.url}/respond/{number}"
    return urlencode(body), "application/x-www-form-urlencoded", str(key_of(body))


def _fixture(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return told
