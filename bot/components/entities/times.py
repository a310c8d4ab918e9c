"""Dates and times: "next tuesday at 3", "tomorrow morning", "12 December", "in two weeks", "at half past four".

Values are ISO 8601 in the shop's own zone: "2026-12-01" for a day, "2026-12-01T15:00:00+01:00" for a moment. `grain`
says how exactly it was meant (minute, part, day, weekend, week, month), `until` where a range ends. What is meant is
decided in `calendar`. dateparser reads dates with the names of months, figures and spans of time; it takes
milliseconds, so it only sees the few words that look like one, at most `MOST` times a message.
"""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from components.entities import calendar
from components.entities.calendar import Day, Hour
from components.entities.numerals import SMALL, TENS, number_word
from components.entities.spans import Span, Strength

MOST = 3
"""Calls of dateparser for one message."""

_GUARD = re.compile(
    r"day|hour|minute|tomm?or|tmrw?\b|tonight|morning|noon|evening|night|week|month|ago\b|o'?clock|past\b|quarter|"
    r"\d ?[ap]\.?m\b|\d:\d\d|\b(?:at|around|by|the) [\dtofsen]|\d[./-]\d|"
    r"\b(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)",
)
_SPELLINGS = {
    1: "monday|mon|munday|monady",
    2: "tuesday|tues|tue|teusday|tuseday|tuesdy",
    3: "wednesday|wed|weds|wensday|wednsday|wendesday|wednesay",
    4: "thursday|thurs|thur|thu|thurday|thrusday|thursady",
    5: "friday|fri|firday|fryday|frday",
    6: "saturday|sat|saterday|satuday",
    7: "sunday|sun|sundy|suday",
}
_NUMBER_OF = {name: number for number, names in _SPELLINGS.items() for name in names.split("|")}
_FULL = "|".join(name for name in _NUMBER_OF if len(name) > 5)
_SHORT = "|".join(name for name in _NUMBER_OF if len(name) <= 5)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WORDS = "|".join(sorted((*SMALL, *TENS), key=len, reverse=True))
_COUNT = rf"(?:\d{{1,3}}|an?|{_WORDS}|a couple of|a few)"
_NTH = r"(?:st|nd|rd|th)"
_BY = r"(?:on|by|for|until|till|from|before|after|since)"

