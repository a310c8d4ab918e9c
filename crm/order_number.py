"""Order numbers: `PL-dddd-dddd`, seven random digits and a check digit (Luhn).

Random, so that one's own number says nothing of another's or of how many orders there are; checked, so that
a typo is told from a wrong number without asking the database.
"""

import re
import secrets
from collections.abc import Callable

PREFIX = "PL"
_WRITTEN = re.compile(r"\s*(?:PL)?[\s\-–—_#]*((?:\d[\s\-–—_]*){8})\s*", re.ASCII | re.IGNORECASE)


def generate(randbelow: Callable[[int], int] = secrets.randbelow, *, prefix: str = PREFIX) -> str:
    """A new number in canonical form. It may be taken; the caller finds out. Returns have a prefix of their own."""
    digits = f"{randbelow(10**7):07d}"
    return _canonical(digits + check_digit(digits), prefix)


def parse(text: str) -> str | None:
    """The canonical form of what a customer typed, or None when it can't be an order number.

    Lower case, blanks, missing hyphens and a missing `PL` are understood.
    """
    found = _WRITTEN.fullmatch(text)
    if not found:
        return None
    digits = re.sub(r"\D", "", found[1])
    return _canonical(digits) if check_digit(digits[:-1]) == digits[-1] else None


def check_digit(digits: str) -> str:
    """The digit that makes `digits` pass the Luhn check (ISO/IEC 7812-1, annex B) when put behind it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def _canonical(digits: str, prefix: str = PREFIX) -> str:
    return f"{prefix}-{digits[:4]}-{digits[4:]}"
