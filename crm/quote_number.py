"""Quote numbers: `QU-dddd-dddd`, random and checked as order numbers are, and never taken for one."""

import re
import secrets
from collections.abc import Callable

from crm.order_number import check_digit

WRITTEN = re.compile(r"\bqu[\s\-–—_#]*((?:\d[\s\-–—_]*){7}\d)\b", re.ASCII | re.IGNORECASE)


def generate(randbelow: Callable[[int], int] = secrets.randbelow) -> str:
    """A new number in canonical form. It may be taken; the caller finds out."""
    digits = f"{randbelow(10**7):07d}"
    return _canonical(digits + check_digit(digits))


def find(text: str) -> str | None:
    """The first quote number in a text, in canonical form, or None. Mistyped ones aren't found."""
    for found in WRITTEN.finditer(text):
        digits = re.sub(r"\D", "", found[1])
        if check_digit(digits[:-1]) == digits[-1]:
            return _canonical(digits)
    return None


def _canonical(digits: str) -> str:
    return f"QU-{digits[:4]}-{digits[4:]}"
