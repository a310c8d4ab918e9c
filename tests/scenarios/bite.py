"""Shows that the scenarios bite: with an action made a no-op, every scenario that covers it must fail.

    .venv/bin/python -m tests.scenarios.bite [action …]

Starts the stack once. Writes, with how each failed, `var/evaluation/scenarios_bite.json`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections import defaultdict

import httpx
from rich.console import Console

from parley.settings import ROOT
from parley.stack import Stack, prepare, settings_for
from tests.scenarios.observer import Observer
from tests.scenarios.runner import ScenarioFailed, play
from tests.scenarios.script import Scenario, scenarios

console = Console(highlight=False)
WORK = ROOT / "var" / "evaluation" / "bite"
RESULT = ROOT / "var" / "evaluation" / "scenarios_bite.json"


def covered() -> dict[str, list[tuple[str, Scenario]]]:
    """The scenarios that each action is covered by."""
    by_action: dict[str, list[tuple[str, Scenario]]] = defaultdict(list)
    for name, scenario in scenarios():
        for action in scenario.covers:
            by_action[action].append((name, scenario))
    return dict(sorted(by_action.items()))


def main() -> int:
    wanted = set(sys.argv[1:])
    actions = {action: cases for action, cases in covered().items() if not wanted or action in wanted}
    shutil.rmtree(WORK, ignore_errors=True)
    settings = settings_for(WORK)
    asyncio.run(prepare(settings))
    disarmed = WORK / "disarmed"
    disarmed.write_text("", encoding="utf-8")
    toothless: dict[str, list[str]] = {}
    figures: dict[str, dict[str, object]] = {}
    with Stack(settings) as stack, httpx.Client(timeout=30, trust_env=False) as client:
        observer = Observer(settings.database_url)
        stack.close_one("actions")
        stack.start("actions", command=[sys.executable, "-m", "tests.scenarios.noop_server", str(disarmed)])
        stack.wait_for("actions")
        for action, cases in actions.items():
            disarmed.write_text(action, encoding="utf-8")
            failed: dict[str, str] = {}
            passed = []
            for name, scenario in cases:
                try:
                    play(scenario, client=client, url=stack.url, observer=observer)
                    passed.append(name)
                except ScenarioFailed as why:
                    failed[name] = str(why).rpartition("\n")[2]
            figures[action] = {"failed": failed, "passed": passed}
            if passed:
                toothless[action] = passed
            console.print(
                f"{'✗' if passed else '✓'} {action}: {len(failed)} of {len(cases)} fail {passed or ''}"
            )
        observer.close()
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    if toothless:
        console.print(f"✗ pass although the action does nothing: {toothless}")
    return 1 if toothless else 0


if __name__ == "__main__":
    sys.exit(main())
