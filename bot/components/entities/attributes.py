"""Attribute values with and without units: "16 gigs of ram", '15"', "red", "waterproof", "without touchscreen"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from components.entities.gazetteer import Attribute, Gazetteer
from components.entities.numerals import has_digit
from components.entities.phrases import KnownWord, Phrases, Spelling, Tokens, is_talk
from components.entities.spans import Span, Strength

USES = "uses"
"""What a product is for. Its values are everyday words ("work", "phone"), so they count only after "for" or
before a category.
"""

_NUMBER = r"\d+(?:[.,]\d+)?"
_MIN = re.compile(
    r"(?:at least|min(?:imum)?(?: of)?|more than|over|above|from|starting at|no less than|not less than|"
    r">=?)\s*(?:a |an )?$"
)
_MAX = re.compile(
    r"(?:at (?:the )?most|max(?:imum)?(?: of)?|less than|under|below|up to|no more than|not more than|"
    r"lighter than|smaller than|<=?)"
    r"\s*(?:a |an )?$"
)
_AFTER_MIN = re.compile(
    r"[ -]?(?:of [\w ]{2,12} |[a-z]{2,9} )?"
    r"(?:\+|plus\b|or more\b|or bigger\b|or larger\b|and up\b|min(?:imum)?\b|at least\b)"
)
_AFTER_MAX = re.compile(
    r"[ -]?(?:or less\b|or lighter\b|or smaller\b|or below\b|max(?:imum)?\b|at most\b|tops\b)"
)
_NOT = re.compile(
    r"(?:without|w/o|no|not|non|isn't|don't need|doesn't need|don't want)[ -](?:a |an |any |the |to be )?$"
)
_FOR = re.compile(r"\b(?:for|as|to do|to|while|during|when|use[ds]?|using)(?:[\w,&' -]{0,40})$")
_TIME = frozenset(
    {"h", "hr", "hrs", "hour", "hours", "day", "days", "week", "weeks", "min", "minute", "minutes", "ms"}
)
_PIECES = frozenset({"piece", "pieces", "pcs", "pc", "pack", "packs"})
_NEEDS_WORD = _TIME | {"x", "%", "m", "in", "pa", "times", "pages", "sheets"}
"""Units that mean something else in most sentences: they count beside a word of the attribute, or, unless they are
times ("arrives in 2 days"), when a category that has the attribute is named."""
_NOT_A_USE = frozenset({"light"})
"""Before a category these describe it ("a light laptop")."""
_VERB = re.compile(r"(?:set|type) (?:the|it|that|them|this|my|in|up)\b")
_PRAISED = re.compile(
    r"\b(?:long|longer|longest|good|great|decent|best|better|big|bigger|strong|huge|more|enough|solid|amazing)"
    r"(?:[ -]lasting)? $"
)
"""Before what is measured, too, these ask for much of it: a "long battery" isn't what runs on batteries."""
_FOR_4 = re.compile(r"\b4 $")
_OF_PIECES = re.compile(r"\b(?:sets?|packs?|packages?|boxe?s?) (?:of|with|containing)[ a]*$")
"""Before a number of pieces: so many are in one pack. Else it is how many are wanted."""
_NEAR = 28
_SHORTEST_MENDED = 5
"""Letters; in shorter words too much looks like a typo."""
_MEMORY_TO = 128
"""Gigabytes up to here, with no word that says more, mean memory where a product has both memory and storage."""


