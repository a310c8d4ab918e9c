"""How quick a turn is, how it grows, how much goes through at once: Parley beside a fresh `rasa init` bot.

Both run on this machine in the same run, asked by the same client with the same texts. Every timed turn passes Rasa
and no text is sent twice to a bot within a series. Writes `var/evaluation/latency.json`. Run it by `make bench` on a
quiet machine.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from evaluation import texts
from evaluation.pipeline import adapt
from evaluation.stock import StockBot
from evaluation.timing import console, resident_mib, show, stopwatch, summary, write
from parley.settings import ROOT, Settings
from parley.stack import Stack, prepare, settings_for

WORK = ROOT / "var" / "evaluation" / "work"
RESULT = ROOT / "var" / "evaluation" / "latency.json"
PLAIN_TURNS = 150
SEARCH_TURNS = 100
LONG_TURNS = 200
CUSTOMERS = 32
CROWD_TURNS = 12
WARM_UP = 20
TURNS_PER_CONVERSATION = 5
SILENT_TURNS = 40
"""So many of its 750 the stock bot may leave without an answer."""

BARS = {
    "greeting_p50_ratio": (0.35, "at most"),
    "search_p50_ratio": (1.0, "at most"),
    "growth_ratio": (1.2, "at most"),
    "throughput_ratio": (2.0, "at least"),
    "ready_ratio": (0.6, "at most"),
    "memory_ratio": (0.7, "at most"),
    "train_seconds": (60.0, "at most"),
    "train_and_adapt_seconds": (240.0, "at most"),
}

Say = Callable[[str, str], Awaitable[None]]
Begin = Callable[[str], Awaitable[None]]


async def _milliseconds(
    say: Say, lines: list[str], *, per_conversation: int = TURNS_PER_CONVERSATION, begin: Begin | None = None
) -> list[float]:
    """Time each line as one turn, `per_conversation` turns to a conversation."""
    taken = []
    for number, line in enumerate(lines):
        if number % per_conversation == 0:
            conversation = str(uuid.uuid4())
            if begin is not None:
                await begin(conversation)
        with stopwatch() as elapsed:
            await say(conversation, line)
        taken.append(elapsed())
    return taken


async def _per_second(say: Say, lines: list[str], *, begin: Begin | None = None) -> float:
    """Turns a second with CUSTOMERS at once, each sending its next line when the last is answered."""

    async def customer(own: list[str]) -> None:
        conversation = str(uuid.uuid4())
        if begin is not None:
            await begin(conversation)
        for line in own:
            await say(conversation, line)

    began = time.perf_counter()
    await asyncio.gather(*(customer(lines[start::CUSTOMERS]) for start in range(CUSTOMERS)))
    return len(lines) / (time.perf_counter() - began)


def stock_channel(client: httpx.AsyncClient, bot: StockBot) -> Say:
    """The stock bot may listen instead of answering: few stories and chance have taught it. That is a turn, too."""
    silent = 0

    async def say(conversation: str, text: str) -> None:
        nonlocal silent
        answer = await client.post(bot.url, json={"sender": conversation, "message": text})
        answer.raise_for_status()
        silent += not answer.json()
        if silent > SILENT_TURNS:
            raise RuntimeError(f"the stock bot gave no answer to {text!r} and {SILENT_TURNS} others")

    return say


def own_channel(
    client: httpx.AsyncClient, settings: Settings, own: dict[str, tuple[str, str]] | None = None
) -> Say:
    """The bot's own channel, where the stock bot's REST channel is measured too."""
    headers = {"Authorization": f"Bearer {settings.bot_token.get_secret_value()}"}

    async def say(conversation: str, text: str) -> None:
        body = {
            "conversation": own[conversation][0] if own else conversation,
            "message_id": str(uuid.uuid4()),
            "text": text,
            "payload": None,
            "channel": "web",
            "metadata": {"role": "customer", "client": None},
            "slots": {},
        }
        answer = await client.post(f"{settings.bot_url}/webhooks/gateway/turn", json=body, headers=headers)
        answer.raise_for_status()
        if not answer.json()["messages"]:
            raise RuntimeError(f"the bot gave no answer to {text!r}")

    return say


class ChatApi:
    """The whole path: chat API, gateway, database, Rasa, actions and back."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = f"{url}/api/conversations"
        self.begun: dict[str, tuple[str, str]] = {}

    async def begin(self, conversation: str) -> None:
        """Open a conversation: not part of any turn."""
        begun = (await self._client.post(self._url, json={})).raise_for_status().json()
        self.begun[conversation] = (begun["conversation"], begun["token"])

    async def say(self, conversation: str, text: str) -> None:
        own, token = self.begun[conversation]
        answer = await self._client.post(
            f"{self._url}/{own}/messages",
            json={"client_id": str(uuid.uuid4()), "text": text},
            headers={"Authorization": f"Bearer {token}"},
        )
        answer.raise_for_status()
        if not _from_the_bot(answer.json()):
            raise RuntimeError(f"no answer to {text!r}: {answer.json()}")


