"""The action server with one action that does nothing: `python -m tests.scenarios.noop_server action_name`."""

from __future__ import annotations

import sys
from typing import Any

from rasa_sdk.executor import ActionExecutor

from parley.processes import actions


async def _nothing(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    return []


def main() -> None:
    name = sys.argv[1]
    register = ActionExecutor.register_package

    def register_and_disarm(executor: ActionExecutor, package: str) -> None:
        register(executor, package)
        if name not in executor.actions:
            sys.exit(f"there is no action {name}; there are {sorted(executor.actions)}")
        executor.actions[name] = _nothing

    ActionExecutor.register_package = register_and_disarm
    actions.main()


if __name__ == "__main__":
    main()