_DAYS = re.compile(
    rf"(?<![\w-])(?:"
    rf"(?P<relative>the day after tomorrow|day after tomorrow|today|tonight|tomm?orr?ow|tmrw?|yesterday)"
    rf"|(?:(?P<lead>next week) (?:on )?)?(?:(?P<which>this|next|last|coming|the following) )?(?P<full>{_FULL})s?"
    rf"(?P<late> next week)?(?:,? the (?P<dated>\d{{1,2}}){_NTH})?"
    rf"|(?:(?P<which2>this|next|last|coming)|{_BY}|or|and) (?P<short>{_SHORT})(?=$|[\s,.!?])(?P<late2> next week)?"
    rf"|(?P<early>{_SHORT})(?=,? (?:at |around )?\d{{1,2}}(?: ?[ap]m|:\d\d))"
    rf"|(?P<span>(?:in {_COUNT} (?:day|week|month|hour|minute)s?(?:'? time)?|{_COUNT} (?:day|week|month|hour)s? ago))"
    rf"|(?P<weekend>(?:(?P<which3>this|next|last|coming) |(?:at|over|on) the )weekend)"
    rf"|(?P<which4>this|next|last|coming) (?P<unit>week|month)"
    rf"|(?P<written>\d{{1,2}}{_NTH}?(?: of)? {_MONTH}(?:,? \d{{4}}(?!\d))?|{_MONTH} (?:the )?\d{{1,2}}{_NTH}?"
    rf"(?:,? \d{{4}})?(?![\d:]| ?(?:[ap]m\b|[%€$£]|gb\b|inch)))"
    rf"|(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})(?!\d)"
    rf"|(?P<figures>\d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}}|\d{{2}})?|\d{{1,2}}/\d{{1,2}}/(?:\d{{4}}|\d{{2}})"
    rf"|(?<=on )\d{{1,2}}/\d{{1,2}}|(?<=by )\d{{1,2}}/\d{{1,2}})(?![\w/])"
    rf"|{_BY} the (?P<nth>\d{{1,2}}){_NTH}(?! (?:one|option|item|product|time|place|row|gen|generation|of)\b)(?!\w)"
    rf")(?![\w-])"
)
_CLOCK = (
    rf"(?:(?P<h>\d{{1,2}})(?:[:.](?P<m>\d\d))? ?(?P<half>[ap])\.?m\b\.?"
    rf"|(?P<h24>\d{{1,2}}):(?P<m24>\d\d)(?![\d:])"
    rf"|(?P<oh>\d{{1,2}}|{_WORDS}) o'?clock"
    rf"|(?P<past>half past|quarter past|quarter to) (?P<ph>\d{{1,2}}|{_WORDS})\b"
    rf"|(?P<named>noon|midday|midnight))"
)
_BARE = rf"(?P<bh>\d{{1,2}}|{_WORDS})(?:[.:](?P<bm>\d\d))?(?![\w%\"'€$£-]|[.,]\d)"
_NO_HOUR = (
    r"(?! ?(?:[%€$£\"']|eur|dollar|bucks|pound|inch|gb\b|tb\b|gig|kg\b|hz\b|hours?\b|days?\b|weeks?\b|months?\b|"
    r"minutes?\b|pieces?|units?|of |x\b|percent|ports?|people|mp\b|more|years?))"
)
_HOURS = re.compile(rf"(?<![\w.,€$£-])(?:(?:at|around|about|from|after|before|by|until|till) )?{_CLOCK}")
_AT = re.compile(rf"(?<!look )(?<!\w)at (?:about |around )?{_BARE}{_NO_HOUR}")
_AFTER_DAY = re.compile(rf"(?:at|around|about|from|after|before|by|until|till) {_BARE}{_NO_HOUR}")
_RANGE = re.compile(
    rf"(?:between |from )?(?P<low>\d{{1,2}}(?::\d\d)?)(?: ?(?P<lowhalf>[ap])m)? ?(?:-|to|and|till|until) ?"
    rf"(?P<high>\d{{1,2}}(?::\d\d)?)(?: ?(?P<highhalf>[ap])m\b)?(?!\w| ?[€$£%]|[.,]\d){_NO_HOUR}"
)
_PART = re.compile(r"(?:in the |this |at |early in the )?(?P<part>morning|afternoon|evening|night)(?!\w)")
_GAP = re.compile(r",? ?(?:on |at |in the |, )?")
_PAST = re.compile(
    r"\b(?:ordered|paid|bought|arrived|came|received|got|was|were|sent|delivered|called|since|returned|wrote|"
    r"had|promised|shipped|happened)\b[^.!?;]{0,40}$"
)


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    day: Day | None = None
    hour: Hour | None = None
    part: str | None = None
    until: Hour | None = None


def times(lower: str, now: datetime) -> Iterator[Span]:
    """In lower-cased text; `now` is aware, in the shop's zone."""
    if _GUARD.search(lower) is None:
        return
    pieces = sorted([*_days(lower, now), *_hours(lower), *_parts(lower)], key=lambda p: (p.start, -p.end))
    for piece in _ranges(lower, _joined(lower, pieces)):
        if (span := _span(piece, now)) is not None:
            yield span


def _days(lower: str, now: datetime) -> Iterator[_Found]:
    left = MOST
    for match in _DAYS.finditer(lower):
        if match["span"] or match["written"] or match["figures"]:
            left -= 1
            if left < 0:
                continue
        found = _day(match, now, is_past=_PAST.search(lower[: match.start()]) is not None)
        if isinstance(found, datetime):
            at = Hour(found.hour, found.minute)
            yield _Found(match.start(), match.end(), Day(found.date()), at)
        elif found is not None:
            part = "evening" if match["relative"] == "tonight" else None
            start = match.start() if match["short"] is None or match["which2"] else match.start("short")
            yield _Found(start, match.end(), found, part=part)


