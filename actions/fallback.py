"""When the classifier isn't sure: the likeliest readings as buttons, the FAQ, or what the bot can do. Then a person."""

from __future__ import annotations

import re
from typing import Any

from actions.callback import StartCallback
from actions.cart import AddToCart, ShowCart
from actions.checkout import StartCheckout
from actions.faq import faq_answer
from actions.find import SearchProducts
from actions.human import RequestHuman
from actions.order_status import StartOrderStatus
from actions.product import ProductAvailability, ProductDetails, ProductPrice
from actions.support.base import ShopAction
from actions.support.reply import Button, Reply, button, say, set_slots
from actions.support.turn import Turn
from parley.bootstrap import ActionsContext

PATIENCE = 3
PLAUSIBLE = 0.15
LIKELY = 0.2
FAR_AHEAD = 3.0
READINGS = {
    "find_product": "Find a product",
    "refine_search": "Change the search",
    "product_details": "Tell me about a product",
    "product_price": "Ask for a price",
    "product_availability": "Is it in stock?",
    "add_to_cart": "Put something into the cart",
    "change_quantity": "Change the quantity",
    "remove_from_cart": "Take something out",
    "show_cart": "Show my cart",
    "checkout": "Check out",
    "order_status": "Track an order",
    "callback": "Call me back",
    "human": "Talk to a person",
    "faq": "A question about the shop",
    "help": "What can you do?",
    "start_over": "Start over",
}
# Entities that a button can carry on, as the customer said them.
CARRIED = ("product", "category", "brand", "price", "quantity", "ordinal", "order_number", "email")

ABOUT_A_PRODUCT: dict[str, ShopAction] = {
    "product_details": ProductDetails(),
    "product_price": ProductPrice(),
    "product_availability": ProductAvailability(),
    "add_to_cart": AddToCart(),
}
HARMLESS: dict[str, ShopAction] = ABOUT_A_PRODUCT | {
    "find_product": SearchProducts(),
    "refine_search": SearchProducts(),
    "show_cart": ShowCart(),
    "checkout": StartCheckout(),
    "order_status": StartOrderStatus(),
    "callback": StartCallback(),
    "human": RequestHuman(),
}
# People type what they see on a button.
TITLES = {title.casefold().strip("?"): name for name, title in READINGS.items()}
NEVER_GUESSED = frozenset({"human"})


class Fallback(ShopAction):
    """Something useful for a message that wasn't understood; the third in a row offers a person."""

    action = "action_fallback"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if action := corroborated(turn):
            return await action.answer(turn, context)
        return await understood_less(turn, context)


def corroborated(turn: Turn) -> ShopAction | None:
    """The likeliest reading's action, when what was named in the message speaks for it or nothing else comes near.

    Only for readings that change nothing which can't be taken back.
    """
    if typed := TITLES.get(turn.words.casefold().strip(" .!?")):
        return HARMLESS.get(typed)
    likely = _by_action(turn)
    likeliest, confidence = likely[0] if likely else ("", 0.0)
    runner_up = likely[1][1] if len(likely) > 1 else 0.0
    if turn.any_of("ordinal") and turn.slot("shown") and not turn.any_of("product"):
        return ProductDetails()
    if turn.any_of("product"):
        return ABOUT_A_PRODUCT.get(likeliest, ProductDetails())
    if turn.any_of("order_number"):
        return StartOrderStatus()
    if turn.any_of("category") or (turn.any_of("attribute") and turn.slot("shown")):
        return SearchProducts()
    if likeliest not in NEVER_GUESSED and confidence >= LIKELY and confidence >= FAR_AHEAD * runner_up:
        return HARMLESS.get(likeliest)
    return None


def _by_action(turn: Turn) -> list[tuple[str, float]]:
    """Readings, likeliest first; those that lead to the same action count together."""
    together: dict[str, float] = {}
    for name, confidence in turn.ranking:
        if name in READINGS:
            kind = "find_product" if name == "refine_search" else name
            together[kind] = together.get(kind, 0.0) + confidence
    return sorted(together.items(), key=lambda reading: -reading[1])


async def understood_less(turn: Turn, context: ActionsContext) -> Reply:
    """The best that can be said to a message of which not enough was understood; counts when that isn't an answer."""
    if re.search(r"[^\W_]", turn.words) and (answer := await faq_answer(turn, context)):
        return answer
    return _at_a_loss(turn).with_events(*set_slots(misses=turn.misses + 1))


def _at_a_loss(turn: Turn) -> Reply:
    if turn.misses >= PATIENCE - 1:
        return say(
            "I'm sorry, I keep missing your point. Shall I fetch a person who can help?",
            button("Talk to a person", "human"),
            button("Call me back", "callback"),
            button("What can you do?", "help"),
            events=set_slots(offer={"kind": "human"}),
        )
    if not re.search(r"[^\W_]", turn.words):
        return say(
            "I read words better than pictures. Tell me in a few words what you need?",
            button("Find a product", "find_product"),
            button("What can you do?", "help"),
        )
    if readings := plausible_readings(turn):
        return say(
            "I'm not quite sure what you mean. Is it one of these?",
            *readings,
            button("Something else", "help"),
        )
    return say(
        "I'm afraid I didn't get that. I can find a product, take your order, tell you where an order is, or answer "
        "questions about delivery, returns and payment.",
        button("Find a product", "find_product"),
        button("Track an order", "order_status"),
        button("Talk to a person", "human"),
    )


def plausible_readings(turn: Turn) -> tuple[Button, ...]:
    """The two likeliest intents as buttons that carry on what was named; none when both are far-fetched."""
    likely = [name for name, confidence in turn.ranking if name in READINGS and confidence >= PLAUSIBLE][:2]
    return tuple(button(READINGS[name], name, **_carried(turn)) for name in likely)


def _carried(turn: Turn) -> dict[str, Any]:
    found: dict[str, Any] = {"said": turn.words}
    for name in CARRIED:
        value = turn.value(name)
        if isinstance(value, str | int):
            found[name] = str(value)
    return found
