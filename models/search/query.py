"""What is asked of the index, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol, get_args

from models.vocabulary import AttributeValue

Sort = Literal["price", "-price"]
Op = Literal["min", "max", "above", "below", "is"]
OPS = frozenset(get_args(Op))


class Constraint(Protocol):
    """A wish about one attribute that must hold: ``op`` is "min", "max" (inclusive), "above", "below" or "is"."""

    @property
    def name(self) -> str: ...
    @property
    def op(self) -> str: ...
    @property
    def value(self) -> AttributeValue: ...


@dataclass(frozen=True, slots=True)
class AttributeConstraint:
    """A plain constraint, in the vocabulary's unit."""

    name: str
    op: Op
    value: AttributeValue


@dataclass(frozen=True, slots=True)
class Query:
    """Words to rank by and conditions that every hit fulfils.

    Prices are inclusive. ``brands`` and ``categories`` are alternatives; ``category`` is one more of them. ``exclude``
    are SKUs. ``prefer`` names attributes of which "higher" or "lower" is liked better, without a bound. ``sort``
    orders the relevant products by price instead of by relevance. ``price_words`` says the price's bounds as the
    customer put them ("under €1,099") where they aren't a budget of their own.
    """

    text: str = ""
    category: str | None = None
    categories: Sequence[str] = ()
    brands: Sequence[str] = ()
    not_brands: Sequence[str] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    attributes: Sequence[Constraint] = ()
    exclude: Sequence[str] = ()
    in_stock: bool = True
    sort: str | None = None
    not_categories: Sequence[str] = ()
    prefer: Sequence[tuple[str, str]] = ()
    price_words: str | None = None

    def __post_init__(self) -> None:
        if self.sort not in (None, "price", "-price"):
            raise ValueError(f"sort: {self.sort!r} is not one of None, 'price', '-price'")
        for constraint in self.attributes:
            if constraint.op not in OPS:
                raise ValueError(
                    f"attributes: {constraint.name}: op {constraint.op!r} is not one of {', '.join(get_args(Op))}"
                )

    @property
    def all_categories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*([self.category] if self.category else []), *self.categories]))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a hit ranks where it does: the query's words that the product has, and both scores in standard deviations."""

    matched: tuple[str, ...] = ()
    lexical: float = 0.0
    dense: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that fulfils every condition; ``score`` compares hits of one search only."""

    sku: str
    score: float
    evidence: Evidence