def _from_the_bot(body: dict[str, Any]) -> bool:
    return any(message["author"] == "bot" and message["kind"] == "message" for message in body["messages"])


async def measure_stock(bot: StockBot) -> dict[str, Any]:
    async with _client() as client:
        say = stock_channel(client, bot)
        await _milliseconds(say, texts.greetings(WARM_UP, seed=1))
        console.print("  stock: plain turns")
        plain = await _milliseconds(say, texts.greetings(PLAIN_TURNS, seed=2))
        console.print("  stock: one long conversation")
        long = await _milliseconds(say, texts.greetings(LONG_TURNS, seed=3), per_conversation=LONG_TURNS)
        console.print("  stock: a crowd")
        rate = await _per_second(say, texts.greetings(CUSTOMERS * CROWD_TURNS, seed=4))
    return {
        "plain": summary(plain),
        "growth": _growth(long),
        "turns_per_second": round(rate, 2),
        "ready_seconds": round(bot.ready_seconds, 2),
        "train_seconds": round(bot.train_seconds, 1),
        "rasa_mib": round(resident_mib(bot.pid), 1),
    }


async def measure_own(stack: Stack) -> dict[str, Any]:
    async with _client() as client:
        api = ChatApi(client, stack.url)
        # What a misread greeting may write about needs a conversation that the CRM knows.
        channel = own_channel(client, stack.settings, api.begun)
        await _milliseconds(channel, texts.greetings(WARM_UP, seed=1), begin=api.begin)
        await _milliseconds(api.say, texts.searches(WARM_UP, seed=1), begin=api.begin)
        console.print("  Parley: plain turns")
        plain = await _milliseconds(channel, texts.greetings(PLAIN_TURNS, seed=2), begin=api.begin)
        console.print("  Parley: product searches, whole path")
        search = await _milliseconds(api.say, texts.searches(SEARCH_TURNS, seed=2), begin=api.begin)
        console.print("  Parley: one long conversation, whole path")
        long = await _milliseconds(
            api.say, texts.greetings(LONG_TURNS, seed=3), per_conversation=LONG_TURNS, begin=api.begin
        )
        console.print("  Parley: a crowd, whole path")
        rate = await _per_second(api.say, texts.greetings(CUSTOMERS * CROWD_TURNS, seed=4), begin=api.begin)
    memory = {name: round(resident_mib(stack.pid(name)), 1) for name in ("bot", "actions", "web")}
    return {
        "plain": summary(plain),
        "search_whole_path": summary(search),
        "growth": _growth(long),
        "turns_per_second": round(rate, 2),
        "rasa_mib": memory["bot"],
        "memory_mib": memory,
        "total_mib": round(sum(memory.values()), 1),
    }


def _growth(taken: list[float]) -> dict[str, float]:
    early, late = statistics.fmean(taken[9:30]), statistics.fmean(taken[179:200])
    return {
        "turns_10_30_ms": round(early, 2),
        "turns_180_200_ms": round(late, 2),
        "ratio": round(late / early, 3),
    }


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=60, trust_env=False, limits=httpx.Limits(max_connections=CUSTOMERS))


def adapt_own(folder: Path) -> float:
    """Seconds to adapt the encoder to the product's sentences, into a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.monotonic()
    adapt(ROOT / "data" / "nlu", folder / "adapted", folder / "adapt.log", lambda per_cent: None)
    return time.monotonic() - began


def train_own(settings: Settings, folder: Path) -> float:
    """Seconds to train the product's bot with an empty cache, into a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = {
        **os.environ,
        "PARLEY_ARTIFACTS": str(settings.artifacts),
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
        "RASA_TELEMETRY_ENABLED": "false",
    }
    began = time.monotonic()
    with (folder / "train.log").open("wb") as log:
        subprocess.run(  # noqa: S603 - our own training
            [str(settings.bot_python), "train.py", "--to", str(folder / "bot.tar.gz")],
            cwd=ROOT / "bot",
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
        )
    return time.monotonic() - began


