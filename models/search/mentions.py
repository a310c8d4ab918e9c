"""What a text names beside products: a category, when nobody has said so, and values of attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.search.analysis import normalised, stem, words
from models.search.filters import FilterTable
from models.vocabulary import Category, Vocabulary

WEIGHT = 4.0
"""What a product of the mentioned category gains, in standard deviations of relevance."""

VALUE = 1.0
"""What a product gains whose own kind or make is named ("mouse" of a set, a mouse and a keyboard)."""

_LONGEST = 4
_TOKEN, _MARK = re.compile(r"\w+"), re.compile(r"[^\w\s'-]")


class CategoryMentions:
    """Finds the first category named in a sequence of stems; a longer name wins over a shorter at the same place."""

    def __init__(self, categories: Mapping[str, Category]) -> None:
        self._slugs: dict[tuple[str, ...], str] = {}
        for slug, category in categories.items():
            for phrase in _phrases(category):
                if stems := tuple(stem(word) for word in words(phrase)):
                    self._slugs.setdefault(stems, slug)

    def first(self, stems: Sequence[str], beside: Set[tuple[str, str]] = frozenset()) -> str | None:
        """The slug of the first category named, or None. Of names ``beside`` each other the last is meant."""
        slug, place = None, 0
        while place < len(stems) and (slug is None or (stems[place - 1], stems[place]) in beside):
            found = ((n, self._slugs.get(tuple(stems[place : place + n]))) for n in range(_LONGEST, 0, -1))
            length, named = next(((n, one) for n, one in found if one is not None), (1, None))
            if named is None and slug is not None:
                break
            slug, place = named, place + length
        return slug


def neighbours(text: str) -> set[tuple[str, str]]:
    """Stems of the words that nothing stands between, no word and no mark: "touch screen laptop"."""
    parts = (_TOKEN.findall(part) for part in _MARK.split(normalised(text)))
    return {(stem(one), stem(other)) for part in parts for one, other in pairwise(part)}


class ValueMentions:
    """Finds the values of one-worded attributes (a type, a panel, a system) that a text names."""

    def __init__(self, table: FilterTable, vocabulary: Vocabulary) -> None:
        self._table = table
        self._named: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for name, attribute in vocabulary.items():
            if attribute.kind != "word" or attribute.many:
                continue
            for value in table.values_of(name):
                if stems := tuple(stem(word) for word in words(value)):
                    self._named.setdefault(stems, []).append((name, value))

    def bonus(self, stems: Sequence[str]) -> npt.NDArray[np.float32]:
        """What each product gains for its values that ``stems`` name."""
        total = np.zeros(len(self._table), dtype=np.float32)
        places = (
            (start, end) for start in range(len(stems)) for end in range(start + 1, start + 1 + _LONGEST)
        )
        said = {tuple(stems[start:end]) for start, end in places if end <= len(stems)}
        for name, value in {meant for stems in said for meant in self._named.get(stems, ())}:
            total[self._table.having(name, value)] += np.float32(VALUE)
        return total


def _phrases(category: Category) -> Iterator[str]:
    yield category.name
    yield category.singular
    yield from _split(category.name)
    yield from category.synonyms


def _split(name: str) -> Iterable[str]:
    return (part.strip() for part in name.split("&")) if "&" in name else ()
