"""Searching for a need: hard wishes hold, and where nothing fits the cheapest one is given up, by name.

The index ranks; the database decides what is true. A hit whose price or stock has changed since the index
was built is judged by its row, so that no card says what isn't so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from actions.support.need import Need, Wish
from actions.support.needs_text import category_name, constraints, wish_phrase
from actions.support.reply import listed, round_money
from crm.services import catalogue
from crm.views import Product
from models.catalogue_files import Vocabulary
from models.search import Query
from parley.bootstrap import ActionsContext

CARDS = 3
POOL = 24
BRAND_COST = 0.35
SEEN_COST = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """Products, best first; `relaxed` says which wish was given up for them (None when all hold)."""

    products: tuple[Product, ...]
    need: Need
    relaxed: str | None = None


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A need with one wish less, what that costs at the least, and how it is told."""

    need: Need
    kind: str
    wish: Wish | None = None


async def find(context: ActionsContext, need: Need) -> Found:
    """The best products for a need; empty only when nothing of the kind is sold at all."""
    products = await _matching(context, need)
    if products:
        return Found(products[:CARDS], need)
    found: list[tuple[float, Relaxation, tuple[Product, ...]]] = []
    for relaxation in _relaxations(need):
        if products := await _matching(context, relaxation.need):
            nearest = _nearest(products, relaxation, need)
            found.append((_cost(nearest[0], relaxation, need), relaxation, nearest))
    if found:
        _, relaxation, products = min(found, key=lambda option: option[0])
        return Found(products[:CARDS], relaxation.need, _told(relaxation, need, products, context.vocabulary))
    bare = replace(need, price_min=None, price_max=None, brands=(), not_brands=(), attributes=(), exclude=())
    products = await _matching(context, bare)
    kind = category_name(need.category, context.vocabulary) or "product"
    return Found(
        products[:CARDS],
        bare,
        f"I have no {kind} with all of that together; these come closest." if products else None,
    )


async def _matching(context: ActionsContext, need: Need) -> tuple[Product, ...]:
    hits = await asyncio.to_thread(context.index.search, query(need), POOL)
    async with context.database.read() as uow:
        found = await catalogue.get_many(uow, [hit.sku for hit in hits])
    fitting = [
        product
        for product in found.values()
        if product.active and product.stock > 0 and _in_range(product, need)
    ]
    return tuple(_ordered(fitting, need))


def query(need: Need) -> Query:
    """The need as the index takes it."""
    return Query(
        text=need.text,
        category=need.category,
        brands=need.brands,
        not_brands=need.not_brands,
        price_min=need.price_min,
        price_max=need.price_max,
        attributes=need.attributes,
        exclude=need.exclude,
        in_stock=True,
        sort=None,
    )


def _in_range(product: Product, need: Need) -> bool:
    return (need.price_min is None or product.price >= need.price_min) and (
        need.price_max is None or product.price <= need.price_max
    )


def _ordered(products: Sequence[Product], need: Need) -> Sequence[Product]:
    """By price when that was asked for; else by relevance, with what is liked better counted in."""
    if need.sort in ("price", "-price"):
        return sorted(products, key=lambda product: product.price, reverse=need.sort == "-price")
    points = {product.sku: float(rank) for rank, product in enumerate(products)}
    for name, direction in need.prefer:
        having = [product for product in products if _number(product, name) is not None]
        by_value = sorted(
            having, key=lambda product: _number(product, name) or 0.0, reverse=direction == "higher"
        )
        for rank, product in enumerate(by_value):
            points[product.sku] += rank
        for product in products:
            points[product.sku] += 0 if product in having else len(products)
    return sorted(products, key=lambda product: points[product.sku])


def _relaxations(need: Need) -> Iterator[Relaxation]:
    for wish in need.attributes:
        yield Relaxation(need.without_wish(wish.name), "attribute", wish)
    if need.price_max is not None:
        yield Relaxation(replace(need, price_max=None), "price_max")
    if need.price_min is not None:
        yield Relaxation(replace(need, price_min=None), "price_min")
    if need.brands:
        yield Relaxation(replace(need, brands=()), "brands")
    if need.not_brands:
        yield Relaxation(replace(need, not_brands=()), "not_brands")
    if need.exclude:
        yield Relaxation(replace(need, exclude=()), "exclude")


def _nearest(products: tuple[Product, ...], relaxation: Relaxation, need: Need) -> tuple[Product, ...]:
    """Those that miss the given-up wish by the least come first."""
    wish = relaxation.wish
    if relaxation.kind == "price_max":
        return tuple(sorted(products, key=lambda product: product.price))
    if relaxation.kind == "price_min":
        return tuple(sorted(products, key=lambda product: product.price, reverse=True))
    if wish is not None and wish.op != "is":
        return tuple(
            sorted(products, key=lambda product: _number(product, wish.name) or 0.0, reverse=wish.op == "min")
        )
    return products


def _cost(nearest: Product, relaxation: Relaxation, need: Need) -> float:
    """How far the nearest product is from the wish, as a share of it; what isn't a number has a fixed cost."""
    if relaxation.kind == "price_max" and need.price_max:
        return float((nearest.price - need.price_max) / need.price_max)
    if relaxation.kind == "price_min" and need.price_min:
        return float((need.price_min - nearest.price) / need.price_min)
    wish = relaxation.wish
    if wish is not None and isinstance(wish.value, int | float) and not isinstance(wish.value, bool):
        value = _number(nearest, wish.name)
        return abs(value - wish.value) / max(abs(wish.value), 1e-9) if value is not None else 1.0
    if relaxation.kind == "exclude":
        return SEEN_COST
    # To be shown what one has said no to costs more than not to get what one has named.
    return BRAND_COST * (4 if relaxation.kind == "not_brands" else 1)


def _told(relaxation: Relaxation, need: Need, products: Sequence[Product], vocabulary: Vocabulary) -> str:
    first = products[0]
    kind = category_name(need.category, vocabulary) or "products"
    match relaxation.kind:
        case "price_max":
            rest = _rest(replace(need, price_max=None), vocabulary)
            start = round_money(min(product.price for product in products))
            return f"I have no {kind}{rest} under {round_money(_ceiling(need.price_max))}; these start at {start}."
        case "price_min":
            low = round_money(need.price_min or Decimal(0))
            return f"I have no {kind} from {low} up; these are the highest in price."
        case "brands":
            return f"Nothing from {listed(need.brands, last='or')} fits; these are by other brands."
        case "not_brands":
            return f"Without {listed(need.not_brands, last='or')} nothing fits, so these are from there after all."
        case "exclude":
            return "You have seen everything that fits; here are the best of them again."
    wish = relaxation.wish
    if wish is None:
        return ""
    value = first.attributes.get(wish.name)
    closest = ""
    if value is not None and not isinstance(value, bool | list):
        closest = f"; the closest has {wish_phrase(Wish(wish.name, 'is', value), vocabulary)}"
    rest = _rest(need.without_wish(wish.name), vocabulary)
    return f"I have no {kind}{rest} with {wish_phrase(wish, vocabulary)}{closest}."


def _ceiling(limit: Decimal | None) -> Decimal:
    """ "below 499.99" was said as "cheaper than 500"."""
    amount = limit or Decimal(0)
    return amount + Decimal("0.01") if (amount * 100) % 10 == 9 else amount


def _rest(need: Need, vocabulary: Vocabulary) -> str:
    phrases = constraints(replace(need, exclude=()), vocabulary)
    return f" {listed(phrases)}" if phrases else ""


def _number(product: Product, name: str) -> float | None:
    value = product.attributes.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
