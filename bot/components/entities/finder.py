"""Everything that is named in a text: the rules side by side, and what wins where they overlap."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone

from components.entities.addresses import addresses
from components.entities.attributes import Attributes
from components.entities.catalogue import Catalogue
from components.entities.contacts import emails, order_numbers, phones
from components.entities.exclusion import with_exclusions
from components.entities.gazetteer import Gazetteer
from components.entities.people import companies, names
from components.entities.phrases import KnownWord, Tokens
from components.entities.positions import counted, ordinals, pointed, quantities
from components.entities.prices import prices
from components.entities.respelling import EVERYDAY, Respelling, Respelt
from components.entities.spans import Span, Strength, lowered, without_overlaps
from components.entities.times import times


def _count_of(lower: str, thing: Span, found: list[Span]) -> Span | None:
    """The count before a thing, looking past what describes it: "4 USB-C chargers", "two black Sony headphones"."""
    start = thing.start
    while True:
        count = counted(lower, start)
        before = next((s for s in found if s.end == start - 1 and s.entity in ("attribute", "brand")), None)
        if count is not None or before is None:
            return count
        start = before.start


_COMPARED = re.compile(r"\b(?:more|less|(?:bigg|larg|small|bett|bright|sharp|long)er)(?: \w+)? $")
_WITH = re.compile(r"\b(?:with|has|have|having|whose|and a good|that has)\b[^,.;]*$")


Now = Callable[[], datetime]
"""The moment a message is read, aware, in the shop's zone."""


def utc() -> datetime:
    return datetime.now(timezone.utc)


class Finder:
    """Finds entities with one gazetteer."""

    def __init__(self, gazetteer: Gazetteer, *, region: str, known: KnownWord, now: Now = utc) -> None:
        self._region, self._now = region, now
        self._respelling = Respelling(_attribute_names(gazetteer), known=known)

        def no_typo(word: str) -> bool:
            return word in EVERYDAY or known(word)

        self._catalogue = Catalogue(gazetteer, known=no_typo)
        self._attributes = Attributes(gazetteer, known=no_typo)

    def respelt(self, text: str) -> Respelt:
        """The text with the words respelt that say what is meant."""
        return self._respelling.of(text)

    def find(self, text: str, respelt: Respelt | None = None) -> list[Span]:
        """All entities of a text, in reading order, without overlaps. `respelt` is the text's own, if it is known."""
        read = respelt or self.respelt(text)
        return without_overlaps([*map(read.typed, self._wishes(read.text)), *self._people(text)])

    def _people(self, text: str) -> list[Span]:
        """What belongs to somebody, letter by letter as it was typed."""
        return [
            *emails(text),
            *phones(text, region=self._region),
            *addresses(text),
            *names(text),
            *companies(text),
        ]

    def _wishes(self, text: str) -> list[Span]:
        lower = lowered(text)
        tokens = Tokens(lower)
        named = list(self._catalogue.found(text, lower, tokens))
        named = without_modifiers(named)
        named = without_features(lower, named, self._attributes)
        categories = [span for span in named if span.entity == "category"]
        attributes = list(self._attributes.found(lower, tokens, categories))
        named = without_wishes(named, attributes, of=self._attributes.are_of)
        found = [
            *order_numbers(lower),
            *times(lower, self._now()),
            *named,
            *attributes,
            *without_measures(list(prices(lower)), attributes),
            *ordinals(lower),
            *quantities(lower),
        ]
        things = (span for span in named if span.entity in ("category", "product"))
        found.extend(place for thing in categories if (place := pointed(lower, thing.start)) is not None)
        found.extend(count for thing in things if (count := _count_of(lower, thing, found)) is not None)
        return with_exclusions(lower, without_overlaps(found))


def without_modifiers(named: list[Span]) -> list[Span]:
    """Without the categories that another one follows at once: of "touch screen laptop" the last is meant."""
    kinds = [span for span in named if span.entity == "category"]
    return [
        span
        for span in named
        if span.entity != "category"
        or not any(
            other.start == span.end + 1
            and other.value != span.value
            and not any(whole.start <= span.start and other.end <= whole.end for whole in kinds)
            for other in kinds
        )
    ]


def _attribute_names(gazetteer: Gazetteer) -> set[str]:
    """Single words: "battery", and "lighter", by which one is preferred to another."""
    told = (word for a in gazetteer.attributes for word in (*a.words, *a.degrees))
    return {word for word in told if " " not in word}


def without_features(lower: str, named: list[Span], attributes: Attributes) -> list[Span]:
    """Without the categories that only describe another one: "a phone with a good camera", "a laptop with a 1
    TB SSD".
    """
    places = [span for span in named if span.entity == "category"]
    features = [
        span
        for span in places
        if any(first.end <= span.start and _WITH.search(lower[first.end : span.start]) for first in places)
        or (
            attributes.is_measured_before(lower, span.start, span.end)
            and (lower[span.start : span.end] == span.value or any(o.value != span.value for o in places))
        )
        or (attributes.is_named(lower[span.start : span.end]) and _COMPARED.search(lower[: span.start]))
    ]
    return [span for span in named if span not in features]


def without_measures(found: list[Span], attributes: list[Span]) -> list[Span]:
    """Prices but for the numbers that a measured word follows and no currency: "over 2000 lumens"."""
    measures = [s for s in attributes if s.strength == Strength.ATTRIBUTE]
    return [
        price
        for price in found
        if price.strength not in (Strength.PRICE, Strength.CUED_PRICE)
        or not any(price.start <= m.start < price.end < m.end for m in measures)
    ]


def without_wishes(
    named: list[Span], attributes: list[Span], *, of: Callable[[str, str], bool]
) -> list[Span]:
    """A category's name that begins with a wish leaves the wish its own place where the rest names the category
    too: "gaming laptop" is a laptop, for gaming. `of` tells whether an attribute is one of a category's: a "wireless
    charger" is a charger, and none that has no cable.
    """
    return [
        span
        for span in named
        if span.entity != "category"
        or not any(
            wish.start == span.start
            and of(wish.value["name"], span.value)
            and any(
                rest.entity == "category"
                and rest.value == span.value
                and 0 <= rest.start - wish.end <= 1
                and rest.end == span.end
                for rest in named
            )
            for wish in attributes
        )
    ]
