"""The stack for tests and benchmarks: the real processes on free ports with a state folder of their own.

Unsupervised, so that each part can be killed, stopped and started by itself, as failures need it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from pydantic import SecretStr

from parley import preparation, supervision
from parley.settings import Settings

READY_WITHIN = 150.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(
    folder: Path, *, database_url: str = "", tracker_url: str = "", **changes: object
) -> Settings:
    """Settings of a stack of its own below `folder`; rate limits are out of the way unless a test sets them."""
    values: dict[str, object] = {
        "state": folder,
        "database_url": database_url,
        "tracker_url": tracker_url,
        "port": free_port(),
        "bot_port": free_port(),
        "actions_port": free_port(),
        "secret": SecretStr("a secret for the tests only, long enough"),
        "bot_token": SecretStr("a bot token for the tests only, long enough"),
        "conversations_per_address": "100000/minute",
        "messages_per_address": "100000/minute",
        "messages_per_conversation": "100000/minute",
    }
    return Settings.model_validate(values | changes, by_name=True)


class Stack:
    """Started by `with`; `url` is the web channel's address."""

    def __init__(self, settings: Settings, *, environment: Mapping[str, str] | None = None) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}"
        self._extra = dict(environment or {})
        self._programs = {process.name: process for process in supervision.processes(settings)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            for name in self._programs:
                self.start(name)
            for name in self._programs:
                self.wait_for(name)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, name: str, *, command: Sequence[str] = ()) -> None:
        """Start a part; `command` runs another program in its place."""
        program = self._programs[name]
        logs = self.settings.state / "log"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own processes
                list(command) or program.command.split(),
                cwd=program.folder,
                env={**supervision.environment(self.settings), **_limits(self.settings), **self._extra},
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def wait_for(self, name: str, *, within: float = READY_WITHIN) -> None:
        program = self._programs[name]
        deadline = time.monotonic() + within
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            while time.monotonic() < deadline:
                with contextlib.suppress(httpx.HTTPError):
                    if (
                        client.get(program.health, headers=dict(program.headers)).status_code
                        == httpx.codes.OK
                    ):
                        return
                if self._running[name].poll() is not None:
                    raise RuntimeError(f"{name} ended: {self.log(name)[-2000:]}")
                time.sleep(0.1)
        raise RuntimeError(f"{name} was not ready within {within:.0f} s: {self.log(name)[-2000:]}")

    def kill(self, name: str) -> None:
        """At once and without a chance to tidy up, as the out-of-memory killer does it."""
        self._end(name, signal.SIGKILL)

    def close_one(self, name: str) -> None:
        """End a part as an operator does it."""
        self._end(name, signal.SIGTERM)

    def restart(self, name: str) -> None:
        self.start(name)
        self.wait_for(name)

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def log(self, name: str) -> str:
        path = self.settings.state / "log" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def close(self) -> None:
        for name in tuple(self._running):
            self._end(name, signal.SIGTERM)

    def _end(self, name: str, signum: signal.Signals) -> None:
        process = self._running.pop(name, None)
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, signum)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _limits(settings: Settings) -> dict[str, str]:
    return {
        "PARLEY_CONVERSATIONS_PER_ADDRESS": settings.conversations_per_address,
        "PARLEY_MESSAGES_PER_ADDRESS": settings.messages_per_address,
        "PARLEY_MESSAGES_PER_CONVERSATION": settings.messages_per_conversation,
        "PARLEY_QUEUE_TIMEOUT": str(settings.queue_timeout),
    }


async def prepare(settings: Settings) -> None:
    """Migrate and seed the stack's database, as `parley run` does it."""
    await preparation.prepare(settings)
