"""Which category a text asks for, when nobody has said so: found by the categories' names and synonyms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from models.search.analysis import stem, words
from models.vocabulary import Category

WEIGHT = 4.0
"""What a product of the mentioned category gains, in standard deviations of relevance."""

_LONGEST = 4


class CategoryMentions:
    """Finds the first category named in a sequence of stems; a longer name wins over a shorter at the same place."""

    def __init__(self, categories: Mapping[str, Category]) -> None:
        self._slugs: dict[tuple[str, ...], str] = {}
        for slug, category in categories.items():
            for phrase in _phrases(category):
                if stems := tuple(stem(word) for word in words(phrase)):
                    self._slugs.setdefault(stems, slug)

    def first(self, stems: Sequence[str]) -> str | None:
        """The slug of the first category named, or None."""
        for start in range(len(stems)):
            for length in range(min(_LONGEST, len(stems) - start), 0, -1):
                slug = self._slugs.get(tuple(stems[start : start + length]))
                if slug is not None:
                    return slug
        return None


def _phrases(category: Category) -> Iterator[str]:
    yield category.name
    yield category.singular
    yield from _split(category.name)
    yield from category.synonyms


def _split(name: str) -> Iterable[str]:
    return (part.strip() for part in name.split("&")) if "&" in name else ()
