"""Discounts: what the shop's own rules give, said plainly; and what is real instead when they give nothing."""

from __future__ import annotations

import asyncio
import re
from decimal import Decimal

from actions.support.base import ShopAction
from actions.support.known import Known, known_so_far
from actions.support.quantities import tiers_text
from actions.support.reference import resolve
from actions.support.reply import Button, Reply, button, money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from crm.services import carts
from crm.views import CartView, Product
from parley.bootstrap import ActionsContext

INTENT = "ask_discount"
TAG = "discounts"
NONE = "There are no codes and no sales at the moment: everybody pays the price that you see."
HAGGLING = re.compile(
    r"\b(best price|better price|final price|negotia\w*|haggle|knock (something|it|some)|how low|how about|less and i"
    r"|take it for|talk about the price|halfway|round \d+|give me \d+|throw in|make me an offer"
    r"|do for me on the price|(last|final|my) offer|would you take|i.?ll (give|pay) you|come on)\b",
    re.IGNORECASE,
)
FIXED = "I can't change a price: it's the same for everybody."


class AnswerDiscount(ShopAction):
    """Promotions that run today, else the shop's own answer; then what really makes it cheaper."""

    action = "action_answer_discount"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        async with context.database.read() as uow:
            product = (await resolve(turn, uow, vocabulary=context.vocabulary.attributes)).product
            cart = await carts.view(uow, turn.conversation_id)
            known = await known_so_far(turn, uow)
        alike = await self._cheaper(product, known, context) if product else False
        real = [*_delivery(cart, context), *_quantities(context)]
        text = " ".join([await self._shop_says(turn, context), *real])
        buttons = _buttons(product if alike else None, context)
        events = set_slots(focus=product.sku) if product else ()
        return say(text, *buttons, events=events)

    async def _shop_says(self, turn: Turn, context: ActionsContext) -> str:
        selling = context.shop.selling
        today = selling.opening.local(context.clock()).date()
        running = [one.text for one in selling.promotions if one.runs_on(today)]
        if running:
            return " ".join(running)
        if HAGGLING.search(turn.words):
            return FIXED
        hit = await asyncio.to_thread(context.faq.best, turn.words) if turn.words else None
        entry = next((one for one in context.vocabulary.faq if hit and one.id == hit.id), None)
        return entry.answer if entry and TAG in entry.tags else NONE

    async def _cheaper(self, product: Product, known: Known, context: ActionsContext) -> bool:
        """Whether there is something like it for less; nothing is promised that can't be shown."""
        if context.recommender.product(product.sku) is None:
            return False
        found = await asyncio.to_thread(
            context.recommender.similar, product.sku, cheaper=True, avoid=known.avoid, limit=1
        )
        return bool(found)


def _delivery(cart: CartView, context: ActionsContext) -> list[str]:
    threshold, currency = context.shop.free_delivery_from, context.shop.currency
    if context.shop.delivery == 0:
        return []
    if cart.lines and cart.delivery == 0:
        return ["Delivery of what's in your cart is free."]
    missing: Decimal = threshold - cart.subtotal
    if cart.lines:
        return [f"With {money(missing, currency)} more in your cart, delivery is free."]
    return [f"From {money(threshold, currency)} on, delivery is free."]


def _quantities(context: ActionsContext) -> list[str]:
    told = tiers_text(context.shop.selling.tiers)
    return [f"And for several of one product there is {told}."] if told else []


def _buttons(alike: Product | None, context: ActionsContext) -> tuple[Button, ...]:
    similar = (
        (button("Something like it, cheaper", "similar_products", product=alike.sku, choice="cheaper"),)
        if alike
        else ()
    )
    many = (button("Prices for many pieces", "bulk_purchase"),) if context.shop.selling.tiers else ()
    return (*similar, *many, button("Find a product", "find_product", choice="keep_looking"))


USE_CASE = UseCase(readings={INTENT: Reading("Ask about discounts", AnswerDiscount(), about_product=True)})
