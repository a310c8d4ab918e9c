"""The web's conversations on Telegram, unchanged: the same files, the same expectations, read off Telegram's screen."""

from __future__ import annotations

import pytest

from tests.fakes.telegram.served import ServedBotApi
from tests.scenarios.observer import Observer
from tests.scenarios.runner import play_on
from tests.scenarios.script import Scenario, scenarios
from tests.scenarios.telegram import TelegramCustomer

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
# Staff aren't on Telegram.
ALL = [(name, scenario) for name, scenario in scenarios() if scenario.staff is None]


@pytest.mark.parametrize("stack", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scenario", [one for _, one in ALL], ids=[name for name, _ in ALL])
def test_conversation_goes_as_written_on_telegram(
    scenario: Scenario, observer: Observer, sqlite_bot_api: ServedBotApi
) -> None:
    customer = TelegramCustomer(sqlite_bot_api, observer)
    refusals = len(sqlite_bot_api.api.refusals)
    play_on(customer, scenario, observer=observer)
    assert sqlite_bot_api.api.refusals[refusals:] == []


def test_there_are_as_many_as_on_the_web() -> None:
    assert len(ALL) >= 30
