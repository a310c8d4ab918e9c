"""The peer: the bot of a fresh `rasa init`, trained and served by the same Rasa release in its own process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from evaluation.timing import wait_until
from parley.stack import free_port


class StockBot:
    """Made and trained below `folder` with an empty cache; started by `with`."""

    def __init__(self, python: Path, folder: Path) -> None:
        self._rasa = python.with_name("rasa")
        self._folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/webhooks/rest/webhook"
        self.train_seconds = 0.0
        self.ready_seconds = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._run("init", "--no-prompt", "--init-dir", ".")
        for leftover in (self._folder / ".rasa", self._folder / "models"):
            shutil.rmtree(leftover, ignore_errors=True)
        began = time.monotonic()
        self._run("train")
        self.train_seconds = time.monotonic() - began

    @property
    def pid(self) -> int:
        assert self._process is not None  # noqa: S101 - only inside the context
        return self._process.pid

    def __enter__(self) -> Self:
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - Rasa's own command
                [str(self._rasa), "run", "-i", "127.0.0.1", "-p", str(self.port)],
                cwd=self._folder,
                env=_environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # The REST channel's health route exists from the start; the model is loaded before the port opens.
        self.ready_seconds = wait_until(f"http://127.0.0.1:{self.port}/webhooks/rest/")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(timeout=30)

    def _run(self, *words: str) -> None:
        with (self._folder / "make.log").open("ab") as log:
            subprocess.run(  # noqa: S603 - Rasa's own command
                [str(self._rasa), *words],
                cwd=self._folder,
                env=_environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                check=True,
            )


def _environment() -> dict[str, str]:
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "2"}
