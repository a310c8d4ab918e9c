"""Which line of the cart a customer means, and the question for it."""

from __future__ import annotations

from collections.abc import Sequence

from actions.support.reference import by_words, only, pick
from actions.support.reply import Reply, button, listed, say
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.services import catalogue
from crm.views import CartLine


async def find_line(turn: Turn, uow: UnitOfWork, lines: Sequence[CartLine]) -> CartLine | None:
    """The line that the message is about: named, by its place, by a word of its name, or the only one."""
    product = turn.any_of("product")
    wanted = {product.value, *product.candidates} if product is not None else set()
    if named := only(lines, lambda line: line.sku in wanted):
        return named
    place = turn.value("ordinal")
    if isinstance(place, int):
        return pick(lines, place)
    if product is None and (told := by_words(turn.words, lines)):
        return told
    category = turn.value("category")
    if isinstance(category, str):
        products = await catalogue.get_many(uow, [line.sku for line in lines])
        kinds = {sku: product.category for sku, product in products.items()}
        if alike := only(lines, lambda line: kinds.get(line.sku) == category):
            return alike
        if category not in kinds.values():
            # "Remove the mouse" with no mouse in the cart takes nothing else out.
            return None
    if product is not None:
        return None
    focus = turn.slot("focus")
    return only(lines, lambda line: line.sku == focus) or (lines[0] if len(lines) == 1 else None)


def ask_line(
    lines: Sequence[CartLine],
    intent: str,
    question: str,
    *,
    quantity: int | None = None,
    everything: bool = False,
) -> Reply:
    """Ask for the line, with a button for each."""
    extra = {} if quantity is None else {"quantity": str(quantity)}
    buttons = [button(line.name, intent, product=line.sku, **extra) for line in lines[:6]]
    if everything and len(lines) > 1:
        buttons.append(button("Everything", intent, choice="all"))
    return say(f"{question} In your cart: {listed(line.name for line in lines)}.", *buttons)