class Attributes:
    """Finds values of the attribute vocabulary; values are {"name", "op": "min"|"max"|"is", "value"}."""

    def __init__(self, gazetteer: Gazetteer, *, known: KnownWord) -> None:
        self._numbers = [a for a in gazetteer.attributes if a.kind == "number"]
        self._by_name = {a.name: a for a in gazetteer.attributes}
        units = sorted({u for a in self._numbers for u in a.units}, key=len, reverse=True)
        self._measure = _measure(units) if units else None
        self._counts = _counts(self._numbers)
        words: dict[str, list[tuple[str, Any]]] = {}
        for attribute in gazetteer.attributes:
            for phrase, value in _phrases(attribute):
                words.setdefault(phrase, []).append((attribute.name, value))
        self._words = Phrases({phrase: tuple(meanings) for phrase, meanings in words.items()})
        told = (value for a in gazetteer.attributes for value in (*a.values, *a.words))
        parts = {part for value in told for part in value.lower().split() if len(part) >= _SHORTEST_MENDED}
        spelled = {part: part for part in parts}
        self._spelling = Spelling(spelled, known=known)
        # "battery life" names an attribute, so "battery" in it is no value
        self._measured_words = frozenset(word for a in self._numbers for word in a.words)
        self._names = Phrases(dict.fromkeys(self._measured_words))

    def found(self, lower: str, tokens: Tokens, categories: list[Span]) -> Iterator[Span]:
        """In lower-cased text. `categories` that were named help to tell which attribute a unit belongs to."""
        slugs = {span.value for span in categories}
        measures = list(self._measures(lower, slugs))
        yield from measures
        measured = {word for m in measures for word in self._by_name[m.value["name"]].words}
        for pattern, attribute in self._counts if has_digit(lower) else ():
            for match in pattern.finditer(lower):
                if not _are_wanted(lower, match.start(), lower[match.end("n") : match.end()].strip()):
                    yield _numeric(lower, match.start(), match.end(), match["n"], attribute.name, 1.0)
        names = [(start, end) for start, end, _ in self._names.found(tokens)]
        worded = list(self._words.found(tokens, read=self._spelling.mended(tokens)))
        names += [(start, end) for start, end, _ in worded]
        for start, end, meanings in worded:
            name, value = self._chosen(meanings, slugs)
            if name == USES and not _is_use(lower, start, end, value, categories):
                continue
            if (
                _VERB.match(lower, start)
                or (lower[start:end] in self._measured_words and _PRAISED.search(lower[:start]))
                or lower[start:end] in measured
                or any(first <= start and end <= last and last - first > end - start for first, last in names)
            ):
                continue
            yield self._worded(lower, start, end, name, value)

    def are_of(self, name: str, category: str) -> bool:
        """True where the category's products have the attribute, or where it isn't known whose it is."""
        categories = self._by_name[name].categories
        return not categories or category in categories

    def _measures(self, lower: str, slugs: set[str]) -> Iterator[Span]:
        if self._measure is None:
            return
        for match in self._measure.finditer(lower):
            unit = match["unit"].strip()
            attribute = self._measured(lower, match, unit, slugs)
            if attribute is None:
                continue
            factor = attribute.units[unit]
            if match["low"]:
                yield _bound(
                    match.start("low"), match.end("low"), match["low"], attribute.name, factor, "min"
                )
                yield _bound(match.start("n"), match.end(), match["n"], attribute.name, factor, "max")
            else:
                yield _numeric(lower, match.start("n"), match.end(), match["n"], attribute.name, factor)

    def _measured(self, lower: str, match: re.Match[str], unit: str, slugs: set[str]) -> Attribute | None:
        """Which attribute is measured: the one whose word stands nearby, else one of the named category, else
        the likeliest.
        """
        if _are_wanted(lower, match.start(), unit):
            return None
        fitting = [a for a in self._numbers if unit in a.units]
        after = re.split(r"[,;.]| and | or ", lower[match.end() : match.end() + _NEAR])[0]
        before = re.split(r"[,;.]| and | or ", lower[max(0, match.start() - _NEAR) : match.start()])[-1]
        for near in (after, before):
            named = [a for a in fitting if any(re.search(rf"\b{re.escape(w)}", near) for w in a.words)]
            if named:
                return named[0]
        of_category = [a for a in fitting if a.categories & slugs]
        if unit in _TIME or (unit in _NEEDS_WORD and not of_category):
            return None
        of_category = of_category or fitting
        if len(of_category) > 1 and "memory_gb" in {a.name for a in of_category}:
            value = float(match["n"].replace(",", ".")) * of_category[0].units[unit]
            is_memory = value <= _MEMORY_TO and unit not in ("tb", "terabyte", "terabytes")
            of_category = [a for a in of_category if (a.name == "memory_gb") == is_memory] or of_category
        return of_category[0] if of_category else None

    def _chosen(self, meanings: tuple[tuple[str, Any], ...], slugs: set[str]) -> tuple[str, Any]:
        of_category = [m for m in meanings if self._by_name[m[0]].categories & slugs]
        return (of_category or list(meanings))[0]

    def _worded(self, lower: str, start: int, end: int, name: str, value: Any) -> Span:
        negated = _NOT.search(lower[:start])
        if isinstance(value, bool):
            value = value != bool(negated)
            begin = negated.start() if negated else start
            return Span(begin, end, "attribute", _value(name, "is", value), Strength.WORD)
        strength = Strength.NUMBERED_WORD if lower[start:end][0].isdigit() else Strength.WORD
        return Span(start, end, "attribute", _value(name, "is", value), strength)

    def is_named(self, word: str) -> bool:
        """Whether a word names a measured attribute: "screen"."""
        return any(word in a.words for a in self._numbers)

    def is_measured_before(self, lower: str, start: int, end: int) -> bool:
        """Whether what stands at `start` is an attribute's word with a measure before it: "1 TB SSD"."""
        if self._measure is None:
            return False
        begin = start - 3 if lower[:start].endswith(" of ") else start
        measure = next((m for m in self._measure.finditer(lower) if 0 <= begin - m.end() <= 1), None)
        return measure is not None and any(
            lower[start:end] in a.words for a in self._numbers if measure["unit"].strip() in a.units
        )


