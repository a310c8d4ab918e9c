"""Searching for a need: hard wishes hold, and where nothing fits the cheapest one is given up, by name.

The index ranks; the database decides what is true. A hit whose price or stock has changed since the index
was built is judged by its row, so that no card says what isn't so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from actions.support.asked_thing import is_among
from actions.support.need import Need, Wish
from actions.support.needs_text import category_name, price_words
from actions.support.reply import round_money
from crm.database import UnitOfWork
from crm.services import catalogue
from crm.views import Product
from models.search import Hit, ProductIndex, Query, relaxed
from models.vocabulary import Vocabulary
from parley.bootstrap import ActionsContext

CARDS = 3
POOL = 12
TELLING = 2
"""Words of a message that the best product has, from which they say what kind of product is meant."""
SORTED_POOL = (
    60  # of so many that fit, the biggest are found when they are sorted by something else than the price
)
BY_PRICE = ("price", "-price")
# What a product is good for is told in free words on both sides: a fitting one comes first, but none is ruled out.
SOFT = frozenset({"uses"})


@dataclass(frozen=True, slots=True)
class Found:
    """Products, best first, and the query that they fulfil; `relaxed` says which wish was given up for them."""

    products: tuple[Product, ...]
    query: Query
    relaxed: str | None = None


async def find(context: ActionsContext, need: Need) -> Found:
    """The best products for a need; empty only when nothing of the kind is sold at all."""
    async with context.database.read() as uow:
        return await _found(context, need, uow)


async def with_kind(need: Need, context: ActionsContext) -> Need:
    """The need with its kind of product, where nobody has named one and what fits best is all of one kind.

    "Something to print labels" needs no question, "a sofa for the living room" does.

    Two words must say so, or a wish about an attribute: one word alone stands in descriptions of all kinds of things.
    """
    if need.category is not None or need.brands or not need.text:
        return need
    asked = query(need, soft=True)
    hits = await asyncio.to_thread(context.index.search, asked, CARDS)
    if not hits or not is_among(need.text, hits[0].evidence.matched):
        return need
    if len(hits[0].evidence.matched) < TELLING and not asked.attributes:
        return need
    async with context.database.read() as uow:
        found = await catalogue.get_many(uow, [hit.sku for hit in hits])
    kinds = {product.category for product in found.values()}
    return replace(need, category=kinds.pop()) if len(kinds) == 1 else need


async def _found(context: ActionsContext, need: Need, uow: UnitOfWork) -> Found:
    asked = query(need, vocabulary=context.vocabulary)
    if need.sort and need.sort not in BY_PRICE and (products := await _sorted(context, need, uow)):
        return Found(products, asked)
    wished = query(need, soft=True)
    best, others = await asyncio.to_thread(_both, context.index, wished, asked)
    preferred = await _in_stock(best, wished, uow)
    if len(preferred) == CARDS or (preferred and asked.attributes == need.attributes):
        return Found(preferred, wished)
    if products := await (
        _matching(context, asked, uow) if others is None else _in_stock(others, asked, uow)
    ):
        first = {product.sku for product in preferred}
        rest = tuple(product for product in products if product.sku not in first)
        return Found((*preferred, *rest)[:CARDS], asked)
    if need.exclude:
        seen = replace(asked, exclude=())
        if products := await _matching(context, seen, uow):
            return Found(
                products, seen, "You have seen everything that fits; here are the best of them again."
            )
    for option, sentence in await asyncio.to_thread(_given_up, context, asked, need):
        if products := await _matching(context, option, uow):
            return Found(products, option, sentence)
    bare = Query(text=need.text, category=need.category, in_stock=True)
    return Found(
        await _matching(context, bare, uow),
        bare,
        f"I have no {_kind(context, need)} with all of that; these come closest.",
    )


def query(need: Need, *, soft: bool = False, vocabulary: Vocabulary | None = None) -> Query:
    """The need as the index takes it; `soft` makes conditions of the wishes that only rank otherwise, too.

    With a `vocabulary` a figure that may be bettered is the least that is wanted: 256 GB will do for 128.
    """
    wishes = tuple(wish for wish in need.attributes if soft or wish.name not in SOFT)
    if vocabulary is not None:
        wishes = tuple(_at_least(wish, vocabulary) for wish in wishes)
    return Query(
        text=need.text,
        category=need.category,
        brands=need.brands,
        not_brands=need.not_brands,
        price_min=need.price_min,
        price_max=need.price_max,
        attributes=wishes,
        exclude=need.exclude,
        in_stock=True,
        sort=need.sort if need.sort in BY_PRICE else None,
        prefer=need.prefer,
        price_words=price_words(need),
    )


def _at_least(wish: Wish, vocabulary: Vocabulary) -> Wish:
    attribute = vocabulary.attributes.get(wish.name)
    if attribute is None or attribute.better is None or attribute.kind != "number" or wish.op != "is":
        return wish
    return replace(wish, op="min" if attribute.better == "higher" else "max")


async def _sorted(context: ActionsContext, need: Need, uow: UnitOfWork) -> tuple[Product, ...]:
    """What fits, by the attribute of `need.sort`; products that don't tell it are left out."""
    name, higher = str(need.sort).removeprefix("-"), str(need.sort).startswith("-")
    wanted = replace(
        query(need, vocabulary=context.vocabulary), prefer=((name, "higher" if higher else "lower"),)
    )
    hits = await asyncio.to_thread(context.index.search, wanted, SORTED_POOL)
    found = await catalogue.get_many(uow, [hit.sku for hit in hits])
    told = [
        (float(value), product)
        for product in found.values()
        if _still_fits(product, wanted) and isinstance(value := product.attributes.get(name), int | float)
    ]
    return tuple(product for _, product in sorted(told, key=lambda pair: pair[0], reverse=higher))[:CARDS]


