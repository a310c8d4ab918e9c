"""Order numbers, e-mail addresses and phone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from components.entities.spans import Span, Strength

_ORDER = re.compile(r"(?<![\w@.-])(?P<prefix>pl)[\s._#:-]*(?P<a>\d{4})[\s._-]*(?P<b>\d{4})(?!\d)")
_BARE_ORDER = re.compile(r"(?<![\w+@.,-])(?P<a>\d{4})[ -]?(?P<b>\d{4})(?![\d@.,-]*\d)")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+\.[^\s@<>()\[\],;:\"]{2,}")
_ENOUGH_DIGITS = 6


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def order_numbers(text: str) -> Iterator[Span]:
    """In lower-cased text, as PL-dddd-dddd. One that is mistyped is found too: it is still no price and no
    phone number.

    Eight digits without the prefix count when their check digit is right.
    """
    for match in _ORDER.finditer(text):
        yield _order(match)
    for match in _BARE_ORDER.finditer(text):
        if luhn_valid(match["a"] + match["b"]):
            yield _order(match)


def _order(match: re.Match[str]) -> Span:
    return Span(
        match.start(), match.end(), "order_number", f"PL-{match['a']}-{match['b']}", Strength.ORDER_NUMBER
    )


def emails(text: str) -> Iterator[Span]:
    """In the original text: what email-validator accepts, normalised, the domain in lower case. No look-up is made."""
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        address = match[0].strip(".!?'*")
        address = address.removeprefix("mailto:")
        try:
            checked = validate_email(address, check_deliverability=False)
        except EmailNotValidError:
            continue
        start = match.start() + match[0].index(address)
        yield Span(start, start + len(address), "email", checked.normalized, Strength.CONTACT)


def phones(text: str, *, region: str) -> Iterator[Span]:
    """In the original text: valid numbers in E.164; `region` (ISO 3166, "DE") reads those without a country code."""
    if sum(character.isdigit() for character in text) < _ENOUGH_DIGITS:
        return
    for match in phonenumbers.PhoneNumberMatcher(text, region):
        yield Span(
            match.start,
            match.end,
            "phone",
            phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164),
            Strength.CONTACT - 20,
        )
