""" "Too expensive": what it is worth by its fields, what costs less, what comes on top, and who may make an offer."""

from __future__ import annotations

from actions.find import SearchProducts
from actions.support import exposed
from actions.support.base import WritingAction
from actions.support.cards import cards
from actions.support.need import Need
from actions.support.needs_text import category_name
from actions.support.reference import shown_products
from actions.support.reply import Reply, button, leave, money, say, set_slots
from actions.support.search import query
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase, to
from actions.support.worth import cheaper_in, cheaper_than, delivery_part, talked_about, worth
from crm.database import UnitOfWork
from crm.services import feedback
from crm.views import Product
from parley.bootstrap import ActionsContext


class AnswerPriceObjection(WritingAction):
    """Takes a no to a price seriously: nothing is argued away, and no discount is invented."""

    action = "action_answer_price_objection"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        if turn.any_of("price") and turn.any_of("category"):
            # However it is put: a kind of product and a price are a wish.
            return await SearchProducts().answer(turn, context)
        product = await talked_about(turn, uow)
        shown = await shown_products(turn, uow)
        if turn.words:
            await feedback.keep(
                uow,
                conversation_id=turn.conversation_id,
                kind="price",
                text=turn.words,
                cause=turn.message_id,
                sku=product.sku if product else None,
                sentiment=turn.sentiment,
            )
        reply = await self._answer(turn, context, product, shown)
        # Nobody who balks at the price wants to be asked for their address next.
        return reply.with_events(*leave(), *set_slots(checkout_open=None)) if turn.loop else reply

    async def _answer(
        self, turn: Turn, context: ActionsContext, product: Product | None, shown: tuple[Product, ...]
    ) -> Reply:
        if product is not None and product.active:
            return await _about(product, turn, context)
        if shown:
            return await _about_all(shown, turn, context)
        return say(
            "Fair enough. Tell me what you'd like to spend and on what, and I'll show you the best for that.",
            button("Find a product", "find_product", choice="keep_looking"),
            *to("ask_discount"),
        )


async def _about(product: Product, turn: Turn, context: ActionsContext) -> Reply:
    price = money(product.price, product.currency)
    cheaper = await cheaper_than(context, product, turn)
    parts = [
        f"I understand: {price} is a lot for the {product.name} if it's more than you planned.",
        worth(product, context),
        f"All in, {delivery_part(product.price, context.shop)}.",
    ]
    buttons = (*to("request_quote"), *to("ask_discount"), button("Talk to a person", "human"))
    if not cheaper:
        parts.append("I have nothing of the kind that costs less, so I won't pretend I do.")
        return say(" ".join(part for part in parts if part), *buttons, events=set_slots(focus=product.sku))
    least = min(one.price for one in cheaper)
    parts.append(
        f"If that's not worth it to you, these come close and start at {money(least, product.currency)}:"
    )
    reply = _with_cards(" ".join(part for part in parts if part), cheaper, turn, context, *buttons)
    # It is still the dear one that is talked about: "all right, I'll take it".
    return reply.with_events(*set_slots(focus=product.sku))


async def _about_all(shown: tuple[Product, ...], turn: Turn, context: ActionsContext) -> Reply:
    need = Need.from_slot(turn.slot("need"))
    least = min(product.price for product in shown)
    category = shown[0].category
    kind = category_name(category, context.vocabulary) or "products"
    cheaper = await cheaper_in(context, category, least, need)
    if not cheaper and turn.previous and turn.previous.intent == "price_objection":
        return say(
            f"That is all I can do about the price of {kind}; I won't show you worse for more. A colleague may know "
            "of a returned or last year's one. Or tell me what you can spend, and what it must do at least.",
            button("Talk to a person", "human"),
            button("Find something else", "find_product", choice="keep_looking"),
        )
    if not cheaper:
        return say(
            f"I understand. {money(least, context.shop.currency)} is the least that I can offer among our {kind} "
            "with what you asked for. Shall I look without some of your wishes, or for something else?",
            button("Find something else", "find_product", choice="keep_looking"),
            *to("ask_discount"),
            button("Talk to a person", "human"),
        )
    start = min(product.price for product in cheaper)
    return _with_cards(
        f"I understand; these {kind} cost less, from {money(start, context.shop.currency)}:",
        cheaper,
        turn,
        context,
    )


def _with_cards(
    text: str, products: tuple[Product, ...], turn: Turn, context: ActionsContext, *buttons: dict[str, str]
) -> Reply:
    need = Need.from_slot(turn.slot("need"))
    asked = query(need if need.category == products[0].category else Need(category=products[0].category))
    skus = [product.sku for product in products]
    return say(
        text,
        button("Cheaper still", "refine_search", choice="cheaper"),
        *buttons,
        custom=cards(products, asked, context.vocabulary) | exposed.shown("similar", skus),
        events=set_slots(
            need=_kept(need, products).as_slot(), shown=skus, focus=skus[0] if len(skus) == 1 else None
        ),
    )


def _kept(need: Need, products: tuple[Product, ...]) -> Need:
    """The need that later wishes refine: of the kind that is on the screen now."""
    category = products[0].category
    return need if need.category == category else Need(category=category, asked=True)


USE_CASE = UseCase(readings={"price_objection": Reading("It's too expensive", AnswerPriceObjection())})
