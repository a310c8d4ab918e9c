"""Days and times as customers say them, on Wednesday, 25 November 2026, 13:20 in Strasbourg."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from actions.support.when import When, shifted, understood
from crm.selling import Opening

NOW = datetime(2026, 11, 25, 12, 20, tzinfo=UTC)
OPENING = Opening(
    week=(*(((time(9), time(18, 30)),),) * 5, ((time(10), time(17)),), ()), zone=ZoneInfo("Europe/Paris")
)


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("next tuesday at 3", date(2026, 12, 1), time(15)),
        ("can I come by on Tuesday at 3", date(2026, 12, 1), time(15)),
        ("tomorrow at 9", date(2026, 11, 26), time(9)),
        ("tomorrow 10:30 please", date(2026, 11, 26), time(10, 30)),
        ("friday 4pm", date(2026, 11, 27), time(16)),
        ("on dec 3rd at 11 am", date(2026, 12, 3), time(11)),
        ("3 december around noon", date(2026, 12, 3), time(12)),
        ("2026-12-04 14:00", date(2026, 12, 4), time(14)),
        ("4.12. at 2", date(2026, 12, 4), time(14)),
        ("12/12 10h30", date(2026, 12, 12), time(10, 30)),
        ("the day after tomorrow, half past two", date(2026, 11, 27), time(14, 30)),
        ("quarter to five on monday", date(2026, 11, 30), time(16, 45)),
        ("monday next week at 10", date(2026, 11, 30), time(10)),
        ("on the 4th at ten", date(2026, 12, 4), time(10)),
        ("friday the 4th at 3", date(2026, 12, 4), time(15)),
        ("the 27th", date(2026, 11, 27), None),
        ("in two weeks", date(2026, 12, 9), None),
        ("next week", date(2026, 11, 30), None),
        ("saturday", date(2026, 11, 28), None),
        ("at three", None, time(15)),
        ("3", None, time(15)),
        ("make it 11:30", None, time(11, 30)),
        ("move it to 5", None, time(17)),
        ("eleven", None, time(11)),
        ("16:30", None, time(16, 30)),
        ("10 o'clock", None, time(10)),
        ("noon", None, time(12)),
        ("I want to see the laptop", None, None),
        ("2 laptops", None, None),
        ("a Fjell 13 with 16 gb", None, None),
        ("may I see it", None, None),
        ("it's 25:00", None, None),
        ("31 november", None, None),
    ],
)  # fmt: skip
def test_a_day_and_a_time_are_read(text: str, day: date | None, at: time | None) -> None:
    found = understood(text, NOW, OPENING)
    assert (found.day, found.at) == (day, at)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("friday afternoon", (time(12), time(17))),
        ("tomorrow morning", (time(0), time(12))),
        ("late morning on monday", (time(10), time(12))),
        ("after work", (time(17), time(23, 59))),
        ("friday afternoon at 4", None),
    ],
)
def test_a_part_of_the_day_is_read_unless_an_hour_is_said(text: str, part: tuple[time, time] | None) -> None:
    assert understood(text, NOW, OPENING).part == part


def test_nothing_said_is_empty() -> None:
    assert understood("hello there", NOW, OPENING) == When()
    assert When().is_empty


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("can we make it an hour later", "2026-12-01T16:00"),
        ("half an hour earlier please", "2026-12-01T14:30"),
        ("two days later", "2026-12-03T15:00"),
        ("push it back by 30 minutes", "2026-12-01T15:30"),
    ],
)
def test_later_and_earlier_are_meant_from_what_was_fixed(text: str, meant: str) -> None:
    fixed = OPENING.instant(date(2026, 12, 1), time(15))
    when = shifted(text, fixed, OPENING)
    assert when is not None
    assert when.day is not None
    assert when.at is not None
    assert datetime.combine(when.day, when.at).isoformat(timespec="minutes") == meant


def test_later_alone_moves_nothing() -> None:
    assert shifted("maybe later", OPENING.instant(date(2026, 12, 1), time(15)), OPENING) is None
