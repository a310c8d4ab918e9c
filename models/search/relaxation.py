"""When nothing fits: which one condition costs least to give up, and how to say it.

A bound is moved only as far as the nearest product needs. What the customer ruled out (a brand not wanted, a product
declined) is never given up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from models.search.index import ProductIndex
from models.search.query import AttributeConstraint, Constraint, Op, Query
from models.vocabulary import Vocabulary, money_text, number_text

_BRAND_COST = 0.35
_WORD_COST = 0.45
_STOCK_COST = 0.8
_CATEGORY_COST = 1.5
_MOVED: dict[str, Op] = {"min": "min", "max": "max", "above": "min", "below": "max", "is": "is"}
"""A bound that is moved to the nearest product includes it."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """``query`` finds something; it is the one asked but for ``gave_up`` ("price_max", an attribute's name, …).

    ``sentence`` tells the customer; ``cost`` compares relaxations: relative distance to the bound, or a fixed value.
    """

    query: Query
    gave_up: str
    sentence: str
    cost: float


def relaxed(index: ProductIndex, query: Query, *, currency: str = "EUR") -> Relaxation | None:
    """The cheapest way to find something by giving up one condition; None when none is needed, or none helps."""
    if index.count(query):
        return None
    found = [option for option in _options(index, query, currency) if index.count(option.query)]
    return min(found, key=lambda option: option.cost, default=None)


def _options(index: ProductIndex, query: Query, currency: str) -> Iterator[Relaxation]:
    yield from _prices(index, query, currency)
    for wish in query.attributes:
        others = replace(query, attributes=tuple(other for other in query.attributes if other is not wish))
        if (option := _attribute(index, others, wish, query, currency)) is not None:
            yield option
    if query.brands:
        names = " or ".join(query.brands)
        rest = _besides(query, index.vocabulary, but="brands", currency=currency)
        sentence = f"Nothing by {names}{rest}; these are other brands."
        yield Relaxation(replace(query, brands=()), "brands", sentence, _BRAND_COST)
    if query.in_stock:
        sentence = "What fits is out of stock at the moment; here it is all the same."
        yield Relaxation(replace(query, in_stock=False), "in_stock", sentence, _STOCK_COST)
    if query.all_categories:
        kinds = " or ".join(index.vocabulary.singular(slug) for slug in query.all_categories)
        rest = _besides(query, index.vocabulary, but="category", currency=currency)
        sentence = f"No {kinds}{rest}; these are of another kind."
        yield Relaxation(replace(query, category=None, categories=()), "category", sentence, _CATEGORY_COST)


def _prices(index: ProductIndex, query: Query, currency: str) -> Iterator[Relaxation]:
    rest = _besides(query, index.vocabulary, but="price", currency=currency)
    if query.price_max is not None and (reach := index.price_range(replace(query, price_max=None))):
        lowest = Decimal(str(reach[0]))
        # Room for a choice: products a tenth above the cheapest that fits are worth seeing too.
        limit = (lowest * Decimal("1.1")).quantize(Decimal("0.01"), rounding=ROUND_CEILING)
        bound = query.price_words or f"under {money_text(query.price_max, currency)}"
        sentence = f"Nothing {bound}{rest}; these are {money_text(lowest, currency)} and up."
        cost = float(lowest / max(query.price_max, Decimal(1))) - 1
        yield Relaxation(replace(query, price_max=limit, price_words=None), "price_max", sentence, cost)
    if query.price_min is not None and (reach := index.price_range(replace(query, price_min=None))):
        highest = Decimal(str(reach[1]))
        bound = query.price_words or f"from {money_text(query.price_min, currency)} up"
        sentence = f"Nothing {bound}{rest}; these go up to {money_text(highest, currency)}."
        cost = 1 - float(highest / query.price_min)
        yield Relaxation(replace(query, price_min=None, price_words=None), "price_min", sentence, cost / 2)


def _attribute(
    index: ProductIndex, others: Query, wish: Constraint, query: Query, currency: str
) -> Relaxation | None:
    rest = _besides(query, index.vocabulary, but=wish.name, currency=currency)
    asked = wish_text(wish, index.vocabulary)
    if isinstance(wish.value, bool) or not isinstance(wish.value, int | float):
        return Relaxation(others, wish.name, f"Nothing with {asked}{rest}; these come nearest.", _WORD_COST)
    values = index.values(others, wish.name)
    if not values:
        return None
    wanted = float(wish.value)
    nearest = _nearest(values, wish.op, wanted)
    moved = AttributeConstraint(wish.name, _MOVED[wish.op], nearest)
    attribute = index.vocabulary.get(wish.name)
    reached = attribute.describe(nearest) if attribute else number_text(nearest)
    sentence = f"Nothing with {asked}{rest}; the nearest is {reached}."
    cost = abs(nearest - wanted) / max(abs(wanted), 1e-9)
    return Relaxation(replace(others, attributes=(*others.attributes, moved)), wish.name, sentence, cost)


def wish_text(wish: Constraint, vocabulary: Vocabulary) -> str:
    """A constraint as people say it: "32 GB memory", "at most 1.2 kg"."""
    attribute = vocabulary.get(wish.name)
    if attribute is None:
        return f"{wish.name.replace('_', ' ')} {wish.value}"
    said = attribute.describe(wish.value) or attribute.label
    worded = {
        "min": f"{said} or more",
        "max": f"at most {said}",
        "above": f"more than {said}",
        "below": f"less than {said}",
    }
    return worded.get(wish.op, said)


def _besides(query: Query, vocabulary: Vocabulary, *, but: str, currency: str) -> str:
    """The conditions that stay, as the end of a sentence: " with 32 GB memory by Norrvik"."""
    wishes = [wish_text(wish, vocabulary) for wish in query.attributes if wish.name != but]
    text = f" with {' and '.join(wishes)}" if wishes and but != "attributes" else ""
    if query.brands and but != "brands":
        text += f" by {' or '.join(query.brands)}"
    if query.price_max is not None and but != "price":
        text += f" {query.price_words or f'for at most {money_text(query.price_max, currency)}'}"
    return text


def _nearest(values: list[float], op: str, wanted: float) -> float:
    """The value that comes nearest to a bound that none of ``values`` keeps."""
    if op in ("min", "above"):
        return max(values)
    if op in ("max", "below"):
        return min(values)
    return min(values, key=lambda value: abs(value - wanted))
