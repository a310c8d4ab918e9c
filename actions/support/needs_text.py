"""What a customer wants, in one line for a colleague or back to the customer."""

from __future__ import annotations

import re
from decimal import Decimal

from actions.support.need import Need, Wish
from actions.support.reply import listed, money, round_money
from actions.support.turn import Turn
from crm.views import CartView
from models.catalogue_files import Vocabulary

LONGEST_WORDS = 240
NOTHING_SAID = "Nothing was said about what they need yet."
CENT = Decimal("0.01")


def needs_so_far(turn: Turn, cart: CartView, vocabulary: Vocabulary) -> str:
    """The search and the cart as one paragraph; never empty."""
    need = Need.from_slot(turn.slot("need"))
    parts = []
    if not need.is_empty:
        wishes = listed(constraints(need, vocabulary))
        about = category_name(need.category, vocabulary) or "something"
        parts.append(f"Looking for {about}{f' {wishes}' if wishes else ''}.")
        if need.words:
            parts.append(f"In their words: “{'; '.join(need.words)[:LONGEST_WORDS]}”.")
    if cart.lines:
        lines = listed(f"{line.quantity} × {line.name}" for line in cart.lines)
        parts.append(f"In the cart: {lines} ({money(cart.total, cart.currency)}).")
    return " ".join(parts) or NOTHING_SAID


def constraints(need: Need, vocabulary: Vocabulary) -> list[str]:
    """What narrows the search, each as a phrase: "up to €1,500", "from Lenovo", "with at least 16 GB memory"."""
    phrases = []
    if price := price_words(need) or price_phrase(need.price_min, need.price_max):
        phrases.append(price)
    if need.brands:
        phrases.append(f"from {listed(need.brands, last='or')}")
    if need.not_brands:
        phrases.append(f"not from {listed(need.not_brands, last='or')}")
    return phrases + [_wish_constraint(wish, vocabulary) for wish in need.attributes]


def _wish_constraint(wish: Wish, vocabulary: Vocabulary) -> str:
    if wish.name == "uses":
        return f"for {wish.value}"
    entry = vocabulary.attributes.get(wish.name)
    phrase = wish_phrase(wish, vocabulary)
    return f"with {phrase}" if entry is None or entry.kind == "number" else phrase


def price_words(need: Need, currency: str = "EUR") -> str | None:
    """The price as it was said, where its bounds are the bot's own: "under €1,099", "around €1,000"; else None."""
    if need.about is not None:
        return f"around {round_money(need.about, currency)}"
    if need.relative_price and need.price_max is not None:
        return f"under {round_money(need.price_max + CENT, currency)}"
    if need.relative_price and need.price_min is not None:
        return f"above {round_money(need.price_min - CENT, currency)}"
    return None


def price_phrase(low: Decimal | None, high: Decimal | None) -> str:
    if low is not None and high is not None:
        return f"between {round_money(low)} and {round_money(high)}"
    if high is not None:
        return f"up to {round_money(high)}"
    return f"from {round_money(low)}" if low is not None else ""


def wish_phrase(wish: Wish, vocabulary: Vocabulary) -> str:
    """A wish as people say it, from the attribute's own label."""
    entry = vocabulary.attributes.get(wish.name)
    told = entry.describe(wish.value) if entry else f"{wish.value} {wish.name.replace('_', ' ')}"
    bound = {"min": "at least ", "max": "at most ", "above": "more than ", "below": "less than "}.get(
        wish.op, ""
    )
    return bound + (told or f"no {wish.name.replace('_', ' ')}")


def category_name(slug: str | None, vocabulary: Vocabulary) -> str:
    """The category in the middle of a sentence ("laptops", "TVs"); empty without one."""
    if slug is None:
        return ""
    entry = vocabulary.categories.get(slug)
    name = entry.name if entry else slug.replace("_", " ").replace("-", " ")
    return name if re.match(r"\w?[A-Z]", name[1:]) else name[:1].lower() + name[1:]
