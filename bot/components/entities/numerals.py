"""Numbers as people type them: 1500, 1.500, 1,299.00, 1k, 1.5k, "fifteen hundred", "two"."""

from __future__ import annotations

import re
from decimal import Decimal

SMALL = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000}
_UNIT = "|".join([*SMALL, *TENS])

_DIGIT = re.compile(r"\d")
_LONGEST = 12
"""Characters; what is longer is no amount of money."""

DIGITS = r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
"""Digits with thousands and decimals."""

WORDS = (
    rf"(?:one and a half thousand|(?:a|{_UNIT})(?:[ -](?:{'|'.join(SMALL)}))?[ -](?:hundred|thousand|grand)"
    rf"(?:(?: and)?[ -](?:a|{_UNIT})(?:[ -](?:{'|'.join(SMALL)}))?(?:[ -]hundred)?)?)"
)
"""Words for round amounts: "a thousand", "fifteen hundred", "two thousand five hundred"."""

AMOUNT = rf"(?:(?:{DIGITS})(?: ?(?:k|grand)\b)?|{WORDS})"
"""An amount in either form, for use inside a larger pattern."""


def has_digit(text: str) -> bool:
    """Whether what needs a number is worth looking for: most messages have none."""
    return _DIGIT.search(text) is not None


def amount(text: str) -> Decimal | None:
    """The value of what AMOUNT matched, or None.

    A single separator before exactly three digits parts thousands ("1.500", "1,500"), otherwise it is the
    decimal point; of two different separators the last is the decimal point.
    """
    text = text.strip().lower()
    thousand = re.search(r"(?<=\d) ?(k|grand)$", text)
    if thousand:
        value = _digits(text[: thousand.start()], with_thousands=False)
        return None if value is None else value * 1000
    if text[:1].isdigit():
        return _digits(text, with_thousands=True)
    if text == "one and a half thousand":
        return Decimal(1500)
    value = number_word(text)
    return None if value is None else Decimal(value)


def number_word(text: str) -> int | None:
    """Words below a million as a number, or None: "two", "twenty five", "a thousand", "fifteen hundred"."""
    total, current = 0, 0
    for word in re.split(r"[ -]+", text.strip().lower()):
        if word == "and":
            continue
        if word == "a":
            current += 1
        elif word in SMALL or word in TENS:
            current += SMALL.get(word) or TENS[word]
        elif word in _SCALES:
            current = max(current, 1) * _SCALES[word]
            if _SCALES[word] == 1000:
                total, current = total + current, 0
        else:
            return None
    return total + current or None


def _digits(text: str, *, with_thousands: bool) -> Decimal | None:
    text = text.replace(" ", "").replace("'", "")
    if len(text) > _LONGEST:
        return None
    dot, comma = text.rfind("."), text.rfind(",")
    if dot >= 0 and comma >= 0:
        decimal, thousands = (".", ",") if dot > comma else (",", ".")
        text = text.replace(thousands, "").replace(decimal, ".")
    elif dot >= 0 or comma >= 0:
        mark = "." if dot >= 0 else ","
        tail = text[text.rfind(mark) + 1 :]
        if text.count(mark) > 1 or (with_thousands and len(tail) == 3):
            text = text.replace(mark, "")
        else:
            text = text.replace(mark, ".")
    return Decimal(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else None


def plain(value: Decimal) -> str:
    """As a string without exponent, with cents only where there are any: "1500", "19.90"."""
    return format(value.quantize(Decimal(1) if value == value.to_integral() else Decimal("0.01")), "f")