def main() -> int:
    shutil.rmtree(WORK, ignore_errors=True)
    settings = settings_for(WORK / "state")
    console.print("Training both bots with empty caches (the stock bot takes about two minutes) …")
    adapt_seconds = adapt_own(WORK / "adapt")
    train_seconds = train_own(settings, WORK / "train")
    stock = StockBot(settings.bot_python, WORK / "stock")
    stock.prepare()
    with stock:
        peer = asyncio.run(measure_stock(stock))
    asyncio.run(prepare(settings))
    stack = Stack(settings)
    try:
        began = time.monotonic()
        stack.start("bot")
        stack.wait_for("bot")
        ready = time.monotonic() - began
        for name in ("actions", "web"):
            stack.start(name)
            stack.wait_for(name)
        own = asyncio.run(measure_own(stack))
    finally:
        stack.close()
    own |= {
        "ready_seconds": round(ready, 2),
        "train_seconds": round(train_seconds, 1),
        "adapt_seconds": round(adapt_seconds, 1),
    }
    figures = {
        "greeting_p50_ratio": round(own["plain"]["p50_ms"] / peer["plain"]["p50_ms"], 3),
        "search_p50_ratio": round(own["search_whole_path"]["p50_ms"] / peer["plain"]["p50_ms"], 3),
        "growth_ratio": own["growth"]["ratio"],
        "throughput_ratio": round(own["turns_per_second"] / peer["turns_per_second"], 3),
        "ready_ratio": round(own["ready_seconds"] / peer["ready_seconds"], 3),
        "memory_ratio": round(own["rasa_mib"] / peer["rasa_mib"], 3),
        "train_seconds": own["train_seconds"],
        "adapt_seconds": own["adapt_seconds"],
        "train_and_adapt_seconds": round(train_seconds + adapt_seconds, 1),
    }
    write(RESULT, {**figures, "parley": own, "stock": peer})
    _print(figures, own, peer)
    return 0


def _print(figures: dict[str, float], own: dict[str, Any], peer: dict[str, Any]) -> None:
    def row(name: str, key: str, ours: str, theirs: str) -> tuple[str, str, str, str]:
        bar, kind = BARS[key]
        held = figures[key] <= bar if kind == "at most" else figures[key] >= bar
        return name, ours, theirs, f"{figures[key]} ({kind} {bar}) {'✓' if held else '✗'}"

    show(
        "Latency",
        [
            row(
                "plain turn at the bot, p50",
                "greeting_p50_ratio",
                f"{own['plain']['p50_ms']} ms",
                f"{peer['plain']['p50_ms']} ms",
            ),
            row(
                "product search, whole path, p50",
                "search_p50_ratio",
                f"{own['search_whole_path']['p50_ms']} ms",
                f"{peer['plain']['p50_ms']} ms (plain)",
            ),
            row(
                "turns 180–200 ÷ 10–30",
                "growth_ratio",
                str(own["growth"]["ratio"]),
                str(peer["growth"]["ratio"]),
            ),
            row(
                f"turns a second, {CUSTOMERS} at once",
                "throughput_ratio",
                str(own["turns_per_second"]),
                str(peer["turns_per_second"]),
            ),
            row("Rasa ready", "ready_ratio", f"{own['ready_seconds']} s", f"{peer['ready_seconds']} s"),
            row("Rasa's memory", "memory_ratio", f"{own['rasa_mib']} MiB", f"{peer['rasa_mib']} MiB"),
            row("training", "train_seconds", f"{own['train_seconds']} s", f"{peer['train_seconds']} s"),
            row(
                "training, adapting the encoder included",
                "train_and_adapt_seconds",
                f"{figures['train_and_adapt_seconds']} s",
                f"{peer['train_seconds']} s",
            ),
        ],
    )
    console.print(
        f"All of Parley's processes: {own['total_mib']} MiB {own['memory_mib']}. Written to {RESULT}"
    )


if __name__ == "__main__":
    sys.exit(main())
