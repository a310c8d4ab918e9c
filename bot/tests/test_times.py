"""What "next tuesday at 3" is, said on Wednesday the fourth of March 2026 at ten in the morning."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from components.entities import times as module
from components.entities.spans import lowered
from components.entities.times import MOST, times

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
DAYS = """
    today => 2026-03-04
    tmrw => 2026-03-05
    the day after tomorrow => 2026-03-06
    friday => 2026-03-06
    wednesday => 2026-03-11
    this friday => 2026-03-06
    next friday => 2026-03-13
    friday next week => 2026-03-13
    next week on tuesday => 2026-03-10
    thrusday => 2026-03-05
    on sat => 2026-03-07
    in two weeks => 2026-03-18
    in 10 days' time => 2026-03-14
    next week => 2026-03-09
    next month => 2026-04-01
    at the weekend => 2026-03-07
    12 December => 2026-12-12
    the 1st of march => 2027-03-01
    on the 15th => 2026-03-15
    on the 2nd => 2026-04-02
    12.4. => 2026-04-12
    by 3/4 => 2026-04-03
    2026-05-01 => 2026-05-01
    I ordered on monday => 2026-03-02
    last thursday => 2026-02-26
    three days ago => 2026-03-01
"""
MOMENTS = """
    next tuesday at 3 => 2026-03-10T15:00
    tomorrow at 9 => 2026-03-05T09:00
    tomorrow at 03:00 => 2026-03-05T03:00
    friday 5pm => 2026-03-06T17:00
    wed 3pm => 2026-03-11T15:00
    monday at half past four => 2026-03-09T16:30
    quarter to eight in the evening on sunday => 2026-03-08T19:45
    tomorrow morning => 2026-03-05T09:00
    this friday afternoon => 2026-03-06T14:00
    tomorrow at 8 in the evening => 2026-03-05T20:00
    the day after tomorrow around noon => 2026-03-06T12:00
    call me at 3 => 2026-03-04T15:00
    at 9 => 2026-03-05T09:00
    in 3 hours => 2026-03-04T13:00
    december 3rd at 10:30 => 2026-12-03T10:30
    friday around five => 2026-03-06T17:00
"""
NONE = """
    24/7
    room 101
    with 3 year warranty
    the battery lasts 2 days
    16 gb at 300 euros
    may I see it
    the 2nd one
    one second
    from 9 to 5
    under 12.5 kg
    the 10th generation
    30.2.
    next one please
    look at 2 of them
"""


def cases(block: str) -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in line.split("=>")) for line in block.strip().splitlines()]


@pytest.mark.parametrize(("said", "expected"), cases(DAYS))
def test_a_day(said: str, expected: str) -> None:
    assert [span.value for span in times(lowered(said), NOW)] == [expected]


@pytest.mark.parametrize(("said", "expected"), cases(MOMENTS))
def test_a_moment_has_the_shops_offset(said: str, expected: str) -> None:
    [span] = times(lowered(said), NOW)
    moment = datetime.fromisoformat(span.value)
    assert moment.tzinfo is not None
    assert span.value.startswith(expected)


@pytest.mark.parametrize("said", [line for (line,) in cases(NONE)])
def test_no_time_is_meant(said: str) -> None:
    assert list(times(lowered(said), NOW)) == []


def test_a_range_has_an_end_in_the_same_half_of_the_day() -> None:
    [span] = times("tuesday between 2 and 4", NOW)
    assert span.value.startswith("2026-03-10T14:00")
    assert span.extra["until"].startswith("2026-03-10T16:00")


def test_how_exactly_it_was_meant_is_told() -> None:
    grains = {
        said: next(times(said, NOW)).extra["grain"]
        for said in ("next week", "friday", "friday morning", "friday at 9 am")
    }
    assert list(grains.values()) == ["week", "day", "part", "minute"]


def test_dateparser_never_sees_a_message_without_a_written_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("dateparser was asked")

    monkeypatch.setattr(module, "_parser", refuse)
    for said in ("a laptop for 500 euros", "next tuesday at 3", "two of the second one", "today"):
        list(times(said, NOW))


def test_dateparser_is_asked_a_few_times_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def parser() -> object:
        return lambda text, **_: asked.append(text)

    monkeypatch.setattr(module, "_parser", parser)
    list(times(" or ".join(f"{day} march" for day in range(1, 20)), NOW))
    assert len(asked) == MOST
