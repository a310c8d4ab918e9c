"""Whether a product fulfils a query's conditions: the definition that the index's arrays must agree with."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache

from models.search.query import Constraint, Query
from models.vocabulary import AttributeValue, Product, number_text

_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """Text without case, accents and surplus space, for comparing names."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def fulfils(product: Product, query: Query) -> bool:
    """True when every condition of ``query`` holds for ``product``."""
    categories, brand = query.all_categories, folded(product.brand)
    return (
        (not categories or product.category in categories)
        and product.category not in query.not_categories
        and (not query.brands or brand in map(folded, query.brands))
        and brand not in map(folded, query.not_brands)
        and (query.price_min is None or product.price >= query.price_min)
        and (query.price_max is None or product.price <= query.price_max)
        and product.sku not in query.exclude
        and (not query.in_stock or product.stock > 0)
        and all(satisfies(product.attributes.get(wish.name), wish) for wish in query.attributes)
    )


def satisfies(value: AttributeValue | None, wish: Constraint) -> bool:
    """True when an attribute's value fulfils the constraint. A missing value fulfils only "is not"."""
    if isinstance(wish.value, bool):
        return (value is True) == wish.value
    if value is None or isinstance(value, bool):
        return False
    if isinstance(wish.value, int | float):
        return isinstance(value, int | float) and number_satisfies(float(value), wish.op, float(wish.value))
    values = (
        value
        if isinstance(value, list)
        else [number_text(value) if isinstance(value, int | float) else value]
    )
    wanted = wish.value if isinstance(wish.value, list) else [wish.value]
    return any(word_satisfies(have, want) for have in values for want in wanted)


def number_satisfies(value: float, op: str, wanted: float) -> bool:
    """``value`` against a bound. A whole number that "is" wanted covers its decimals: 15 inches are 15.6 too."""
    if op == "min":
        return value >= wanted
    if op == "max":
        return value <= wanted
    if op == "above":
        return value > wanted
    if op == "below":
        return value < wanted
    if wanted.is_integer():
        return math.floor(value) == wanted or math.floor(value + 0.5) == wanted
    return value == wanted


def word_satisfies(value: str, wanted: str) -> bool:
    """True when all words of ``wanted`` are among those of ``value``: "blue" is fulfilled by "sky blue"."""
    have, want = words_of(value), words_of(wanted)
    return bool(want) and want <= have


@lru_cache(maxsize=16_384)
def words_of(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(folded(text)))
