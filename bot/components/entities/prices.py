"""Prices, ranges and currencies: "around 1k", "under €800", "between 300 and 500", "max 1500 euros"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from components.entities.numerals import AMOUNT, amount, plain
from components.entities.spans import Span, Strength

_CURRENCIES = {
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "$": "USD",
    "usd": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "£": "GBP",
    "gbp": "GBP",
    "pound": "GBP",
    "pounds": "GBP",
    "quid": "GBP",
    "chf": "CHF",
    "francs": "CHF",
    "bucks": None,
}
_SIGN = r"(?:€|\$|£|\b(?:eur|usd|gbp|chf)\b)"
_WORD = r"(?:€|\$|£|\b(?:eur|euros?|usd|dollars?|gbp|pounds?|quid|chf|francs|bucks)\b)"

_MAX = (
    r"(?:no|not|nothing|never|isn't|n't)(?: be)?(?: cost)?(?: any)?(?: more| over| above| higher)(?: than)?|"
    r"not exceed(?:ing)?|(?:can't|cant|cannot|can not|won't|wouldn't|don't want to|do not want to|not) "
    r"(?:spend|pay|go|be|cost)(?: any)? (?:more than|over|above|higher than)|"
    r"under|below|less than|cheaper than|lower than|smaller than|up ?to|upto|at (?:the )?most|"
    r"max(?:imum)?(?: of)?|max\.|"
    r"within|limit(?: is| of)?|ceiling(?: of)?|<=?|budget(?: is|'s| of| around| about)?|"
    r"(?:can|could|would|want to|wanna|willing to|happy to|like to|will|to) (?:spend|pay)(?: up to| only|"
    r" maybe| about| around)?|"
    r"afford|i have(?: only| about| around)?|only have|i've got|top(?:s|ping) out at|keep it under|stay under|"
    r"stay below"
)
_MIN = (
    r"(?:no|not|nothing|never)(?: any)? (?:less|cheaper|under|below|lower)(?: than)?|over|above|more than|at least|"
    r"min(?:imum)?(?: of)?|min\.|starting (?:at|from)|from|upwards of|>=?|higher than|dearer than|pricier than"
)
_ABOUT = (
    r"around|about|approx(?:imately|\.)?|roughly|circa|ca\.?|~|close to|near(?:ly)?|somewhere around|"
    r"something like|-ish"
)
_AFTER_MAX = (
    r"max(?:imum)?\b|tops\b|at (?:the )?most\b|or (?:less|under|below|cheaper)\b|limit\b|budget\b|"
    r"and (?:below|under)\b"
)
_AFTER_MIN = r"or (?:more|above|over)\b|and (?:up|above)\b|plus\b|\+|upwards?\b|min(?:imum)?\b|at least\b"
_AFTER_ABOUT = r"ish\b|-ish\b|or so\b|or thereabouts\b|give or take\b|more or less\b|roughly\b|approx"
_PRICE_WORD = r"\b(?:price[sd]?|cost(?:s|ing)?|budget|spend|pay|worth|for|priced at)\b"


def _money(n: int) -> str:
    return rf"(?P<sign{n}>{_SIGN})? ?(?P<amount{n}>{AMOUNT})(?: ?(?P<word{n}>{_WORD}))?"


_RANGE = re.compile(
    rf"(?<![\w.,-])(?P<lead>between|from|in the range of|range|anywhere from|somewhere between)? ?"
    rf"{_money(1)} ?(?P<link>-|to|and|until|till|up to|through) ?{_money(2)}(?![\w%-]|[.,]\d)"
)
_SINGLE = re.compile(
    rf"(?P<cue>(?<!\w)(?:(?P<max>{_MAX})|(?P<min>{_MIN})|(?P<about>{_ABOUT})))?(?:(?<=\w) | ?)(?:a |the |my |"
    rf"of |is |price of )*"
    rf"(?<![\w.,#/-]){_money(1)}(?P<after> ?-?(?:(?P<amax>{_AFTER_MAX})|(?P<amin>{_AFTER_MIN})|"
    rf"(?P<aabout>{_AFTER_ABOUT})))?"
)
_UNIT_FOLLOWS = re.compile(
    r" ?(?:[%\"']|-? ?(?:gb|tb|mb|gigs?|kg|kilos?|g|grams?|cm|mm|m|inch(?:es)?|in|hz|khz|w|watts?|mah|h|hrs?|"
    r"hours?|days?|"
    r"weeks?|months?|years?|min(?:utes)?|mp|megapixels?|dpi|nits|cores?|x|p|pcs|pieces?|units?|items?|"
    r"of (?:them|those|these|it|this|that|the|each|your|my)|"
    r"times|people|persons?|st|nd|rd|th|stars?|percent|pages|sheets|ports|am|pm|o'clock)\b)"
)
_BARE_FROM = 20
"""A bare number from here on, alone in its message, is taken for a price and not for a quantity."""


def prices(text: str) -> Iterator[Span]:
    """Findings in lower-cased text. A number without currency counts only where something says that it is a price."""
    taken: list[tuple[int, int]] = []
    for match in _RANGE.finditer(text):
        found = _range(match, text)
        if found:
            taken.append(match.span())
            yield from found
    for match in _SINGLE.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        span = _single(match, text)
        if span is not None:
            yield span


def _range(match: re.Match[str], text: str) -> list[Span]:
    low, high = amount(match["amount1"]), amount(match["amount2"])
    if low is None or high is None or _UNIT_FOLLOWS.match(text, match.end()):
        return []
    if re.search(r"(?:k|grand)$", match["amount2"]) and low < 100 <= high:
        low *= 1000
    currency = _currency(match, 1) or _currency(match, 2)
    with_money = any(match[f"{part}{n}"] for part in ("sign", "word") for n in (1, 2))
    plausible = low < high and low >= 5
    told = match["lead"] is not None or bool(re.search(_PRICE_WORD, text[: match.start()]))
    joined_by_and = match["link"] == "and" and match["lead"] is None
    if not plausible or joined_by_and or not (with_money or (told and low >= 10) or low >= 50):
        return []
    extra = {"currency": currency} if currency else {}
    middle = match.start("link")
    end = match.start() + len(text[match.start() : middle].rstrip())
    return [
        _span(match.start(), end, low, "min", extra, Strength.PRICE_RANGE),
        _span(middle, match.end(), high, "max", extra, Strength.PRICE_RANGE),
    ]


def _single(match: re.Match[str], text: str) -> Span | None:
    value = amount(match["amount1"])
    if value is None or value == 0:
        return None
    money = match["sign1"] or match["word1"]
    if money is None and _followed_by_unit(match, text):
        return None
    role = _role(match)
    if money is None and role is None and match["amount1"] in ("4k", "8k"):
        return None  # a resolution
    alone = re.fullmatch(r"[\s.!?]*", text[: match.start()] + text[match.end() :]) is not None
    before = text[: match.start()]
    if money is None and not _is_price(match, value, role, before, alone=alone):
        return None
    if role is None and re.search(r"\bfor(?: a| only| just)?\s*$", before):
        role = "max"
    currency = _currency(match, 1)
    strength = Strength.MONEY if money else Strength.CUED_PRICE if match["cue"] else Strength.PRICE
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return _span(
        start, match.end(), value, role or "exact", {"currency": currency} if currency else {}, strength
    )


def _is_price(match: re.Match[str], value: Decimal, role: str | None, before: str, *, alone: bool) -> bool:
    """Whether a number without currency is a price: it is alone, has a cue, or a word about prices stands before it."""
    if re.search(r"(?:k|grand|hundred|thousand)$", match["amount1"]):
        return True
    if alone:
        return value >= _BARE_FROM or role is not None
    if role is not None:
        asks_budget = re.search(r"budget|spend|pay|afford", match["cue"] or match["after"] or "")
        return value >= 10 or bool(asks_budget)
    return value >= _BARE_FROM and bool(
        re.search(rf"{_PRICE_WORD}\s*(?:is|of|:|=|it|only|just|a|the)*\s*$", before)
    )


def _followed_by_unit(match: re.Match[str], text: str) -> bool:
    return _UNIT_FOLLOWS.match(text, match.end("amount1")) is not None or bool(
        re.match(r"[\w%]", text[match.end() : match.end() + 1] or " ")
    )


def _role(match: re.Match[str]) -> str | None:
    for group, role in (
        ("max", "max"),
        ("min", "min"),
        ("amax", "max"),
        ("amin", "min"),
        ("about", "about"),
        ("aabout", "about"),
    ):
        if match[group]:
            return role
    return None


def _currency(match: re.Match[str], n: int) -> str | None:
    return _CURRENCIES.get(match[f"sign{n}"] or match[f"word{n}"] or "")


def _span(start: int, end: int, value: Decimal, role: str, extra: dict[str, str], strength: int) -> Span:
    return Span(start, end, "price", plain(value), strength, role, dict(extra))
