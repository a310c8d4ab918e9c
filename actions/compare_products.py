"""Two to four products side by side: the differences that matter first, as a table and in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from actions.product import attribute_answer
from actions.support.asked import asked_about
from actions.support.base import ShopAction
from actions.support.exposed import shown
from actions.support.need import Need
from actions.support.needs_text import wish_phrase
from actions.support.reference import ask_which, compared_first, pick, shown_products
from actions.support.reply import Button, Json, Reply, button, listed, round_money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from crm.database import UnitOfWork
from crm.services import carts, catalogue
from crm.views import Product
from models.recommend import Comparison, Row, compare
from models.search.conditions import satisfies
from models.vocabulary import Vocabulary
from parley.bootstrap import ActionsContext

INTENT = "compare_products"
MOST = 4
ROWS, ALIKE = 8, 4
FIRST_TWO = re.compile(r"\b(first|top) (two|2)\b", re.IGNORECASE)
LAST_TWO = re.compile(r"\blast (two|2)\b", re.IGNORECASE)
OTHER = re.compile(r"\b(it|this|that|with the one before)\b", re.IGNORECASE)
IN_CART = re.compile(r"\b(cart|basket)\b", re.IGNORECASE)
NOTHING = "–"


class CompareProducts(ShopAction):
    """Compares what was named, else what is on the screen; asks when there is only one."""

    action = "action_compare_products"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        async with context.database.read() as uow:
            on_screen = await shown_products(turn, uow)
            products = await meant(turn, uow, on_screen)
        if len(products) >= 2:
            return side_by_side(products, turn, context, on_screen)
        others = [product for product in on_screen if product not in products]
        if products and not others and (told := await attribute_answer(turn, context)):
            return told  # "which has the longest battery", with only one on the screen
        if products and others:
            return ask_which(
                others, INTENT, question=f"Compare the {products[0].name} with which one?", said=turn.words
            ).with_events(*set_slots(focus=products[0].sku))
        if products:
            return say(
                f"What shall I compare the {products[0].name} with? Tell me its name, or look at similar ones first.",
                button("Something similar", "similar_products", product=products[0].sku),
                events=set_slots(focus=products[0].sku),
            )
        return say(
            "Which products shall I compare? Name two of them, or tell me what you are looking for.",
            button("Find a product", "find_product", choice="keep_looking"),
        )


async def meant(turn: Turn, uow: UnitOfWork, on_screen: Sequence[Product]) -> list[Product]:
    """The products to compare, in the order they were named; at most four, each once."""
    named = await _named(turn, uow, on_screen)
    if len(named) >= 2:
        return named
    if named:
        return _distinct([*(await _focus(turn, uow)), *named])
    if IN_CART.search(turn.words):
        lines = (await carts.view(uow, turn.conversation_id)).lines
        return list((await catalogue.get_many(uow, [line.sku for line in lines])).values())[:MOST]
    if len(on_screen) < 2 and OTHER.search(turn.words):
        return _distinct([*(await _focus(turn, uow)), *on_screen])
    return list(compared_first(turn, tuple(on_screen))[:MOST])


async def _named(turn: Turn, uow: UnitOfWork, on_screen: Sequence[Product]) -> list[Product]:
    """By name, by place, or by a brand that is on the screen."""
    if FIRST_TWO.search(turn.words) and len(on_screen) >= 2:
        return list(on_screen[:2])
    if LAST_TWO.search(turn.words) and len(on_screen) >= 2:
        return list(on_screen[-2:])
    places = [one.value for one in turn.each("ordinal") if isinstance(one.value, int)]
    found = [product for place in places if (product := pick(on_screen, place))]
    skus = [_on_screen_or_first(one.value, one.candidates, on_screen) for one in turn.each("product")]
    found += (await catalogue.get_many(uow, [sku for sku in skus if sku])).values()
    brands = {one.value for one in turn.each("brand")}
    found += [product for product in on_screen if product.brand in brands]
    return _distinct(found)


def _on_screen_or_first(sku: object, others: Iterable[str], on_screen: Sequence[Product]) -> str:
    """Of an ambiguous name the product on the screen, else the likeliest."""
    possible = {str(sku), *others}
    return next((product.sku for product in on_screen if product.sku in possible), str(sku))


async def _focus(turn: Turn, uow: UnitOfWork) -> list[Product]:
    focus = turn.slot("focus")
    product = await catalogue.get(uow, focus) if isinstance(focus, str) else None
    return [product] if product else []


def _distinct(products: Iterable[Product]) -> list[Product]:
    return list({product.sku: product for product in products if product.active}.values())[:MOST]


def side_by_side(
    products: Sequence[Product], turn: Turn, context: ActionsContext, on_screen: Sequence[Product] = ()
) -> Reply:
    """The table, what each is best at, and what they have in common; all from one comparison.

    What else was `on_screen` may still be pointed at, behind those that are compared.
    """
    asked = [attribute.name for attribute in asked_about(turn, context.vocabulary)]
    need = Need.from_slot(turn.slot("need"))
    wishes = [wish.name for wish in need.attributes] + [name for name, _ in need.prefer]
    compared = compare(products, context.vocabulary, matters=[*asked, *wishes])
    parts = [
        _asked_answer(compared, asked),
        compared.summary,
        *_against_needs(products, need, context.vocabulary),
        _alike(compared),
    ]
    best = _best(compared, asked)
    skus = list(compared.skus)
    others = [product.sku for product in on_screen if product.sku not in skus]
    return say(
        " ".join(filter(None, parts)) or "On paper they are the same.",
        *_buttons(products),
        custom={"table": table(compared), **shown("compare", compared.skus)},
        events=set_slots(shown=[*skus, *others], compared=skus, focus=skus[best[0]] if best else None),
    )


def _asked_answer(compared: Comparison, asked: Sequence[str]) -> str:
    """ "Which has the better battery?" is answered before anything else."""
    best = _best(compared, asked)
    return f"The {compared.names[best[0]]}: {best[1].cells[best[0]]}." if best else ""


def _best(compared: Comparison, asked: Sequence[str]) -> tuple[int, Row] | None:
    """Which one is ahead in what was asked for, with that row."""
    return next(
        ((row.best[0], row) for row in compared.differences if row.field in asked and len(row.best) == 1),
        None,
    )


def _against_needs(products: Sequence[Product], need: Need, vocabulary: Vocabulary) -> list[str]:
    """Where one of them breaks what the customer asked for, it is said."""
    told = []
    if need.price_max is not None and not need.relative_price:
        beyond = [product.name for product in products if product.price > need.price_max]
        if beyond and len(beyond) < len(products):
            told.append(f"Above your {round_money(need.price_max)}: the {listed(beyond)}.")
    for wish in need.attributes:
        missing = [p.name for p in products if not satisfies(p.attributes.get(wish.name), wish)]
        if missing and len(missing) < len(products):
            told.append(f"Without {wish_phrase(wish, vocabulary)}: the {listed(missing)}.")
    return told


def _alike(compared: Comparison) -> str:
    cells = [cell for row in compared.alike if row.field != "price" and (cell := row.cells[0])][:ALIKE]
    return f"{'Both' if len(compared.skus) == 2 else 'All'} have: {', '.join(cells)}." if cells else ""


def table(compared: Comparison) -> Json:
    """The comparison as a reply's table."""
    return {
        "caption": f"{listed(compared.names)} side by side",
        "header": list(compared.names),
        "rows": [_row(row) for row in compared.differences[:ROWS]],
    }


def _row(row: Row) -> Json:
    return {
        "label": row.label,
        "cells": [cell or NOTHING for cell in row.cells],
        "best": list(row.best),
    }


def _buttons(products: Sequence[Product]) -> tuple[Button, ...]:
    """Each can be taken at once."""
    return tuple(
        button(f"Add the {product.name}", "add_to_cart", product=product.sku)
        for product in products
        if product.stock > 0
    )


USE_CASE = UseCase(readings={INTENT: Reading("Compare products", CompareProducts(), about_product=True)})
