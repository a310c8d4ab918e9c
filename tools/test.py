"""Runs every test in both environments, two groups side by side and one alone; fails when any does.

The first group's output is shown as it comes, the others' when they end; all of it is kept in `var/log/test-*.log`.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = str(ROOT / ".venv" / "bin" / "python")
BOT = str(ROOT / "bot" / ".venv" / "bin" / "python")
SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Group:
    name: str
    command: tuple[str, ...]
    folder: Path = ROOT


GROUPS = (
    Group("stack", (OWN, "-m", "pytest", "tests/scenarios", "tests/browser")),
    Group(
        "unit-and-integration",
        (OWN, "-m", "pytest", "tests/unit", "tests/integration"),
    ),
    Group("bot", (BOT, "-m", "pytest"), ROOT / "bot"),
)
# Parts die in the middle of a turn here, and must be back within a time: not beside anything else.
ALONE = Group("failure", (OWN, "-m", "pytest", "tests/failure"))


def main() -> int:
    logs = ROOT / "var" / "log"
    logs.mkdir(parents=True, exist_ok=True)
    failed = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running = {pool.submit(_run, group, logs, live=group is GROUPS[0]): group for group in GROUPS}
        for done in as_completed(running):
            group = running[done]
            if group is not GROUPS[0]:
                print(f"── {group.name}\n{_log(group, logs).read_text(errors='replace')}", flush=True)
            if done.result():
                failed.append(group.name)
    if _run(ALONE, logs, live=True):
        failed.append(ALONE.name)
    if failed:
        print(f"✗ failed: {', '.join(failed)}", file=sys.stderr)
        return 1
    return 0


def _run(group: Group, logs: Path, *, live: bool) -> int:
    with (
        _log(group, logs).open("w", buffering=1) as log,
        subprocess.Popen(
            group.command,
            cwd=group.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            log.write(line)
            if live:
                print(line, end="", flush=True)
    return process.returncode


def _log(group: Group, logs: Path) -> Path:
    return logs / f"test-{group.name}.log"


if __name__ == "__main__":
    sys.exit(main())