def _day(match: re.Match[str], now: datetime, *, is_past: bool) -> Day | datetime | None:
    today = now.date()
    if match["relative"]:
        return Day(today + timedelta(days=_shift(match["relative"])))
    if dated := match["dated"] or match["nth"]:
        return calendar.day_of_month(today, int(dated))
    if name := match["full"] or match["short"] or match["early"]:
        which = match["which"] or match["which2"]
        which = "next" if match["lead"] or match["late"] or match["late2"] else which
        return calendar.weekday(
            today,
            _NUMBER_OF[name],
            which=which if which in ("this", "next", "last") else None,
            is_past=is_past,
        )
    if match["weekend"]:
        which = match["which3"] if match["which3"] in ("next", "last") else "this"
        return Day(calendar.weekday(today, 6, which=which).day, "weekend")
    if match["unit"]:
        which = "this" if match["which4"] == "coming" else match["which4"]
        return (calendar.week if match["unit"] == "week" else calendar.month)(today, which)
    return _parsed(match, now, is_past=is_past)


def _shift(word: str) -> int:
    return {"today": 0, "tonight": 0, "yesterday": -1}.get(word, 2 if "after" in word else 1)


def _parsed(match: re.Match[str], now: datetime, *, is_past: bool) -> Day | datetime | None:
    """What dateparser makes of a written date or a span of time."""
    text = match["span"] or match["written"] or match["figures"] or match["iso"]
    if match["span"]:
        count = re.search(rf"\b(?:{_COUNT})\b", text.removeprefix("in "))
        number = {"a": 1, "an": 1, "a couple of": 2, "a few": 3}.get(count[0]) if count else None
        if count and number is None:
            number = int(count[0]) if count[0].isdigit() else number_word(count[0])
        if count and number is not None:
            text = text.replace(count[0], str(number), 1).replace("' time", "").replace(" time", "")
    found = _parser()(text.strip(". "), languages=["en"], settings=_settings(match, now, is_past=is_past))
    if found is None:
        return None
    if match["span"] and re.search(r"hour|minute", text):
        return found.replace(second=0, microsecond=0, tzinfo=now.tzinfo)
    return Day(found.date())


def _settings(match: re.Match[str], now: datetime, *, is_past: bool) -> dict[str, Any]:
    return {
        "RELATIVE_BASE": now.replace(tzinfo=None),
        "PREFER_DATES_FROM": "past" if is_past else "future",
        "DATE_ORDER": "YMD" if match["iso"] else "DMY",
        "REQUIRE_PARTS": [] if match["span"] else ["day", "month"],
    }


def _hours(lower: str) -> Iterator[_Found]:
    for match in _HOURS.finditer(lower):
        hour = _hour(match)
        if hour is not None:
            yield _Found(match.start(), match.end(), hour=hour)
    for match in _AT.finditer(lower):
        if (number := _number(match["bh"])) is not None and number <= 23:
            yield _Found(match.start(), match.end(), hour=Hour(number, int(match["bm"] or 0), is_plain=True))


def _hour(match: re.Match[str]) -> Hour | None:
    if match["named"]:
        return Hour(calendar.PARTS[match["named"]])
    if match["h"]:
        number = int(match["h"])
        if not 1 <= number <= 12:
            return None
        return Hour(number % 12 + (12 if match["half"] == "p" else 0), int(match["m"] or 0))
    if match["h24"]:
        return Hour(int(match["h24"]), int(match["m24"]), is_plain=not match["h24"].startswith("0"))
    number = _number(match["oh"] or match["ph"])
    if number is None or number > 23:
        return None
    if match["past"] == "quarter to":
        return Hour(number - 1, 45, is_plain=True)
    return Hour(number, {"half past": 30, "quarter past": 15}.get(match["past"] or "", 0), is_plain=True)


def _number(word: str) -> int | None:
    return int(word) if word.isdigit() else number_word(word)


