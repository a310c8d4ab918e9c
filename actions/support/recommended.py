"""Recommendations as a reply: text, cards and reasons from one result set, true of the database at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actions.support.cards import card
from actions.support.exposed import shown
from actions.support.reply import Json
from crm.services import catalogue
from crm.views import Product
from models.recommend import Recommendation
from models.search import Query
from parley.bootstrap import ActionsContext

CARDS = 3
SPARE = 3
"""Recommendations asked for beyond the cards, for those that the database no longer bears out."""

NUMBERS = {1: "one", 2: "two", 3: "three"}


@dataclass(frozen=True, slots=True)
class Pick:
    """A recommended product as the database has it now."""

    product: Product
    recommendation: Recommendation


async def borne_out(
    context: ActionsContext, found: Sequence[Recommendation], *, limit: int = CARDS
) -> list[Pick]:
    """The recommendations whose every claim is still so: for sale, in stock, and at the prices that were compared."""
    named = {sku for one in found for sku in (one.sku, *(e.sku for e in one.evidence if e.sku))}
    async with context.database.read() as uow:
        products = await catalogue.get_many(uow, sorted(named))
    picks = [
        Pick(products[one.sku], one)
        for one in found
        if one.sku in products
        and products[one.sku].active
        and products[one.sku].stock > 0
        and all(_as_compared(context, sku, products) for sku in _priced(one))
    ]
    return picks[:limit]


def _priced(one: Recommendation) -> set[str]:
    """The products whose prices the recommendation rests on."""
    return {one.sku, *(e.sku for e in one.evidence if e.sku and e.field == "price")}


def _as_compared(context: ActionsContext, sku: str, products: dict[str, Product]) -> bool:
    before, now = context.recommender.product(sku), products.get(sku)
    return before is not None and now is not None and before.price == now.price


def cards_of(picks: Sequence[Pick], context: ActionsContext) -> Json:
    """The cards with the recommendations' own reasons, and a note of what is shown."""
    strategy = picks[0].recommendation.strategy
    made = [card(pick.product, Query(), context.vocabulary, why=pick.recommendation.why) for pick in picks]
    return {"cards": made, **shown(strategy, [pick.product.sku for pick in picks])}


def skus_of(picks: Sequence[Pick]) -> list[str]:
    return [pick.product.sku for pick in picks]
