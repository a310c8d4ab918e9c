"""What the tests need from the system: Chromium for the widget, PostgreSQL for the second database."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools.steps import Runner, SetupError, Step


def plan(root: Path) -> list[Step]:
    return [
        Step("Chromium", lambda run: _debian(run, "chromium", _chromium), keys=(str(_chromium()),)),
        Step("PostgreSQL", lambda run: _debian(run, "postgresql", _postgres), keys=(str(_postgres()),)),
    ]


def _chromium() -> bool:
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def _postgres() -> bool:
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def _debian(run: Runner, package: str, present: object) -> None:
    assert callable(present)  # noqa: S101 - tells the type checker
    if present():
        return
    if not shutil.which("apt-get"):
        raise SetupError(
            f"The tests need {package}. Install it with your system's package manager, then run it again."
        )
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    run.call(
        [*sudo, "apt-get", "update"],
        env=environment,
        why=f"The tests need {package}; as root: apt-get install {package}",
    )
    run.call(
        [*sudo, "apt-get", "install", "-y", "--no-install-recommends", package],
        env=environment,
        why=f"The tests need {package}; as root: apt-get install {package}",
    )
