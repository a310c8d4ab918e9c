"""The action server with one action that does nothing, named by a file: `python -m tests.scenarios.noop_server FILE`.

It does nothing for the dialogue, and nothing for other actions that have it answer (a yes to an offer, a wish among
several). The file is read with every call, so that one server does for all actions, one after the other.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from rasa_sdk.executor import ActionExecutor

from parley.processes import actions

Run = Callable[..., Awaitable[Any]]


class Disarmed:
    """Knows which action does nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def holds(self, name: str) -> bool:
        return self._path.read_text(encoding="utf-8") == name

    def run(self, name: str, run: Run) -> Run:
        """An action as the dialogue calls it."""

        async def call(*given: Any) -> Any:
            return [] if self.holds(name) else await run(*given)

        return call

    def answer(self, answer: Run) -> Run:
        """An action as another one calls it."""
        from actions.support.reply import Reply

        async def call(action: Any, *given: Any) -> Any:
            return Reply() if self.holds(action.name()) else await answer(action, *given)

        return call


def _below(kind: type) -> Iterator[type]:
    yield kind
    children: list[type] = kind.__subclasses__()
    for child in children:
        yield from _below(child)


def main() -> None:
    disarmed = Disarmed(Path(sys.argv[1]))
    register = ActionExecutor.register_package

    def register_and_wrap(executor: ActionExecutor, package: str) -> None:
        from actions.support.base import ShopAction

        register(executor, package)
        executor.actions = {name: disarmed.run(name, run) for name, run in executor.actions.items()}
        for kind in set(_below(ShopAction)) - {ShopAction}:
            if "answer" in vars(kind):
                kind.answer = disarmed.answer(kind.answer)  # type: ignore[attr-defined]  # ShopAction's

    ActionExecutor.register_package = register_and_wrap
    actions.main()


if __name__ == "__main__":
    main()