def _are_wanted(lower: str, start: int, unit: str) -> bool:
    """Whether pieces are counted that somebody wants, and not those in one pack: "12 pieces"."""
    return unit in _PIECES and not _OF_PIECES.search(lower[:start])


def _measure(units: list[str]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(unit) + (r"(?!\w)" if unit[-1].isalnum() else "") for unit in units)
    return re.compile(
        rf"(?<![\w.,-])(?:(?P<low>{_NUMBER}) ?(?:-|to|and|or) ?)?(?P<n>{_NUMBER})[ -]?(?P<unit>{alternatives})"
    )


def _counts(attributes: list[Attribute]) -> list[tuple[re.Pattern[str], Attribute]]:
    """Patterns for numbers beside an attribute's word, without unit: "16 ram", "ram: 16", "memory of at least 16"."""
    patterns = []
    for attribute in attributes:
        if not attribute.words:
            continue
        words = "|".join(re.escape(word) for word in sorted(attribute.words, key=len, reverse=True))
        patterns.append((re.compile(rf"(?<![\w.,€$£-])(?P<n>{_NUMBER}) (?:{words})\b"), attribute))
        glue = r"(?: ?(?:of|:|=|is|at least|over|above|more than|under|below|max|min|up to))*"
        patterns.append((re.compile(rf"\b(?:{words}){glue} ?(?P<n>{_NUMBER})(?![\w%€$£]|[.,]\d)"), attribute))
    return patterns


def _phrases(attribute: Attribute) -> Iterator[tuple[str, Any]]:
    if attribute.name == USES:
        yield from _doing(attribute.values)
    if attribute.kind == "word":
        for value in attribute.values:
            yield from ((phrase, value) for phrase in _written(value.lower()))
    elif attribute.kind == "flag":
        for phrase in (*attribute.words, attribute.name.replace("_", " ")):
            yield phrase, True


def _written(value: str) -> Iterator[str]:
    """A value as people write it: "usb c" and "usbc" for "usb-c"."""
    yield value
    if "grey" in value:
        yield value.replace("grey", "gray")
    if "-" in value:
        yield from (value.replace("-", " "), value.replace("-", ""))


def _doing(values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What somebody does who has a use: "travelling" for "travel"."""
    said = {value.lower() for value in values}
    for value in values:
        word = value.lower()
        if word.isalpha() and not word.endswith("ing"):
            forms = {word + "ing", word + word[-1] + "ing", word.removesuffix("e") + "ing"}
            yield from ((form, value) for form in sorted(forms - said))


def _is_use(lower: str, start: int, end: int, value: str, categories: list[Span]) -> bool:
    if is_talk(lower, start, end):
        return False
    if _FOR.search(lower[:start]):
        return True
    if _FOR_4.search(lower[:start]) and any(span.end == start - 3 for span in categories):
        return True  # "a laptop 4 school"
    return value.lower() not in _NOT_A_USE and any(0 <= span.start - end <= 1 for span in categories)


def _numeric(lower: str, start: int, end: int, number: str, name: str, factor: float) -> Span:
    before, after = lower[:start], lower[end:]
    matched = lower[start:end]
    if (
        _MIN.search(before)
        or _AFTER_MIN.match(after)
        or re.search(r"at least|over|above|more than|\bmin\b", matched)
    ):
        return _bound(start, end, number, name, factor, "min")
    if _MAX.search(before) or _AFTER_MAX.match(after) or re.search(r"under|below|\bmax\b|up to", matched):
        return _bound(start, end, number, name, factor, "max")
    return _bound(start, end, number, name, factor, "is")


def _bound(start: int, end: int, number: str, name: str, factor: float, op: str) -> Span:
    value = round(float(number.replace(",", ".")) * factor, 3)
    return Span(
        start,
        end,
        "attribute",
        _value(name, op, int(value) if value.is_integer() else value),
        Strength.ATTRIBUTE,
    )


def _value(name: str, op: str, value: Any) -> dict[str, Any]:
    return {"name": name, "op": op, "value": value}
