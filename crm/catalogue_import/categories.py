"""A file's category names and the shop's slugs. A name that the shop doesn't know becomes a category of its own."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol


class KnownCategory(Protocol):
    """What categories.yml says of a category, as far as names go."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def singular(self) -> str: ...
    @property
    def synonyms(self) -> tuple[str, ...]: ...


class Categories:
    """Finds slugs. `unknown` counts the products of each category that categories.yml lacks."""

    def __init__(self, known: Iterable[KnownCategory], mapped: Mapping[str, str]) -> None:
        self._mapped = {_folded(text): slug for text, slug in mapped.items()}
        self._slugs: dict[str, str] = {}
        self.unknown: Counter[str] = Counter()
        entries = list(known)
        self._known = {entry.slug for entry in entries}
        # The surest name first: another category's synonym never takes a slug or a name away.
        names = [(entry.slug, entry.slug) for entry in entries]
        names += [(text, entry.slug) for entry in entries for text in (entry.name, entry.singular)]
        names += [(text, entry.slug) for entry in entries for text in entry.synonyms]
        for text, slug in names:
            self._slugs.setdefault(_folded(text), slug)

    def slug(self, text: str) -> str:
        """The slug for a category as the file has it; of a path ("Home > Garden > Hoses") the last that is known.

        Raises ValueError when no slug can be made of it.
        """
        slug = self._find(text)
        if slug not in self._known:
            self.unknown[slug] += 1
        return slug

    def _find(self, text: str) -> str:
        if (mapped := self._mapped.get(_folded(text))) is not None:
            return mapped
        steps = [step for step in text.split(">") if step.strip()]
        for step in reversed(steps):
            if (slug := self._slugs.get(_folded(step))) is not None:
                return slug
        made = slugified(steps[-1]) if steps else ""
        if not made:
            raise ValueError(
                "write a category in Latin letters, or give its slug in a mapping file under categories:"
            )
        return made


def slugified(text: str) -> str:
    """ "Garden Hoses & Reels" is garden-hoses-reels."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:64].strip("-")


def _folded(text: str) -> str:
    return " ".join(re.split(r"[\W_]+", text.casefold())).strip()
