"""`parley chat` as it is typed: a purchase from the first wish to the order's number, then Ctrl-C and back again."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from parley import supervision
from parley.stack import Stack
from tests.scenarios.observer import Observer

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
WHO = "ann-at-a-terminal"
PROMPT = "› "


class Terminal:
    """The command with a keyboard and a screen."""

    def __init__(self, stack: Stack) -> None:
        told = {"LOGNAME": WHO, "COLUMNS": "140", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        program = "from parley.cli import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, "chat"],
            env={**supervision.environment(stack.settings), **told},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.screen = self._until_it_asks()

    def types(self, line: str) -> str:
        """What is printed until the next prompt."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        self.screen = self._until_it_asks()
        return self.screen

    def number_of(self, title: str) -> str:
        """What to type for the first offer of this title on the screen."""
        found = re.search(rf"(\d+) {re.escape(title)}", self.screen)
        assert found is not None, self.screen
        return found[1]

    def leave(self) -> str:
        """Ctrl-C; gives the last words."""
        self._process.send_signal(signal.SIGINT)
        said, _ = self._process.communicate(timeout=30)
        assert self._process.returncode == 0, said
        return said

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def _until_it_asks(self) -> str:
        assert self._process.stdout is not None
        shown = ""
        while not shown.endswith(PROMPT):
            letter = self._process.stdout.read(1)
            assert letter, f"it ended: {shown}"
            shown += letter
        return shown


@contextmanager
def terminal(stack: Stack) -> Iterator[Terminal]:
    opened = Terminal(stack)
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize("stack", ["sqlite"], indirect=True)
def test_somebody_buys_in_a_terminal(stack: Stack, observer: Observer) -> None:
    with observer.scenario(), terminal(stack) as shop:
        assert "a number presses what stands beside it" in shop.screen
        assert "€" in shop.types("a phone under 500")
        assert "in your cart" in shop.types(shop.number_of("Add to cart"))
        assert "name" in shop.types(shop.number_of("Check out"))
        assert "e-mail" in shop.types("Ann Perrin")
        assert "phone number" in shop.types("ann.perrin@example.com")
        assert "delivered" in shop.types(shop.number_of("Skip"))
        assert "Ann Perrin" in shop.types("12 Rue des Lilas, 67000 Strasbourg")
        said = shop.types(shop.number_of("Place the order"))
        number = re.search(r"PL-\d{4}-\d{4}", said)
        assert number is not None, said
        conversation = observer.begin("terminal", WHO)
        observer.check(
            "orders", {"count": 1, "status": "placed", "name": "Ann Perrin"}, conversation=conversation
        )
        assert "Goodbye" in shop.leave()
    with terminal(stack) as back:
        assert number[0] in back.screen
        assert "You are back in your conversation" in back.screen
