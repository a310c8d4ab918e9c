"""Sets Parley up: environments, encoder, sentiment and the trained bot; with `--tests` what the tests need too.

Runs on any Python ≥ 3.9 with nothing installed. Each step shows its name and how long it took, its output goes to
`var/log/setup.log`, and it is left out when nothing it reads has changed since it last succeeded.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import environments, steps, system

ROOT = Path(__file__).resolve().parent.parent
NEEDED_GIB = 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", action="store_true", help="also install Chromium and PostgreSQL")
    parser.add_argument(
        "--environments-only",
        action="store_true",
        help="no models: enough to lint and type-check",
    )
    parser.add_argument(
        "--draft",
        action="store_true",
        help="train the bot without adapting the encoder to its sentences: quick, to try something",
    )
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        runner = steps.Runner(ROOT)
        _check_disk(runner)
        for step in environments.plan(ROOT):
            runner.run(step)
        if not arguments.environments_only:
            if arguments.draft:
                # A tower that is there would be used; the next full set-up makes it again.
                shutil.rmtree(ROOT / "models" / "artifacts" / "adapted", ignore_errors=True)
            for step in environments.models_plan(ROOT, draft=arguments.draft):
                runner.run(step)
        if arguments.tests:
            for step in system.plan(ROOT):
                runner.run(step)
    except steps.SetupError as exc:
        print(f"\n✗ {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run it again: what was finished is kept.", file=sys.stderr)
        return 130
    if runner.worked:
        print(f"✓ set up in {time.monotonic() - began:.0f} s", flush=True)
    return 0


def _check_disk(runner: steps.Runner) -> None:
    """Refuse before anything is half-written; only a first set-up needs the room."""
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < NEEDED_GIB and not runner.ever_finished("Parley's environment"):
        raise steps.SetupError(
            f"The disk has {free:.1f} GiB free; the set-up needs {NEEDED_GIB}. Free some, then run it again."
        )
    if free < 0.2:
        raise steps.SetupError(
            f"The disk is full ({free * 1024:.0f} MiB free). Free some, then run it again."
        )


if __name__ == "__main__":
    sys.exit(main())
