"""A barcode that reads back as what was drawn."""

from __future__ import annotations

import re

import pytest

from connectors.web.barcode import PATTERNS, WIDTHS, code39


def read_back(svg: str) -> str:
    """What a scanner makes of the bars: widths of bars and gaps, nine to a character, one narrow gap between two."""
    bars = [(int(x), int(width)) for x, width in re.findall(r'<rect x="(\d+)" y="0" width="(\d+)"', svg)]
    narrow = min(width for _, width in bars)
    assert bars[0][0] >= 10 * narrow, "a scanner needs ten narrow widths of quiet"
    known = {pattern: character for character, pattern in PATTERNS.items()}
    text = ""
    for first in range(0, len(bars), 5):
        elements = []
        for place, (x, width) in enumerate(bars[first : first + 5]):
            elements.append(width)
            if place < 4:
                elements.append(bars[first + place + 1][0] - x - width)
        text += known["".join("w" if width > narrow else "n" for width in elements)]
    return text


@pytest.mark.parametrize("number", ["RT-1234-5674", "RT-0987-6543"])
def test_a_number_reads_back_between_its_stars(number: str) -> None:
    assert read_back(code39(number)) == f"*{number}*"


def test_three_of_nine_elements_are_wide_and_no_two_characters_are_alike() -> None:
    assert all(pattern.count("w") == 3 and len(pattern) == 9 for pattern in PATTERNS.values())
    assert len(set(PATTERNS.values())) == len(PATTERNS)
    assert WIDTHS["w"] >= 2 * WIDTHS["n"]


def test_what_scanners_would_read_as_something_else_is_refused() -> None:
    with pytest.raises(KeyError):
        code39("rt 1234")
