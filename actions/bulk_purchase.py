"""Many pieces: what they cost by the shop's own rules, with and without VAT, and the way to a quote."""

from __future__ import annotations

import re

from actions.find import show, updated_need
from actions.support.base import ShopAction
from actions.support.quantities import line_text, pieces, stock_text, tier_table, tiers_text
from actions.support.reference import resolve
from actions.support.reply import Button, Reply, button, money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from crm.errors import CrmError, InvalidInput, NeedsOffer
from crm.services import quotes
from crm.services.quotes import Wanted
from crm.views import Product
from parley.bootstrap import ActionsContext

INTENT = "bulk_purchase"
WITHOUT_VAT = re.compile(
    r"\b(net|ex(cl(uding)?|\.)?|without|no|tax[- ]?free|less)\b.{0,12}\b(vat|tax|taxes|price|prices|prcing)\b"
    r"|\b(vat|tax) ?(id|number|free)\b|\breverse charge\b|\btax free\b",
    re.IGNORECASE,
)
VAT = (
    "An invoice without VAT, for companies in other EU countries, is written by a colleague: ask me for a call and "
    "have your VAT number ready."
)


class AnswerBulk(ShopAction):
    """A price where product and number are known, else the rules and what is missing."""

    action = "action_answer_bulk"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        quantity = pieces(turn)
        async with context.database.read() as uow:
            product = (await resolve(turn, uow, vocabulary=context.vocabulary.attributes)).product
        kind = turn.value("category")
        named = turn.any_of("product") or turn.any_of("ordinal")
        if isinstance(kind, str) and not named and (product is None or product.category != kind):
            product = None
        vat = VAT if WITHOUT_VAT.search(turn.words) else ""
        if product is not None and product.active:
            reply = await self._priced(product, quantity, context)
            return _with(reply, vat)
        lead = " ".join(filter(None, (rules_text(context), vat)))
        if isinstance(kind, str):
            found = await show(await updated_need(turn, context), context)
            return (
                say(f"{lead} Choose one, and I'll tell you what {quantity or 'so many'} of it cost.")
                .then(found)
                .with_events(*set_slots(bulk_quantity=quantity))
            )
        return say(
            f"{lead} What do you need, and how many?",
            button("Find a product", "find_product", choice="keep_looking"),
            button("Call me back", "callback"),
            events=set_slots(bulk_quantity=quantity),
        )

    async def _priced(self, product: Product, quantity: int | None, context: ActionsContext) -> Reply:
        events = set_slots(focus=product.sku, bulk_quantity=quantity)
        if quantity is None:
            tiers = context.shop.selling.tiers
            prices = tier_table(product, tiers, context.shop.vat_rate)
            text = f"The {product.name} by quantity. " if prices else ""
            return say(
                f"{text}{rules_text(context)} How many do you need?",
                custom={"table": prices} if prices else None,
                events=events,
            )
        try:
            async with context.database.read() as uow:
                sums = await quotes.calculate(uow, [Wanted(product.sku, quantity)])
        except CrmError as error:
            return refused(error, context).with_events(*events)
        delivery = (
            "Delivery is free."
            if sums.delivery == 0
            else f"Delivery is {money(sums.delivery, sums.currency)}."
        )
        line = line_text(sums.lines[0], context.shop.vat_rate, sums.currency)
        return say(
            " ".join(filter(None, (f"{line}.", delivery, stock_text(sums)))),
            button("Make it a quote", "request_quote", product=product.sku, quantity=str(quantity)),
            *_cart_button(product, quantity, context),
            button("Call me back", "callback"),
            events=events,
        )


def _cart_button(product: Product, quantity: int, context: ActionsContext) -> tuple[Button, ...]:
    """At the shop's plain price the cart will do."""
    tiers = context.shop.selling.tiers
    least = min((tier.least for tier in tiers), default=context.shop.max_quantity + 1)
    if quantity < least and quantity <= min(product.stock, context.shop.max_quantity):
        return (button("Add to cart", "add_to_cart", product=product.sku, quantity=str(quantity)),)
    return ()


def rules_text(context: ActionsContext) -> str:
    """The shop's quantity rules in one sentence, also when there are none."""
    told = tiers_text(context.shop.selling.tiers)
    if told:
        return f"For larger numbers there is {told}."
    return "However many you take, one costs the same; I can still write you a quote."


def refused(error: CrmError, context: ActionsContext) -> Reply:
    """Why there is no price for so many, with the way on."""
    if isinstance(error, NeedsOffer):
        return say(
            f"From {error.least} pieces on a colleague makes you an offer of your own. Shall I have somebody call you?",
            button("Yes, call me", "callback"),
            button("Talk to a person", "human"),
            events=set_slots(offer={"kind": "callback"}),
        )
    if isinstance(error, InvalidInput) and error.field == "quantity":
        return say("How many shall it be? At least one, and no more than a hundred thousand.")
    if isinstance(error, InvalidInput):
        return say("Which products, and how many of each?", button("Show my cart", "show_cart"))
    raise error


def _with(reply: Reply, sentence: str) -> Reply:
    return reply.then(say(sentence)) if sentence else reply


USE_CASE = UseCase(
    readings={INTENT: Reading("Prices for many pieces", AnswerBulk(), about_product=True)},
    starts_over=("bulk_quantity",),
)
