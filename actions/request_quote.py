"""Quotes: asking for one, seeing it again, and ordering what it offers while it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from actions.bulk_purchase import refused
from actions.find import show, updated_need
from actions.support import fields
from actions.support.base import ShopAction, WritingAction
from actions.support.form import SKIP, Answer, Ask, FormValidator, clear_form
from actions.support.quantities import pieces
from actions.support.quote_text import quote_head, quote_table, saved_text, wanted_lines
from actions.support.quoted import seen_again, start_order
from actions.support.reference import shown_products
from actions.support.reply import Reply, button, enter, listed, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Form, Offer, Reading, UseCase
from crm import quote_number
from crm.database import UnitOfWork
from crm.errors import CrmError, InvalidInput, NotFound
from crm.people import checked_text
from crm.sales_views import QuoteView
from crm.services import carts, catalogue, quotes
from crm.services.quotes import Wanted
from parley.bootstrap import ActionsContext

INTENT = "request_quote"
FORM = "quote_form"
MORE = re.compile(r"\b(add|also|too|as well|plus|put|include|on top)\b", re.IGNORECASE)
COMPANY_LENGTH = 120
ACCEPT = re.compile(
    r"\b(accept|go ahead|go with|take) (your |the |this |that |my )?(quot\w*|offer)|\baccept\b"
    r"|\b(go ahead with|order (it )?according to|place the order)\b|\bquote is (fine|ok|okay|good)\b",
    re.IGNORECASE,
)
SEE = re.compile(
    r"\b(show|see|read|find|what happened to|where is|send).{0,20}\b(my|the) (quote|quotation|offer)( again)?\b"
    r"|\b(quote|offer) still (valid|good|open)\b|\bmy quote\b",
    re.IGNORECASE,
)
# About a quote that was made: how long it holds, what is in it.
ABOUT = re.compile(
    r"\b(expire|expires|expiry|valid|holds?|good (for|until)|until when|how long|what.?s in|when does)\b.*"
    r"\b(quot\w*|offer|it)\b|\b(quot\w*|offer)\b.*\b(expire|expires|expiry|valid|holds?|until when|how long)\b",
    re.IGNORECASE,
)
ANEW = re.compile(r"\b(new|another|redo|instead|different|change)\b", re.IGNORECASE)
PRIVATE = re.compile(
    r"\b(private(ly)?|no company|myself|just me|personal(ly)?|for me|not a company|individual)\b",
    re.IGNORECASE,
)
COMPANY_LEAD = re.compile(
    r"^\W*(?:(?:it'?s|it is|the company is|company(?: name)?(?: is)?|for|we are|we'?re|yes|called"
    r"|make it out to)\b\W*)*",
    re.IGNORECASE,
)


class StartQuote(ShopAction):
    """Begin with what was said or lies in the cart; or show and accept the quote that there is."""

    action = "action_start_quote"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        number = quote_number.find(turn.words)
        async with context.database.read() as uow:
            quote = await quotes.latest_of_conversation(uow, turn.conversation_id, number=number)
            cart = await carts.view(uow, turn.conversation_id)
            lines = await wanted_lines(turn, cart, uow)
        accepts = ACCEPT.search(turn.words) and not ANEW.search(turn.words)
        if turn.choice == "accept" or turn.intent == "affirm" or accepts:
            return start_order(quote, number)
        if (
            quote is not None
            and quote.status == "open"
            and MORE.search(turn.words)
            and turn.any_of("product")
        ):
            lines = _together(quote, lines)
        if quote is not None and ABOUT.search(turn.wording) and not ANEW.search(turn.words):
            return seen_again(quote)
        if quote is not None and SEE.search(turn.words) and not ANEW.search(turn.words):
            return seen_again(quote)
        if not lines and isinstance(turn.value("category"), str):
            return await self._choose(turn, context)
        return Reply(events=enter(FORM, **_known(lines), **_contacts(turn)))

    async def _choose(self, turn: Turn, context: ActionsContext) -> Reply:
        """A kind of product was named and no product: show some, and remember how many."""
        found = await show(await updated_need(turn, context), context)
        many = pieces(turn)
        lead = f"Which one shall I quote{f', {many} pieces' if many else ''}? Say “the second one”, or name another."
        return say(lead).then(found).with_events(*set_slots(bulk_quantity=many, offer={"kind": "refine"}))


def _together(quote: QuoteView, lines: list[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    """The quote's lines with those that shall be on it, too: a new quote for all of them."""
    added = {sku for sku, _ in lines}
    return [*((line.sku, line.quantity) for line in quote.lines if line.sku not in added), *lines]


