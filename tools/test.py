"""Runs every test in both environments, in groups side by side; fails when any does.

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
SIDE_BY_SIDE = 3
"""One more than the cores that this is meant for: most tests wait for something most of the time."""


@dataclass(frozen=True)
class Group:
    """Test folders and files that run in one process; `without` names what of them another group has."""

    name: str
    paths: tuple[str, ...]
    without: tuple[str, ...] = ()
    python: str = OWN
    folder: Path = ROOT

    @property
    def command(self) -> list[str]:
        return [self.python, "-m", "pytest", *self.paths, *(f"--ignore={path}" for path in self.without)]


NEED_THE_STACK = ("tests/integration/test_bad_input.py", "tests/integration/test_logs.py")
CHANNELS = ("tests/integration/connectors", "tests/integration/slack")
# The longest first. `tests/unit/tools/test_groups.py` sees to it that each test is in one of them.
GROUPS = (
    Group("stack", ("tests/scenarios", "tests/browser", *NEED_THE_STACK)),
    Group("channels", CHANNELS),
    Group("integration", ("tests/integration",), without=(*CHANNELS, *NEED_THE_STACK)),
    Group("failure", ("tests/failure",)),
    Group("guides", ("tests/guides",)),
    Group("unit", ("tests/unit",)),
    Group("bot", ("tests",), python=BOT, folder=ROOT / "bot"),
)


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
