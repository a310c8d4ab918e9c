"""Every measurement that a folder of benchmarks has data for, each in a process of its own.

    python -m evaluation BENCHMARKS [--part NAME [options of that part]]

A part that fails doesn't keep the others from being measured; the exit code tells.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PARTS: Mapping[str, Sequence[str]] = {
    "understanding": ("intent", "sentiment"),
    "recommendation": ("search", "recommendation"),
}
"""The modules of this package that measure, with the folders of benchmarks that they read."""


def measure(names: Sequence[str], benchmarks: Path, options: Sequence[str], *, package: str) -> int:
    """Run these parts one after the other; the exit code of the last one that failed, or 0."""
    failed = 0
    for name in names:
        command = [sys.executable, "-m", f"{package}.{name}", str(benchmarks), *options]
        failed = subprocess.run(command, check=False).returncode or failed  # noqa: S603  # a module of ours
    return failed


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    parser.add_argument("benchmarks", type=Path, help="folder: see docs/how-to/evaluate.md")
    parser.add_argument("--part", choices=list(PARTS), help="this one only; its options may follow")
    chosen, options = parser.parse_known_args()
    if options and chosen.part is None:
        parser.error(
            f"{options[0]} is an option of one part: name it, --part {next(iter(PARTS))} {options[0]}"
        )
    names = [chosen.part] if chosen.part else _with_data(chosen.benchmarks)
    if not names:
        folders = ", ".join(folder for part in PARTS.values() for folder in part)
        parser.error(f"{chosen.benchmarks} holds none of the folders {folders}")
    sys.exit(measure(names, chosen.benchmarks, options, package="evaluation"))


def _with_data(benchmarks: Path) -> list[str]:
    return [name for name, folders in PARTS.items() if any((benchmarks / one).is_dir() for one in folders)]


if __name__ == "__main__":
    main()
