"""Runs every test in both environments; fails when either does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    suites = [
        ("Parley", [ROOT / ".venv/bin/python", "-m", "pytest", *sys.argv[1:]], ROOT),
        ("the bot", [ROOT / "bot/.venv/bin/python", "-m", "pytest"], ROOT / "bot"),
    ]
    failed = []
    for name, command, folder in suites:
        print(f"── tests of {name}", flush=True)
        if subprocess.run([str(word) for word in command], cwd=folder, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"✗ failed: {', '.join(failed)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
