"""Which day and hour is meant, given the moment at which it was said.

The policy, in one place (docs/adr/0101):

- A weekday is the coming one, never today; "next tuesday" is the Tuesday of the next calendar week, "this tuesday" the
  one of this week; beside a verb in the past ("I ordered on monday") it is the last one.
- A date without a year is the coming one. Days come before months in figures: 3/4 is the third of April.
- An hour from one to seven without "am", "morning" or a leading zero is in the afternoon: shops are shut at night.
- An hour without a day is its next occurrence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PARTS = {"morning": 9, "afternoon": 14, "evening": 18, "night": 20, "noon": 12, "midday": 12, "midnight": 0}
"""The hour that a part of the day stands for when no other is named."""

LATEST_AFTERNOON = 7


@dataclass(frozen=True)
class Hour:
    """A time of day as said: `is_plain` when nothing tells morning from afternoon."""

    hour: int
    minute: int = 0
    is_plain: bool = False


@dataclass(frozen=True)
class Day:
    """A day, and whether only its week or month was meant."""

    day: date
    grain: str = "day"


def weekday(today: date, number: int, *, which: str | None = None, is_past: bool = False) -> Day:
    """The day with ISO number `number` (1 is Monday); `which` is "this", "next", "last" or None."""
    monday = today - timedelta(days=today.weekday())
    if which == "next":
        return Day(monday + timedelta(days=7 + number - 1))
    if which == "this":
        return Day(monday + timedelta(days=number - 1))
    if which == "last" or is_past:
        return Day(today - timedelta(days=(today.isoweekday() - number - 1) % 7 + 1))
    return Day(today + timedelta(days=(number - today.isoweekday() - 1) % 7 + 1))


def day_of_month(today: date, number: int) -> Day | None:
    """The coming day with this number, or None when no month of the next two has it."""
    year, month = today.year, today.month
    for _ in range(3):
        try:
            day = date(year, month, number)
        except ValueError:
            day = None
        if day is not None and day > today:
            return Day(day)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return None


def week(today: date, which: str) -> Day:
    """The Monday of a week: "this", "next" or "last"."""
    monday = today - timedelta(days=today.weekday())
    return Day(monday + timedelta(days={"last": -7, "this": 0, "next": 7}[which]), "week")


def month(today: date, which: str) -> Day:
    """The first of a month: "this", "next" or "last"."""
    index = today.year * 12 + today.month - 1 + {"last": -1, "this": 0, "next": 1}[which]
    return Day(date(index // 12, index % 12 + 1, 1), "month")


def resolved(hour: Hour, part: str | None) -> time | None:
    """The time of day, or None when there is none such."""
    number = hour.hour
    is_late = part in ("afternoon", "evening", "night") and number < 12
    if hour.is_plain and (is_late or (part is None and 1 <= number <= LATEST_AFTERNOON)):
        number += 12
    if not (0 <= number <= 23 and 0 <= hour.minute <= 59):
        return None
    return time(number, hour.minute)


def next_occurrence(now: datetime, at: time) -> datetime:
    """The next moment with this time of day."""
    moment = datetime.combine(now.date(), at, tzinfo=now.tzinfo)
    return moment if moment > now else moment + timedelta(days=1)


def moment(now: datetime, day: Day, at: time) -> datetime:
    """Day and time of day, in the zone of `now`."""
    return datetime.combine(day.day, at, tzinfo=now.tzinfo)


def same_half(hour: Hour, other: Hour) -> Hour:
    """`hour` with the half of the day that `other` has: in "2 to 4 pm" both are in the afternoon."""
    if hour.is_plain and not other.is_plain and other.hour >= 12 and hour.hour + 12 <= other.hour:
        return replace(hour, hour=hour.hour + 12, is_plain=False)
    return hour
