"""Needs to think: everything stays as it is, can be taken along, and nobody is pushed."""

from __future__ import annotations

from actions.support.base import ShopAction
from actions.support.reference import shown_products
from actions.support.reply import Button, Reply, button, leave, listed, money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase, to
from crm.services import carts, catalogue
from crm.views import CartView, Product
from parley.bootstrap import ActionsContext


class KeepForLater(ShopAction):
    """Says what is kept, in a form that can be noted down, and how to come back to it."""

    action = "action_keep_for_later"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        async with context.database.read() as uow:
            cart = await carts.view(uow, turn.conversation_id)
            focus = turn.slot("focus")
            looked_at = await catalogue.get(uow, focus) if isinstance(focus, str) else None
            shown = (looked_at,) if looked_at else await shown_products(turn, uow)
        kept = _in_cart(cart) or _looked_at(shown)
        text = f"Of course, take your time. {kept}Come back to this chat any time and we go on from here."
        return say(
            text,
            *_ways_on(kept=bool(kept)),
            events=(
                *(leave() if turn.loop else ()),
                *set_slots(checkout_open=None, checkout_confirm=None),
            ),
        )


def _in_cart(cart: CartView) -> str:
    if not cart.lines:
        return ""
    items = listed(f"{line.quantity} × {line.name}" for line in cart.lines)
    return (
        f"Your cart stays as it is: {items}, {money(cart.total, cart.currency)} with delivery. "
        "I'd tell you before ordering if a price changed. "
    )


def _looked_at(shown: tuple[Product, ...]) -> str:
    if not shown:
        return ""
    items = listed(f"{product.name} ({money(product.price, product.currency)})" for product in shown)
    return f"To note down, you were looking at {items}. "


def _ways_on(*, kept: bool) -> tuple[Button, ...]:
    save = to("export_data", "Save this chat") if kept else ()
    return *save, button("Call me back", "callback")


USE_CASE = UseCase(readings={"think_about_it": Reading("I need to think about it", KeepForLater())})
