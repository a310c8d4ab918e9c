"""The day and the time in a message: "next tuesday at 3", "the 12th around noon", "friday afternoon".

A bare hour is read within the shop's hours: at three means 15:00 in a shop that opens at nine. dateparser reads the
dates; which words are a date is decided here, because it would find one in any number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import dateparser  # type: ignore[import-untyped]  # dateparser ships no types

from crm.selling import Opening

MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
DAYS = "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
DAY = re.compile(
    rf"\b(?:\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\.?(?: of)? (?:{MONTHS})\b(?: \d{{4}})?"
    rf"|(?:{MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?! ?(?:am|pm|:))"
    rf"|\d{{1,2}}[./]\d{{1,2}}(?:[./](?:\d{{4}}|\d{{2}}))?(?! ?(?:am|pm))"
    rf"|(?:the )?day after tomorrow|tomorrow|tmrw|tomorow|today|this (?:morning|afternoon|evening)|tonight"
    rf"|in (?:a|one|two|three|four|\d+) (?:days?|weeks?)|a week (?:from )?(?:today|tomorrow)"
    rf"|(?:(?:next|this|coming|on) )?(?:{DAYS})\b(?: (?:next week|in (?:a|two) weeks?|week))?"
    rf"|next week|(?:the )?week after next"
    rf"|(?:on )?the \d{{1,2}}(?:st|nd|rd|th)\b)",
    re.IGNORECASE,
)
WEEKDAY = re.compile(rf"\b({DAYS})\b", re.IGNORECASE)
CLOCK = re.compile(
    r"\b(?P<hour>\d{1,2})[:.h](?P<minute>\d{2}) ?(?P<half>am|pm)?\b"
    r"|\b(?P<hour2>\d{1,2}) ?(?P<half2>am|pm|a\.m\.|p\.m\.|o'?clock)",
    re.IGNORECASE,
)
HOURS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
AT = re.compile(
    rf"\b(?:at|around|about|by|from|after|to|say|make it)\s+(?:about |around )?"
    rf"(?P<hour>\d{{1,2}}|{'|'.join(HOURS)})\b(?![:./]|\s*(?:st|nd|rd|th|%|€))",
    re.IGNORECASE,
)
PAST = re.compile(
    rf"\b(?P<how>half past|half|quarter past|quarter to)\s+(?P<hour>\d{{1,2}}|{'|'.join(HOURS)})\b",
    re.IGNORECASE,
)
BARE = re.compile(rf"\W*(?P<hour>\d{{1,2}}|{'|'.join(HOURS)})\W*", re.IGNORECASE)
NOON = re.compile(r"\b(noon|midday|lunch ?time)\b", re.IGNORECASE)
PARTS = (
    (re.compile(r"\b(early|first thing|as soon as you open)\b", re.IGNORECASE), (time(0), time(10, 30))),
    (re.compile(r"\blate morning\b", re.IGNORECASE), (time(10), time(12))),
    (re.compile(r"\bmorning\b|\bbefore noon\b", re.IGNORECASE), (time(0), time(12))),
    (re.compile(r"\bafternoon\b|\bafter lunch\b", re.IGNORECASE), (time(12), time(17))),
    (re.compile(r"\b(evening|after work|tonight|late)\b", re.IGNORECASE), (time(17), time(23, 59))),
)
NUMERIC = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{2,4}))?")
ORDINAL = re.compile(r"the (\d{1,2})(?:st|nd|rd|th)", re.IGNORECASE)
MIDDAY = 12


@dataclass(frozen=True, slots=True)
class When:
    """What was said of a time: a day, an hour, a part of the day; each None when it wasn't said."""

    day: date | None = None
    at: time | None = None
    part: tuple[time, time] | None = None

    @property
    def is_empty(self) -> bool:
        return self == When()


def understood(text: str, now: datetime, opening: Opening) -> When:
    """The day and time in `text`, as the shop's clock has them. `now` is aware."""
    local = opening.local(now)
    day = _said_day(text, local)
    rest = DAY.sub(" ", text)
    at = _clock(rest, opening, day or local.date())
    part = next((span for pattern, span in PARTS if pattern.search(text)), None)
    return When(day, at, None if at else part)


SHIFT = re.compile(
    r"\b(?P<many>an?|one|two|three|half an|\d{1,2}) (?P<unit>hours?|days?|weeks?|minutes?|min)"
    r" (?P<way>later|earlier|sooner|before|after)\b"
    r"|\b(?P<way2>later|earlier|back|forward) by "
    r"(?P<many2>an?|one|two|three|half an|\d{1,2}) (?P<unit2>hours?|days?|weeks?|minutes?)",
    re.IGNORECASE,
)
COUNTS = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "half an": 0.5}
SOONER = frozenset({"earlier", "sooner", "before", "forward"})


