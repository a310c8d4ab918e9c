"""What is worked out of a text, worked out once, and begun in another thread where the text is known early."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Ahead(Generic[Value]):
    """The last ``remembered`` values are kept. Safe to call from several threads at once; ``work`` has to be, too."""

    def __init__(self, work: Callable[[str], Value], *, remembered: int) -> None:
        self._work = work
        self._remembered = remembered
        self._recent: OrderedDict[str, Value] = OrderedDict()
        self._begun: dict[str, Future[Value]] = {}
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._lock = threading.Lock()

    def begin(self, text: str) -> None:
        """Start on a text in another thread; who asks for it next waits for what is left of the work."""
        with self._lock:
            if text not in self._recent and text not in self._begun:
                self._begun[text] = self._beside.submit(self._done, text)

    def __call__(self, text: str) -> Value:
        """The text's value: remembered, waited for, or worked out now. Raises what ``work`` raises."""
        with self._lock:
            if text in self._recent:
                self._recent.move_to_end(text)
                return self._recent[text]
            begun = self._begun.get(text)
        return self._done(text) if begun is None else begun.result()

    def _done(self, text: str) -> Value:
        try:
            value = self._work(text)
            with self._lock:
                self._recent[text] = value
                if len(self._recent) > self._remembered:
                    self._recent.popitem(last=False)
        finally:
            with self._lock:
                self._begun.pop(text, None)
        return value
