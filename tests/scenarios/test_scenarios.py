"""Every conversation of `tests/scenarios/*.yml`, through the real stack, on SQLite and on PostgreSQL."""

from __future__ import annotations

import httpx
import pytest

from parley.stack import Stack
from tests.scenarios.observer import Observer
from tests.scenarios.runner import play
from tests.scenarios.script import Scenario, scenarios

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
ALL = scenarios()


@pytest.mark.parametrize("scenario", [one for _, one in ALL], ids=[name for name, _ in ALL])
def test_conversation_goes_as_written(scenario: Scenario, stack: Stack, observer: Observer) -> None:
    with httpx.Client(timeout=30, trust_env=False) as client:
        play(scenario, client=client, url=stack.url, observer=observer)


def test_there_are_enough_conversations() -> None:
    assert len(ALL) >= 30