def _both(index: ProductIndex, wished: Query, asked: Query) -> tuple[list[Hit], list[Hit] | None]:
    """What fits all wishes, and, where that is too little, what fits those that must hold."""
    best = index.search(wished, POOL)
    if len(best) >= CARDS:
        return best, None
    return best, best if asked == wished else index.search(asked, POOL)


async def _matching(context: ActionsContext, wanted: Query, uow: UnitOfWork) -> tuple[Product, ...]:
    return await _in_stock(await asyncio.to_thread(context.index.search, wanted, POOL), wanted, uow)


async def _in_stock(hits: Sequence[Hit], wanted: Query, uow: UnitOfWork) -> tuple[Product, ...]:
    """The first hits whose rows fulfil the conditions still."""
    skus = [hit.sku for hit in hits]
    fitting: list[Product] = []
    # The first few still fit but when a change is younger than the index; the others are read only then.
    for some in (skus[:CARDS], skus[CARDS:]):
        if some and len(fitting) < CARDS:
            found = await catalogue.get_many(uow, some)
            fitting += [product for product in found.values() if _still_fits(product, wanted)]
    return tuple(fitting[:CARDS])


def _still_fits(product: Product, wanted: Query) -> bool:
    return (
        product.active
        and (product.stock > 0 or not wanted.in_stock)
        and (wanted.price_min is None or product.price >= wanted.price_min)
        and (wanted.price_max is None or product.price <= wanted.price_max)
    )


def _given_up(context: ActionsContext, asked: Query, need: Need) -> list[tuple[Query, str]]:
    """What to try, cheapest first. Another kind of product is no answer to a price that nothing has."""
    option = relaxed(context.index, asked, currency=context.shop.currency)
    options: list[tuple[Query, str]] = []
    if option is not None and option.gave_up not in ("category", "in_stock", "price_max"):
        options.append((option.query, option.sentence))
    if asked.price_max is not None and (dearer := _dearer(context, asked, need)):
        options.append(dearer)
    if option is not None:
        options.append((option.query, option.sentence))
    return options


def _dearer(context: ActionsContext, asked: Query, need: Need) -> tuple[Query, str] | None:
    without = replace(asked, price_max=None, price_words=None)
    prices = context.index.price_range(without)
    if prices is None or asked.price_max is None:
        return None
    start = round_money(Decimal(str(prices[0])).quantize(Decimal("0.01")), context.shop.currency)
    limit = asked.price_max
    kind = _kind(context, need)
    if need.relative_price:
        beyond = round_money(limit + Decimal("0.01"), context.shop.currency)
        sentence = f"I have nothing cheaper than {beyond} that fits; these start at {start}."
    else:
        most = asked.price_words or f"under {round_money(limit, context.shop.currency)}"
        sentence = f"I have no {kind} {most} that fit; these start at {start}."
    return replace(without, sort="price"), sentence


def _kind(context: ActionsContext, need: Need) -> str:
    return category_name(need.category, context.vocabulary) or "products"
