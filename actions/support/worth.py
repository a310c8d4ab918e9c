"""What a product is worth by its own fields, and what costs less: the honest answers to "too expensive"."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from actions.support.need import Need
from actions.support.reference import resolve
from actions.support.reply import listed, money
from actions.support.search import find, query
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.policy import ShopPolicy
from crm.services import carts, catalogue
from crm.views import Product
from models.reasons import facts
from parley.bootstrap import ActionsContext
from parley.errors import NotReady

FACTS = 4
CENT = Decimal("0.01")


async def talked_about(turn: Turn, uow: UnitOfWork) -> Product | None:
    """The product that a remark is about: named, in focus, the only one shown, or the only one in the cart."""
    reference = await resolve(turn, uow)
    if reference.product is not None or turn.slot("shown"):
        return reference.product
    lines = (await carts.view(uow, turn.conversation_id)).lines
    return await catalogue.get(uow, lines[0].sku) if len(lines) == 1 else None


def worth(product: Product, context: ActionsContext) -> str:
    """What one gets for the price, from the product's own fields; empty when they say nothing."""
    told = facts(product, context.vocabulary, limit=FACTS)
    return f"For that you get {listed(told)}." if told else ""


def delivery_part(price: Decimal, shop: ShopPolicy) -> str:
    """What comes on top of a price, or how little is missing to free delivery."""
    if price >= shop.free_delivery_from:
        return "delivery is free"
    return (
        f"delivery adds {money(shop.delivery, shop.currency)} "
        f"(free from {money(shop.free_delivery_from, shop.currency)} of goods)"
    )


async def cheaper_than(context: ActionsContext, product: Product, turn: Turn) -> tuple[Product, ...]:
    """Up to three products of the same kind that cost less, the most similar first."""
    need = Need.from_slot(turn.slot("need"))
    wanted = query(need) if need.category == product.category else None
    try:
        found = await asyncio.to_thread(
            context.recommender.similar, product.sku, wanted, cheaper=True, limit=3
        )
        skus = [one.sku for one in found]
    except (NotReady, KeyError):
        skus = []
    async with context.database.read() as uow:
        rows = await catalogue.get_many(uow, skus)
    kept = tuple(
        row
        for sku in skus
        if (row := rows.get(sku)) and row.active and row.stock > 0 and row.price < product.price
    )
    return kept or await cheaper_in(context, product.category, product.price, need)


async def cheaper_in(
    context: ActionsContext, category: str, price: Decimal, need: Need
) -> tuple[Product, ...]:
    """The best of a kind below a price, by the need as far as it is about that kind."""
    wishes = need if need.category == category else Need()
    bounded = Need(
        category=category, words=wishes.words, attributes=wishes.attributes, price_max=price - CENT
    )
    found = await find(context, bounded)
    return tuple(product for product in found.products if product.price < price)
