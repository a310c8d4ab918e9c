"""Steps of the set-up: timed, logged, and left out when their inputs haven't changed."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

CLEAN = {
    "PYTHONNOUSERSITE": "1",
    "HF_HUB_OFFLINE": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "PYTHONDONTWRITEBYTECODE": "",
}


SHOWN_EVERY = 20
"""Per cent between two marks of progress."""


class SetupError(Exception):
    """The set-up can't go on; the text is one clear line for the person who started it."""


@dataclass(frozen=True)
class Step:
    """One thing to set up.

    inputs: files whose content decides whether it is up to date; outputs: what must exist for it to be so;
    act: does the work with the runner's `call`; keys: further text that decides (versions, settings).
    """

    name: str
    act: Callable[[Runner], None]
    inputs: Sequence[Path] = ()
    outputs: Sequence[Path] = ()
    keys: Sequence[str] = field(default_factory=tuple)


class Runner:
    """Runs steps in order and remembers, under `var/setup/`, what each was made from."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.worked = False
        self._stamps = root / "var" / "setup"
        self._log = root / "var" / "log" / "setup.log"
        try:
            self._stamps.mkdir(parents=True, exist_ok=True)
            self._log.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise SetupError(f"Can't write to {root / 'var'}: {exc.strerror}.") from exc

    def ever_finished(self, name: str) -> bool:
        return self._stamp(name).exists()

    def run(self, step: Step) -> None:
        """Run a step unless it is up to date. Raises SetupError: one line with what failed and where to read more."""
        wanted = _digest(step)
        stamp = self._stamp(step.name)
        if stamp.exists() and stamp.read_text() == wanted and all(path.exists() for path in step.outputs):
            return
        self.worked = True
        print(f"▸ {step.name} …", end=" ", flush=True)
        began = time.monotonic()
        try:
            step.act(self)
            stamp.write_text(_digest(step))
        except OSError as exc:
            print("failed", flush=True)
            if exc.errno == errno.ENOSPC:
                raise SetupError("The disk is full. Free some room, then run it again.") from exc
            raise SetupError(f"{step.name}: {exc}") from exc
        except SetupError:
            print("failed", flush=True)
            raise
        print(f"{time.monotonic() - began:.1f} s", flush=True)

    def call(
        self,
        command: Sequence[object],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        why: str = "",
    ) -> None:
        """Run a program with its output in the log. A line that is a whole number, 0 to 100, is shown as the share that
        is done. Raises SetupError with its last line when it fails.
        """
        words = [str(word) for word in command]
        environment = {**os.environ, **CLEAN, **(env or {})}
        environment = {name: value for name, value in environment.items() if value}
        with self._log.open("a") as log:
            log.write(f"\n$ {' '.join(words)}\n")
            log.flush()
            start = log.tell()
            with subprocess.Popen(
                words,
                cwd=cwd or self.root,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
                errors="replace",
            ) as process:
                _follow(process, log)
        if process.returncode != 0:
            with self._log.open(errors="replace") as log:
                log.seek(start)
                output = log.read()
            if "No space left on device" in output:
                raise SetupError("The disk is full. Free some room, then run it again.")
            said = [line.strip() for line in output.splitlines() if line.strip()]
            # uv ends with what might help; why it failed stands before that.
            last = next((line for line in reversed(said) if not line.startswith("hint:")), "no output")
            raise SetupError(f"{why or words[0] + ' failed'}: {last[:300]}  (all of it: {self._log})")

    def _stamp(self, name: str) -> Path:
        return self._stamps / "".join(letter if letter.isalnum() else "-" for letter in name.lower())


def _follow(process: subprocess.Popen[str], log: TextIO) -> None:
    """Copy the output to the log and show every tenth of what is done."""
    assert process.stdout is not None  # noqa: S101 - piped by the caller
    shown = 0
    for line in process.stdout:
        share = line.strip()
        if not share.isdigit():
            log.write(line)
            log.flush()
        elif int(share) // SHOWN_EVERY > shown:
            shown = int(share) // SHOWN_EVERY
            print(f"{shown * SHOWN_EVERY} %", end=" ", flush=True)


def files(root: Path, *patterns: str) -> list[Path]:
    """All files below `root` that match, without caches, sorted."""
    found = {
        path
        for pattern in patterns
        for path in root.glob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }
    return sorted(found)


def _digest(step: Step) -> str:
    sha = hashlib.sha256()
    for key in (step.name, *step.keys):
        sha.update(key.encode() + b"\0")
    for path in _existing(step.inputs):
        sha.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()


def _existing(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.is_file()]
