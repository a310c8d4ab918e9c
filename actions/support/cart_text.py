"""The cart and its changes in words. All amounts come from the cart's own view; nothing is added up here."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from actions.support.reply import Reply, button, money, say, set_slots
from crm.views import CartChange, CartView


def lines_text(cart: CartView) -> str:
    """One numbered line for each product."""
    return "\n".join(
        f"{number}. {line.quantity} × {line.name}: {money(line.line_total, cart.currency)}"
        for number, line in enumerate(cart.lines, start=1)
    )


def sums_text(cart: CartView) -> str:
    """Subtotal, delivery, total and the VAT in it."""
    delivery = "free" if cart.delivery == 0 else money(cart.delivery, cart.currency)
    return (
        f"Subtotal: {money(cart.subtotal, cart.currency)}\n"
        f"Delivery: {delivery}\n"
        f"Total: {money(cart.total, cart.currency)}, including {money(cart.vat_included, cart.currency)} VAT "
        f"({percent(cart.vat_rate)})"
    )


def percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}%"


def total_sentence(cart: CartView) -> str:
    """ "Your total is €1,299.00 with free delivery." """
    delivery = (
        "free delivery" if cart.delivery == 0 else f"{money(cart.delivery, cart.currency)} delivery included"
    )
    return f"Your total is {money(cart.total, cart.currency)}, {delivery}."


def change_sentence(change: CartChange, currency: str) -> str:
    """What is different about one product now."""
    if change.kind == "price" and isinstance(change.before, Decimal) and isinstance(change.after, Decimal):
        direction = "now costs" if change.after > change.before else "has become cheaper: it now costs"
        now, before = money(change.after, currency), money(change.before, currency)
        return f"The {change.name} {direction} {now} (it was {before})."
    if change.kind == "stock" and change.after:
        return f"Only {change.after} of the {change.name} {'is' if change.after == 1 else 'are'} left."
    if change.kind == "stock":
        return f"The {change.name} has sold out in the meantime."
    return f"The {change.name} isn't sold any more."


def changes_text(changes: Sequence[CartChange], currency: str) -> str:
    return " ".join(change_sentence(change, currency) for change in changes)


def cart_reply(cart: CartView, changes: Sequence[CartChange], *, in_checkout: bool = False) -> Reply:
    """The whole cart; a checkout that is going on asks its own question next."""
    text = f"Your cart:\n{lines_text(cart)}\n\n{sums_text(cart)}"
    if changes:
        text = f"Before you order, please note: {changes_text(changes, cart.currency)}\n\n{text}"
    if in_checkout:
        return say(text)
    return say(
        f"{text}\n\nShall we check out?",
        button("Check out", "checkout"),
        button("Change something", "change_quantity"),
        button("Keep looking", "find_product", choice="keep_looking"),
        events=set_slots(offer={"kind": "checkout"}),
    )