def _parts(lower: str) -> Iterator[_Found]:
    for match in _PART.finditer(lower):
        day_said = match[0].startswith(("in the", "this", "at", "early"))
        yield _Found(match.start() if day_said else match.start("part"), match.end(), part=match["part"])


def _joined(lower: str, pieces: list[_Found]) -> list[_Found]:
    """Pieces side by side are one: "tuesday" "at 3" "in the afternoon"."""
    joined: list[_Found] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and piece.start < last.end:
            continue
        if last is not None and _fits(last, piece) and _GAP.fullmatch(lower[last.end : piece.start]):
            joined[-1] = _Found(
                last.start, piece.end, last.day or piece.day, last.hour or piece.hour, last.part or piece.part
            )
        else:
            joined.append(piece)
    return joined


def _fits(one: _Found, other: _Found) -> bool:
    pairs = ((one.day, other.day), (one.hour, other.hour), (one.part, other.part))
    return not any(a is not None and b is not None for a, b in pairs)


def _ranges(lower: str, pieces: list[_Found]) -> Iterator[_Found]:
    """Hours that only a day beside them makes hours: "tuesday between 2 and 4", "friday around five"."""
    for piece in pieces:
        if piece.day is None and piece.part is None:
            yield piece
            continue
        rest = lower[piece.end :]
        gap = re.match(r",? ?", rest)
        at = piece.end + (gap.end() if gap else 0)
        if piece.hour is None and (match := _RANGE.match(lower, at)) is not None:
            low, high = _bound(match["low"], match["lowhalf"]), _bound(match["high"], match["highhalf"])
            yield _Found(piece.start, match.end(), piece.day, calendar.same_half(low, high), piece.part, high)
        elif piece.hour is None and (match := _AFTER_DAY.match(lower, at)) is not None:
            hour = Hour(_number(match["bh"]) or 0, int(match["bm"] or 0), is_plain=True)
            yield _Found(piece.start, match.end(), piece.day, hour, piece.part)
        else:
            yield piece


def _bound(text: str, half: str | None) -> Hour:
    hour, _, minute = text.partition(":")
    number = int(hour)
    if half:
        return Hour(number % 12 + (12 if half == "p" else 0), int(minute or 0))
    return Hour(number, int(minute or 0), is_plain=True)


def _span(piece: _Found, now: datetime) -> Span | None:
    if piece.hour is None and piece.day is None:
        return None
    if piece.hour is None:
        return _of_day(piece, now)
    at = calendar.resolved(piece.hour, piece.part)
    if at is None:
        return None
    start = calendar.moment(now, piece.day, at) if piece.day else calendar.next_occurrence(now, at)
    extra = {"grain": "minute"}
    until = calendar.resolved(piece.until, piece.part) if piece.until else None
    if until is not None:
        extra["until"] = datetime.combine(start.date(), until, tzinfo=now.tzinfo).isoformat()
    return Span(piece.start, piece.end, "time", start.isoformat(), Strength.TIME, extra=extra)


def _of_day(piece: _Found, now: datetime) -> Span | None:
    day = piece.day
    if day is None:
        return None
    if piece.part is None or day.grain != "day":
        return Span(
            piece.start, piece.end, "time", day.day.isoformat(), Strength.TIME, extra={"grain": day.grain}
        )
    start = calendar.moment(now, day, time(calendar.PARTS[piece.part]))
    return Span(piece.start, piece.end, "time", start.isoformat(), Strength.TIME, extra={"grain": "part"})


@functools.lru_cache(maxsize=1)
def _parser() -> Callable[..., datetime | None]:
    """dateparser, imported when first used: it takes longer to import than the rest of this package."""
    import dateparser

    return dateparser.parse


def warm_up() -> threading.Thread:
    """Load dateparser and its language beside the start, so that neither the start nor the first date waits."""
    thread = threading.Thread(target=lambda: _parser()("3 may 2026", languages=["en"]), daemon=True)
    thread.start()
    return thread
