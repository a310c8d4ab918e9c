"""What the shop calls things: attributes with their units and labels, categories, FAQ entries, synonyms.

Read from the operator's files by models.catalogue_files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Literal, Protocol

from babel.numbers import format_currency

AttributeValue = str | int | float | bool | list[str]
Kind = Literal["number", "word", "flag"]
Better = Literal["higher", "lower"]


class Product(Protocol):
    """What search and reasons read of a product; crm.views.Product is one."""

    @property
    def sku(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def brand(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def price(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...
    @property
    def stock(self) -> int: ...
    @property
    def description(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, AttributeValue]: ...


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. ``units`` maps other ways to say the unit to their factor; ``better`` is None for taste."""

    name: str
    kind: Kind
    label: str
    label_not: str | None = None
    unit: str | None = None
    units: Mapping[str, float] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    better: Better | None = None
    many: bool = False

    def describe(self, value: AttributeValue) -> str | None:
        """The value as people read it ("16 GB memory"), or None when there is nothing to say."""
        if isinstance(value, bool):
            return self.label if value else self.label_not
        if isinstance(value, list):
            return self.label.format(value=", ".join(value)) if value else None
        return self.label.format(value=number_text(value) if isinstance(value, int | float) else value)


@dataclass(frozen=True, slots=True)
class Category:
    """A category; ``highlights`` are the attributes that a card shows first."""

    slug: str
    name: str
    singular: str
    synonyms: tuple[str, ...] = ()
    used_for: str = ""
    highlights: tuple[str, ...] = ()
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """A question with other ways to ask it, and the shop's answer. `leads_to` names the intent of the button below."""

    id: str
    question: str
    answer: str
    alternatives: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    leads_to: str = ""


@dataclass(frozen=True)
class Vocabulary(Mapping[str, Attribute]):
    """Attributes by name, and beside them the categories by slug, the FAQ and the operator's synonym groups."""

    attributes: Mapping[str, Attribute]
    categories: Mapping[str, Category] = field(default_factory=dict)
    faq: tuple[FaqEntry, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()

    def __getitem__(self, name: str) -> Attribute:
        return self.attributes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.attributes)

    def __len__(self) -> int:
        return len(self.attributes)

    def singular(self, slug: str) -> str:
        """One product of the category in a sentence; the slug's own words for an unknown one."""
        category = self.categories.get(slug)
        return category.singular if category else slug.replace("-", " ")


@lru_cache(maxsize=4096)
def money_text(amount: Decimal, currency: str) -> str:
    """An amount in running text: cents only where there are any ("€500", "€4.90")."""
    whole = amount == amount.to_integral_value()
    text: str = format_currency(
        amount, currency, locale="en", format="¤#,##0" if whole else None, currency_digits=not whole
    )
    return text


def number_text(value: float) -> str:
    """A number without needless zeros: 16.0 is "16", 1.20 is "1.2"."""
    return f"{value:.10g}"
