"""Something like a product: alternatives, cheaper ones, and a step up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from actions.find import REFINEMENTS, SearchProducts
from actions.support.base import ShopAction
from actions.support.known import Known, known_so_far
from actions.support.need import Need, wanted_category
from actions.support.needs_text import category_name, constraints
from actions.support.recommended import CARDS, NUMBERS, SPARE, Pick, borne_out, cards_of, skus_of
from actions.support.reference import Reference, ask_which, resolve
from actions.support.refine import CHEAPER, refined
from actions.support.reply import Reply, button, listed, say, set_slots
from actions.support.search import query
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from crm.database import UnitOfWork
from crm.services import catalogue
from crm.views import Product
from parley.bootstrap import ActionsContext

INTENT = "similar_products"
UP = re.compile(
    r"\b(better|upgrade|(next|a|one) (step|level|model|notch|class) (up|above|higher)|step up|level above"
    r"|notch (better|up)|next model( up)?|comes after|high(er)?[- ]end|more powerful|premium|bigger brother"
    r"|top model)\b",
    re.IGNORECASE,
)
# "A better price" and "an alternative with a better screen" ask for no upgrade.
NOT_UP = re.compile(
    r"\bbetter (price|deal|value)\b|\b(with|has|having) (a |an )?(\w+ )?better\b", re.IGNORECASE
)
LESS = re.compile(
    r"\b(less|smaller) (money|budget)\b|\bfor less\b|\b(too|so) (dear|expensive|pricey)\b|\bweren.?t so dear\b",
    re.IGNORECASE,
)
OTHERS = re.compile(r"\balternatives?\b", re.IGNORECASE)
THIS = re.compile(r"\b(it|this|that)\b", re.IGNORECASE)


class ShowSimilar(ShopAction):
    """Like the product named or pointed at, within what was asked for; "better" ignores the budget, and says so."""

    action = "action_show_similar"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        async with context.database.read() as uow:
            reference = await meant(turn, uow)
            known = await known_so_far(turn, uow)
        product = reference.product
        if product is not None and _asks_for_another_kind(turn, product):
            return await SearchProducts().answer(replace(turn, intent="find_product"), context)
        if product is None and reference.candidates and OTHERS.search(turn.words):
            # To all that is on the screen: other ones for the same need.
            return await SearchProducts().answer(replace(turn, intent="refine_search"), context)
        if product is None:
            return ask_which(reference.candidates, INTENT, question="Like which one?", said=turn.words)
        if context.recommender.product(product.sku) is None:
            # Withdrawn, or so new that the recommender doesn't know it yet: its kind is the next best.
            need = Need(category=product.category, asked=True, turn=turn.message_id)
            return await SearchProducts().answer(
                replace(turn, slots={**turn.slots, "need": need.as_slot()}), context
            )
        if upwards(turn):
            return await better(product, turn, known, context)
        return await alternatives(product, turn, known, context)


async def meant(turn: Turn, uow: UnitOfWork) -> Reference:
    """The product that others shall be like. "This" is what was talked about last, whatever else is on the screen."""
    focus = turn.slot("focus")
    pointed = turn.any_of("product") or turn.any_of("ordinal")
    if not pointed and isinstance(focus, str) and THIS.search(turn.words):
        product = await catalogue.get(uow, focus)
        if product is not None:
            return Reference(product)
    return await resolve(turn, uow)


def _asks_for_another_kind(turn: Turn, product: Product) -> bool:
    """ "Do you have a speaker like that?" while a phone is on the screen: a search, and no phone."""
    kind = None if turn.any_of("product") else wanted_category(turn)
    return kind is not None and kind != product.category


def upwards(turn: Turn) -> bool:
    """True when something better is wanted rather than something alike."""
    if turn.choice is not None:
        return turn.choice == "upgrade"
    text = turn.words
    return bool(UP.search(text)) and not NOT_UP.search(text) and not CHEAPER.search(text)


def wanted(turn: Turn, product: Product, context: ActionsContext, *, up: bool) -> Need:
    """What the alternatives must fulfil: the search that goes on, if it is for this kind of product, and the message's
    wishes measured against the product. A search's price bound that meant other products ("cheaper") is dropped.
    """
    before = Need.from_slot(turn.slot("need"))
    if before.category != product.category:
        before = Need(category=product.category)
    if before.relative_price or up:
        before = replace(before, price_min=None, price_max=None, relative_price=False, about=None)
    said = replace(turn, entities=tuple(one for one in turn.entities if one.name != "category"))
    need = before.merged(said, keep_words=False)
    need = refined(need, said, (product,), context.vocabulary.attributes)
    if up and not turn.any_of("price"):
        need = replace(need, price_min=None, price_max=None, relative_price=False)
    elif LESS.search(turn.words) and need.price_max is None:
        need = refined(need, replace(said, text="cheaper"), (product,), {})
    return replace(need, category=product.category, asked=True)


async def alternatives(product: Product, turn: Turn, known: Known, context: ActionsContext) -> Reply:
    """Products like this one. Where nothing fits, the wishes are given up together, and that is said."""
    need = wanted(turn, product, context, up=False)
    wishes = listed(constraints(need, context.vocabulary))
    if picks := await _like(product, need, known, context):
        told = f", {wishes}" if wishes else ""
        number = "is one" if len(picks) == 1 else f"are {NUMBERS[len(picks)]}"
        return _shown(picks, need, f"Here {number} like the {product.name}{told}:", context)
    if wishes:
        bare = Need(category=need.category, exclude=need.exclude, asked=True, turn=need.turn)
        if picks := await _like(product, bare, known, context):
            lead = f"I have nothing like the {product.name} {wishes}. What comes closest to it:"
            return _shown(picks, bare, lead, context)
    return nothing_like(product, context)


async def _like(product: Product, need: Need, known: Known, context: ActionsContext) -> list[Pick]:
    avoid = [*known.avoid, product.sku]
    found = await asyncio.to_thread(
        context.recommender.similar, product.sku, query(need), avoid=avoid, limit=CARDS + SPARE
    )
    return await borne_out(context, found)


async def better(product: Product, turn: Turn, known: Known, context: ActionsContext) -> Reply:
    """A step up. A price named in the message is kept, a budget from before isn't."""
    need = wanted(turn, product, context, up=True)
    found = await asyncio.to_thread(
        context.recommender.upgrade,
        product.sku,
        query(need),
        avoid=[*known.avoid, product.sku],
        limit=(CARDS + SPARE) * 3,
    )
    picks = [
        pick
        for pick in await borne_out(context, found, limit=len(found) or 1)
        if need.price_max is None or pick.product.price <= need.price_max
    ][:CARDS]
    if picks:
        return _shown(picks, need, f"A step up from the {product.name}:", context)
    kind = context.vocabulary.singular(product.category)
    limit = " within that price" if need.price_max is not None else ""
    return say(
        f"I have no {kind} that beats the {product.name}{limit}; it's the best of its kind here.",
        button("Something similar", INTENT, product=product.sku, choice="similar"),
        button("Add to cart", "add_to_cart", product=product.sku),
        events=set_slots(focus=product.sku),
    )


def _shown(picks: Sequence[Pick], need: Need, intro: str, context: ActionsContext) -> Reply:
    """Cards that later wishes ("cheaper", "another brand") refine as they refine a search's."""
    skus = skus_of(picks)
    compare = (button("Compare them", "compare_products"),) if len(picks) > 1 else ()
    return say(
        intro,
        *compare,
        *REFINEMENTS,
        custom=cards_of(picks, context),
        events=set_slots(
            need=need.as_slot(),
            shown=skus,
            focus=skus[0] if len(skus) == 1 else None,
            offer={"kind": "refine"},
        ),
    )


def nothing_like(product: Product, context: ActionsContext) -> Reply:
    """The only one of its kind."""
    kind = category_name(product.category, context.vocabulary)
    return say(
        f"There's nothing else like the {product.name} among our {kind}. I can look for something else, "
        "or a colleague can help.",
        button("Find a product", "find_product", choice="keep_looking"),
        button("Talk to a person", "human"),
    )


USE_CASE = UseCase(
    readings={INTENT: Reading("Something similar", ShowSimilar(), about_product=True)},
)
