"""Another shop is mentioned: what isn't known is said, and what speaks for buying here, from the shop's own rules."""

from __future__ import annotations

import asyncio

from actions.support.base import WritingAction
from actions.support.reply import Reply, button, money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase, to
from actions.support.worth import delivery_part, talked_about
from crm.database import UnitOfWork
from crm.services import feedback
from crm.views import Product
from parley.bootstrap import ActionsContext

# What the shop's FAQ is asked on the customer's behalf.
MATCH = "Do you match the prices of other shops?"
RETURNS = "What is your return policy?"


class AnswerCompetitor(WritingAction):
    """Keeps the mention with the deal, and answers with facts: the whole price, the stock, the price-match rule."""

    action = "action_answer_competitor"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        product = await talked_about(turn, uow)
        if turn.words:
            await feedback.keep(
                uow,
                conversation_id=turn.conversation_id,
                kind="competitor",
                text=turn.words,
                cause=turn.message_id,
                sku=product.sku if product else None,
                sentiment=turn.sentiment,
            )
        parts = [
            "I can't see other shops' prices, so I won't claim that we're always the cheapest.",
            _price_facts(product, context) if product and product.active else "",
            await _rule(context, MATCH),
            "" if product else await _rule(context, RETURNS),
        ]
        add = (
            (button("Add to cart", "add_to_cart", product=product.sku),)
            if product and product.active and product.stock > 0
            else ()
        )
        return say(
            " ".join(part for part in parts if part),
            *add,
            *to("request_quote"),
            button("Talk to a person", "human"),
            events=set_slots(focus=product.sku) if product else (),
        )


def _price_facts(product: Product, context: ActionsContext) -> str:
    """What to compare: with VAT, with delivery, and whether it is there."""
    there = "it's in stock" if product.stock > 0 else "it's sold out at the moment"
    return (
        f"Here the {product.name} is {money(product.price, product.currency)} including VAT, "
        f"{delivery_part(product.price, context.shop)}, and {there}."
    )


async def _rule(context: ActionsContext, question: str) -> str:
    """The shop's own answer to a question; empty where its FAQ has none."""
    hit = await asyncio.to_thread(context.faq.best, question)
    return hit.answer if hit else ""


USE_CASE = UseCase(readings={"competitor": Reading("It's cheaper elsewhere", AnswerCompetitor())})
