"""What is worked out of a text ahead of the one who asks."""

import threading

import pytest

from parley_encoder.ahead import Ahead


def test_a_text_that_another_thread_has_begun_is_worked_out_once() -> None:
    runs: list[str] = []
    go = threading.Event()

    def work(text: str) -> str:
        runs.append(text)
        go.wait(5)
        return text.upper()

    ahead = Ahead(work, remembered=2)
    ahead.begin("a")
    ahead.begin("a")
    asked = threading.Timer(0.05, go.set)
    asked.start()
    assert ahead("a") == "A"
    assert ahead("a") == "A"
    assert runs == ["a"]


def test_the_last_few_are_remembered() -> None:
    runs: list[str] = []

    def work(text: str) -> str:
        runs.append(text)
        return text

    ahead = Ahead(work, remembered=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        ahead(text)
    assert runs == ["a", "b", "c", "b"]


def test_a_text_that_failed_is_tried_again() -> None:
    failures = iter([RuntimeError("no memory")])

    def fails_once(text: str) -> str:
        for failure in failures:
            raise failure
        return text

    ahead = Ahead(fails_once, remembered=2)
    with pytest.raises(RuntimeError, match="no memory"):
        ahead("a")
    assert ahead("a") == "a"
