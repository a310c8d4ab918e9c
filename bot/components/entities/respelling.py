"""What was typed in haste, respelt before the rules read it: "uner 300", "the secnd one", "2 big 4 me".

Only words that say how something is meant (limits, places, comparisons) are respelt, and the names of attributes; what
the catalogue names is found in spite of typos by its own finders, and what customers are called is left as it is.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass

from components.entities.phrases import KnownWord, Spelling
from components.entities.spans import Span

_EVERYDAY = """
abort about above accept accessories address afford another anything appointment approximately around basket battery
before below between bigger biggest brand brands budget cancel cart cheap cheaper cheapest checkout colour
compare compared compares comparing comparison delivery difference different discount display everything except
expensive fewer fifth first fourth good higher invoice larger largest last later less lighter lightest longer
longest lowest maximum memory minimum newest newsletter nothing number order other others payment pieces please
price quantity quieter quote receipt refund remove return roughly second shipping shorter show similar smaller
smallest something storage third tomorrow under warranty weight which with without
"""
EVERYDAY = frozenset(_EVERYDAY.split())
"""Words with which people ask, whatever the shop sells. What is nearer to one of these is no typo of a value."""

_WORD = re.compile(r"(?<![\w@.+/#-])[^\W\d_]{4,}(?![\w@+/#]|[.-]\w)")
_TOO = re.compile(
    r"(?<![\w.,])2(?= (?:big|small|expensiv|pric|much|many|heav|loud|slow|late|short|long|dear|complicated|old)\w*)"
)
_FOR = re.compile(
    r"(?<![\w.,])4(?= (?:me|my|her|him|his|us|them|our|their|a|an|the|under|less|work|school|uni)\b)"
)
_SPOKEN = ((_TOO, "too"), (_FOR, "for"))


@dataclass(frozen=True)
class Respelt:
    """A text with the words respelt, and where each came from: (start, end) in the text typed and in this one."""

    text: str
    changes: tuple[tuple[int, int, int, int], ...] = ()

    def typed(self, span: Span) -> Span:
        """The span at its place in the text that was typed."""
        if not self.changes:
            return span
        return dataclasses.replace(
            span, start=self._typed(span.start, end=False), end=self._typed(span.end, end=True)
        )

    def _typed(self, place: int, *, end: bool) -> int:
        shift = 0
        for from_start, from_end, to_start, to_end in self.changes:
            if place >= to_end:
                shift = from_end - to_end
            elif place > to_start:
                return from_end if end else from_start
            elif place == to_start:
                return from_start
        return place + shift


class Respelling:
    """Respells texts. `names` are further words that say what is meant, such as those of attributes."""

    def __init__(self, names: Iterable[str], *, known: KnownWord) -> None:
        self._spelling = Spelling({word: word for word in EVERYDAY | set(names)}, known=known)

    def of(self, text: str) -> Respelt:
        """The text respelt. Words with a capital stay: they may be names, unless all is shouted."""
        shouted = text.isupper()
        found: list[tuple[int, int, str]] = []
        for pattern, word in _SPOKEN:
            found += [(match.start(), match.end(), word) for match in pattern.finditer(text.lower())]
        for match in _WORD.finditer(text):
            word = match[0].lower()
            if not (match[0].islower() or shouted or match.start() == 0):
                continue
            corrected = self._spelling.corrected(word)
            if corrected is not None and corrected != word:
                found.append((match.start(), match.end(), corrected))
        return _replaced(text, sorted(found)) if found else Respelt(text)


def _replaced(text: str, found: list[tuple[int, int, str]]) -> Respelt:
    parts: list[str] = []
    changes: list[tuple[int, int, int, int]] = []
    place = length = 0
    for start, end, word in found:
        parts += [text[place:start], word]
        length += start - place
        changes.append((start, end, length, length + len(word)))
        length += len(word)
        place = end
    return Respelt("".join([*parts, text[place:]]), tuple(changes))