def shifted(text: str, start: datetime, opening: Opening) -> When | None:
    """ "An hour later", "two days earlier": the day and time meant, seen from `start` (aware); None if none is said."""
    said = SHIFT.search(text)
    if said is None:
        return None
    many = (said["many"] or said["many2"]).lower()
    unit = (said["unit"] or said["unit2"]).lower().rstrip("s")
    count = COUNTS.get(many) or float(many)
    step = timedelta(**{{"min": "minute"}.get(unit, unit) + "s": count})
    local = opening.local(start)
    moved = local - step if (said["way"] or said["way2"]).lower() in SOONER else local + step
    return When(moved.date(), moved.time().replace(tzinfo=None))


def _said_day(text: str, local: datetime) -> date | None:
    """The day in the text; of "friday the 4th" the number decides."""
    said = sorted(
        (found[0].lower() for found in DAY.finditer(text)), key=lambda words: not re.search(r"\d", words)
    )
    return next((day for words in said if (day := _day(words, local))), None)


def _day(words: str, local: datetime) -> date | None:
    today = local.date()
    if ordinal := ORDINAL.search(words):
        return _next_ordinal(int(ordinal[1]), today)
    if (words.startswith("this ") and not WEEKDAY.search(words)) or words == "tonight":
        return today
    if "week after next" in words:
        return today + timedelta(days=14 - today.weekday())
    if words == "next week":
        return today + timedelta(days=7 - today.weekday())
    if numeric := NUMERIC.fullmatch(words):
        return _numeric(int(numeric[1]), int(numeric[2]), numeric[3], today)
    words = words.replace("tmrw", "tomorrow").replace("tomorow", "tomorrow")
    if (weekday := WEEKDAY.search(words)) and not re.search(r"\d", words):
        return _weekday(weekday[1], words, today)
    parsed = dateparser.parse(
        re.sub(r"^(on|the) ", "", words),
        languages=["en"],
        settings={
            "RELATIVE_BASE": local.replace(tzinfo=None),
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
        },
    )
    return parsed.date() if parsed else None


def _weekday(name: str, words: str, today: date) -> date:
    """The next such day; today doesn't count. "Next" means the same unless it is said with the week."""
    wanted = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(name[:3].lower())
    ahead = (wanted - today.weekday()) % 7 or 7
    day = today + timedelta(days=ahead)
    if "next week" in words or words.endswith(" week"):
        monday = today + timedelta(days=7 - today.weekday())
        return monday + timedelta(days=wanted)
    if "in two weeks" in words:
        return day + timedelta(days=7)
    return day


def _next_ordinal(number: int, today: date) -> date | None:
    """The next day of the month with this number, today included."""
    year, month = today.year, today.month
    for _ in range(12):
        try:
            day = date(year, month, number)
        except ValueError:
            day = date.min
        if day >= today:
            return day
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return None


def _numeric(day: int, month: int, year: str | None, today: date) -> date | None:
    """Day before month, as the shop's customers write it; without a year the next such day."""
    try:
        if year:
            return date(int(year) % 100 + 2000, month, day)
        found = date(today.year, month, day)
        return found if found >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _clock(text: str, opening: Opening, day: date) -> time | None:
    if found := CLOCK.search(text):
        hour, minute = int(found["hour"] or found["hour2"]), int(found["minute"] or 0)
        half = (found["half"] or found["half2"] or "").lower().replace(".", "")
        return _time(hour, minute, half, opening, day)
    if found := PAST.search(text):
        hour = _hour(found["hour"])
        minute = {"half past": 30, "half": 30, "quarter past": 15, "quarter to": -15}[found["how"].lower()]
        hour, minute = (hour - 1, 45) if minute < 0 else (hour, minute)
        return _time(hour, minute, "", opening, day)
    if NOON.search(text):
        return time(MIDDAY)
    if found := AT.search(text) or BARE.fullmatch(text):
        return _time(_hour(found["hour"]), 0, "", opening, day)
    return None


def _hour(word: str) -> int:
    return int(word) if word.isdigit() else HOURS.index(word.lower()) + 1


def _time(hour: int, minute: int, half: str, opening: Opening, day: date) -> time | None:
    if half == "pm" and hour < MIDDAY:
        hour += MIDDAY
    elif half == "am" and hour == MIDDAY:
        hour = 0
    elif half != "am" and 0 < hour < MIDDAY and not _open_at(opening, day, hour, minute):
        # Three o'clock is in the afternoon where nobody is there at three in the morning.
        hour += MIDDAY
    try:
        return time(hour, minute)
    except ValueError:
        return None


def _open_at(opening: Opening, day: date, hour: int, minute: int) -> bool:
    spans = opening.spans(day) or tuple(span for spans in opening.week for span in spans)
    return any(first <= time(hour, minute) < last for first, last in spans)
