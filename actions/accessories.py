"""What goes with a product or with the cart: what others ordered along with it, or what its fields say fits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from actions.find import show
from actions.support.base import ShopAction
from actions.support.known import Known, known_so_far
from actions.support.need import OWNED, Need
from actions.support.needs_text import category_name
from actions.support.recommended import CARDS, SPARE, Pick, borne_out, cards_of, skus_of
from actions.support.reference import ask_which, resolve
from actions.support.reply import Reply, button, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from crm.database import UnitOfWork
from crm.services import catalogue
from crm.views import Product
from models.search import Query
from parley.bootstrap import ActionsContext

INTENT = "accessories"
CART = re.compile(r"\b(cart|basket|bag|order|check ?out|these|those|them|setup)\b", re.IGNORECASE)
LATEST = 3
"""Of what was ordered before, so many products are what accessories are looked for."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What accessories are wanted for, and how it is called in the answer."""

    products: tuple[Product, ...] = ()
    name: str = ""


class ShowAccessories(ShopAction):
    """Up to three accessories, each with the evidence that it belongs to what the customer has."""

    action = "action_show_accessories"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        async with context.database.read() as uow:
            known = await known_so_far(turn, uow)
            basket = await belongs_to(turn, known, uow)
            asked = None if basket.products else await resolve(turn, uow)
        if basket.products:
            return await for_basket(basket, turn, known, context)
        if kind := _owned(turn):
            return await for_kind(kind, turn, known, context)
        candidates = asked.candidates if asked else ()
        if candidates:
            return ask_which(candidates, INTENT, question="What shall it go with?", said=turn.words)
        return say(
            "What shall it go with? Tell me the product's name, or what kind of thing you have.",
            button("Find a product", "find_product", choice="keep_looking"),
        )


async def belongs_to(turn: Turn, known: Known, uow: UnitOfWork) -> Basket:
    """What was named or pointed at, else the cart, else what was talked about, else what was ordered."""
    if turn.any_of("product") or turn.any_of("ordinal"):
        product = (await resolve(turn, uow)).product
        return Basket((product,), f"the {product.name}") if product else Basket()
    focus = turn.slot("focus")
    cart = tuple((await catalogue.get_many(uow, known.cart)).values())
    if cart and (CART.search(turn.words) or not isinstance(focus, str)):
        return Basket(cart, f"the {cart[0].name}" if len(cart) == 1 else "what's in your cart")
    if isinstance(focus, str) and (product := await catalogue.get(uow, focus)):
        return Basket((product,), f"the {product.name}")
    if _owned(turn):
        return Basket()
    ordered = tuple((await catalogue.get_many(uow, known.ordered[:LATEST])).values())
    if ordered:
        return Basket(ordered, f"the {ordered[0].name}" if len(ordered) == 1 else "what you ordered")
    product = (await resolve(turn, uow)).product
    return Basket((product,), f"the {product.name}") if product else Basket()


def _owned(turn: Turn) -> str | None:
    """The kind of thing that the customer has ("accessories for my laptop")."""
    for one in turn.each("category"):
        if isinstance(one.value, str) and (one.start < 0 or OWNED.search(turn.text[: one.start])):
            return one.value
    return None


def _sought(turn: Turn, but: Sequence[str]) -> str | None:
    """The kind of accessory that was named ("a cable for it")."""
    return next((str(one.value) for one in turn.each("category") if one.value not in but), None)


def _bounds(turn: Turn, category: str | None) -> Query:
    need = Need(turn="").merged(replace(turn, entities=tuple(turn.each("price"))), keep_words=False)
    return Query(category=category, price_min=need.price_min, price_max=need.price_max)


async def for_basket(basket: Basket, turn: Turn, known: Known, context: ActionsContext) -> Reply:
    """What goes with these products; of the kind that was named, if one was."""
    sought = _sought(turn, [product.category for product in basket.products])
    skus = [product.sku for product in basket.products]
    found = await asyncio.to_thread(
        context.recommender.goes_with,
        skus,
        _bounds(turn, sought),
        avoid=known.avoid,
        limit=CARDS + SPARE,
    )
    picks = await borne_out(context, found)
    if picks:
        kind = category_name(sought, context.vocabulary)
        return _shown(
            picks, f"{kind.capitalize()} that go" if kind else "These go", basket.name, known, context
        )
    if sought:
        need = Need(
            category=sought, words=(turn.words,) if turn.words else (), asked=True, turn=turn.message_id
        )
        lead = f"I know of none that is usually bought with {basket.name}; here is what we have."
        return say(lead).then(await show(need, context))
    return say(
        f"I don't know of anything that belongs to {basket.name}, and I won't guess. "
        "Tell me what you have in mind, or ask a colleague.",
        button("Find a product", "find_product", choice="keep_looking"),
        button("Talk to a person", "human"),
    )


async def for_kind(kind: str, turn: Turn, known: Known, context: ActionsContext) -> Reply:
    """For something the customer owns and didn't buy here: what is made for its kind or ordered with it."""
    sought = _sought(turn, [kind])
    found = await asyncio.to_thread(
        context.recommender.goes_with_kind,
        kind,
        _bounds(turn, sought),
        avoid=known.avoid,
        limit=CARDS + SPARE,
    )
    picks = await borne_out(context, found)
    if picks:
        return _shown(picks, "These go", f"a {context.vocabulary.singular(kind)}", known, context)
    name = category_name(kind, context.vocabulary)
    return say(
        f"I don't know of accessories for {name} here. What exactly do you need?",
        button("Find a product", "find_product", choice="keep_looking"),
        button("Talk to a person", "human"),
    )


def _shown(picks: Sequence[Pick], lead: str, what: str, known: Known, context: ActionsContext) -> Reply:
    skus = skus_of(picks)
    first = picks[0].product
    lead = lead if len(picks) > 1 else lead.replace("These go", "This goes")
    cart = (button("Show my cart", "show_cart"), button("Check out", "checkout")) if known.cart else ()
    return say(
        f"{lead} well with {what}:",
        *cart,
        button("Find something else", "find_product", choice="keep_looking"),
        custom=cards_of(picks, context),
        events=set_slots(
            shown=skus,
            focus=skus[0] if len(skus) == 1 else None,
            # "Cheaper" now means such a thing, not a cheaper laptop.
            need=Need(category=first.category, asked=True).as_slot(),
        ),
    )


USE_CASE = UseCase(readings={INTENT: Reading("What goes with it?", ShowAccessories(), about_product=True)})