def _known(lines: list[tuple[str, int | None]]) -> dict[str, Any]:
    complete = bool(lines) and all(quantity for _, quantity in lines)
    missing = next((sku for sku, quantity in lines if not quantity), None)
    return {
        "quote_lines": [list(line) for line in lines] if complete else None,
        "quote_item": None if complete else missing,
        "quote_company": None,
    }


def _contacts(turn: Turn) -> dict[str, Any]:
    """Whom it is for, as far as the message says so."""
    email = fields.email(str(turn.value("email") or turn.words))
    name, company = turn.value("name"), turn.value("company")
    said = {"contact_email": email, "contact_name": name, "quote_company": company}
    return {slot: value for slot, value in said.items() if isinstance(value, str)}


class ValidateQuoteForm(FormValidator):
    """Reads products and numbers, a name, an e-mail address, and a company or none."""

    form = FORM
    own_intent = INTENT
    why: ClassVar[Mapping[str, str]] = {
        "contact_name": "So that the quote is made out to somebody.",
        "contact_email": "So that my colleagues can send it to you and know whose it is; it's used for nothing else.",
        "quote_company": "So that your bookkeeping can use it. You can skip it.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        slot = turn.requested_slot
        if ACCEPT.search(turn.words) or (turn.choice == "accept"):
            return None
        if slot == "quote_lines":
            return await self._lines(turn, context)
        if self.interrupts(turn, free_text=self._is_answer(turn)):
            return None
        if slot == "contact_name":
            return self._name(turn)
        if slot == "contact_email":
            return self._email(turn)
        return self._company(turn)

    def _is_answer(self, turn: Turn) -> bool:
        if turn.requested_slot == "contact_name":
            return fields.name(turn.words) is not None and turn.intent != "faq"
        if turn.requested_slot == "contact_email":
            return fields.email(turn.words) is not None
        return not fields.is_question(turn.words) and len(turn.words.split()) <= 6

    async def _lines(self, turn: Turn, context: ActionsContext) -> Answer | None:
        product_said = turn.any_of("product") or turn.any_of("ordinal")
        if not product_said and self.interrupts(turn):
            return None
        async with context.database.read() as uow:
            cart = await carts.view(uow, turn.conversation_id)
            item, many = turn.slot("quote_item"), pieces(turn)
            lines = (
                [(item, many)] if item and many and not product_said else await wanted_lines(turn, cart, uow)
            )
        if lines and all(quantity and quantity > 0 for _, quantity in lines):
            return Answer({"quote_lines": [list(line) for line in lines], "quote_item": None})
        if lines:
            missing = next(sku for sku, quantity in lines if not quantity)
            return Answer({"quote_lines": None, "quote_item": missing})
        if fields.is_question(turn.words) or turn.intent == "thanks":
            return None
        return self.again(turn, "I need a product and a number for that, such as “12 of the first one”.")

    def _name(self, turn: Turn) -> Answer | None:
        email = fields.email(turn.words)
        if name := fields.name(turn.words):
            return Answer({"contact_name": name, **({"contact_email": email} if email else {})})
        if fields.is_question(turn.words) or turn.intent == "thanks":
            return None
        return self.again(turn, "I didn't catch a name there.")

    def _email(self, turn: Turn) -> Answer | None:
        if email := fields.email(str(turn.value("email") or turn.words)):
            return Answer({"contact_email": email})
        if fields.is_question(turn.words) or turn.intent == "thanks":
            return None
        return self.again(turn, "I need an e-mail address like name@example.com for the quote.")

    def _company(self, turn: Turn) -> Answer | None:
        text = turn.words
        if turn.choice == "skip" or turn.intent == "deny" or SKIP.search(text) or PRIVATE.search(text):
            return Answer({"quote_company": False})
        if fields.is_question(text) or turn.intent == "thanks":
            return None
        named = turn.value("company")
        company = named if isinstance(named, str) else COMPANY_LEAD.sub("", text).strip(" .!,")
        if turn.intent == "affirm" and not company:
            return Answer({"quote_company": None}, "What's the company called?")
        try:
            return Answer({"quote_company": checked_text("company", company, COMPANY_LENGTH)})
        except InvalidInput:
            return self.again(turn, "I can't read a company's name in that; you can also skip it.")


class AskQuoteLines(ShopAction):
    """What is missing: the product, or how many of it."""

    action = "action_ask_quote_form_quote_lines"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        item = turn.slot("quote_item")
        async with context.database.read() as uow:
            product = await catalogue.get(uow, item) if isinstance(item, str) else None
            on_screen = await shown_products(turn, uow)
        if product is not None:
            numbers = [tier.least for tier in context.shop.selling.tiers if tier.percent is not None][:3]
            return say(
                f"How many of the {product.name} shall the quote be for?",
                *(button(str(n), INTENT, product=product.sku, quantity=str(n)) for n in numbers),
            )
        choices = (button(one.name, INTENT, product=one.sku) for one in on_screen[:3])
        return say("Gladly. Which product shall I quote, and how many of it?", *choices)


class AskQuoteName(Ask):
    action = "action_ask_quote_form_contact_name"
    text = "Whose name shall the quote carry?"


class AskQuoteEmail(Ask):
    action = "action_ask_quote_form_contact_email"
    text = "Which e-mail address belongs on it? It is used for this quote only."


class AskQuoteCompany(Ask):
    action = "action_ask_quote_form_quote_company"
    text = "Is it for a company? Then tell me its name."
    buttons = (button("No company", "inform", choice="skip"),)


class MakeQuote(WritingAction):
    """Makes the quote, once, and shows it."""

    action = "action_make_quote"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        lines, company = turn.slot("quote_lines"), turn.slot("quote_company")
        if not lines or company is None:
            return Reply()
        quote = await quotes.make(
            uow,
            turn.conversation_id,
            [Wanted(str(sku), int(quantity)) for sku, quantity in lines],
            name=str(turn.slot("contact_name")),
            email=str(turn.slot("contact_email")),
            company=str(company) if company else None,
            cause=turn.message_id,
        )
        short = (await quotes.calculate(uow, [Wanted(line.sku, line.quantity) for line in quote.lines])).short
        names = {line.sku: line.name for line in quote.lines}
        stock = listed(f"{left or 'none'} of the {names[sku]}" for sku, left in short)
        parts = [quote_head(quote), saved_text(quote)]
        parts += (
            [f"Right now we have {stock} in stock; a colleague can tell you when the rest comes."]
            if stock
            else []
        )
        return say(
            " ".join(filter(None, parts)),
            button("Accept the quote", INTENT, choice="accept"),
            button("Call me back", "callback"),
            button("Find something else", "find_product", choice="keep_looking"),
            custom={"table": quote_table(quote)},
            events=(
                *clear_form("quote_lines", "quote_item", "quote_company", "bulk_quantity"),
                *set_slots(quote_number=quote.number, offer={"kind": "quote"}),
            ),
        )

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        cleared = clear_form("quote_lines", "quote_item", "quote_company")
        if isinstance(error, NotFound):
            return say(
                "One of these products isn't sold any more, I'm sorry. Shall I look for something like it?",
                button("Find a product", "find_product"),
                events=cleared,
            )
        if isinstance(error, InvalidInput) and error.field in ("name", "email"):
            slot = f"contact_{error.field}"
            return say(f"I couldn't make the quote: {error.fix}.", events=enter(FORM, **{slot: None}))
        return refused(error, context).with_events(*cleared)


USE_CASE = UseCase(
    readings={INTENT: Reading("Make me a quote", StartQuote(), about_product=True)},
    offers={
        "quote": Offer(
            StartQuote(),
            say(
                "No hurry, the quote holds until its last day. What else can I do?",
                button("Find a product", "find_product", choice="keep_looking"),
                button("Call me back", "callback"),
            ),
        )
    },
    forms={
        FORM: Form(
            "OK, I won't make a quote; nothing was kept.",
            "asking for a quote",
            ("quote_lines", "quote_item", "quote_company"),
        )
    },
)
