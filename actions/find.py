"""Finding products: what is missing is asked, once; then cards, which every later wish refines."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from actions.faq import faq_answer
from actions.support.asked_thing import is_among
from actions.support.base import ShopAction
from actions.support.cards import cards
from actions.support.form import Answer, FormValidator, missed
from actions.support.need import Need, Wish
from actions.support.needs_text import category_name, constraints
from actions.support.other_brands import not_sold, told_first
from actions.support.reference import resolve, shown_products
from actions.support.refine import is_only_relative, refined
from actions.support.reply import Button, Reply, button, enter, leave, listed, round_money, say, set_slots
from actions.support.search import Found, find, query, with_kind
from actions.support.turn import Entity, Turn
from actions.support.use_cases import Form, Reading, UseCase, readings
from models.search import Query
from parley.bootstrap import ActionsContext

FORM = "search_form"
FRESH = {"need": None, "search_category": None, "search_budget": None, "focus": None, "form_misses": None}
# "The bigger one": one of those on the screen, and no wish for another.
POINTED = re.compile(
    r"\W*((and|ok|okay|hm+|then|what about|how about|i.?ll take|i take|let.?s take|give me|gimme) )*"
    r"(the|that) ([\w-]+ ){1,3}"
    r"(one|model|(one )?of (them|these|those|the (three|lot|bunch)|all( three)?))( please| pls| then)?\W*",
    re.IGNORECASE,
)
FIRST_CATEGORIES = 6
MOST_TRIES = 2
REFINEMENTS = (
    button("Cheaper", "refine_search", choice="cheaper"),
    button("Another brand", "refine_search", choice="other_brand"),
    button("Show me more", "refine_search", choice="more"),
)
INSTEAD = re.compile(r"\b(actually|rather|instead|no)\b", re.IGNORECASE)
# A message of so many words says what it is for; asking again would be a nuisance.
TELLING_WORDS = 6


class SearchProducts(ShopAction):
    """Takes the message into the need; asks for what is missing, or shows three products."""

    action = "action_search_products"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.choice == "keep_looking":
            return Reply(events=enter(FORM, **FRESH))
        if POINTED.fullmatch(turn.wording) and turn.slot("shown") and turn.loop is None:
            async with context.database.read() as uow:
                meant = await resolve(turn, uow, vocabulary=context.vocabulary.attributes)
            details = readings()["product_details"].action
            if meant.product is not None and details is not None:
                pointed = Entity("product", meant.product.sku)
                return await details.answer(replace(turn, entities=(*turn.entities, pointed)), context)
        return told_first(await self._found(turn, context), not_sold(turn, context.shop))

    async def _found(self, turn: Turn, context: ActionsContext) -> Reply:
        need = await updated_need(turn, context)
        if need.category is None and turn.slot("search_category") == "any" and not await known(need, context):
            return say(
                "I can't find that in our shop, I'm sorry. Shall I fetch a person who can help?",
                button("Talk to a person", "human"),
                button("Find something else", "find_product", choice="keep_looking"),
                events=(*leave(), *set_slots(**FRESH), *set_slots(offer={"kind": "human"})),
            )
        if (missing := _missing(turn, need)) and not await _told_without_a_kind(need, context):
            return Reply(events=enter(FORM, need=need.as_slot(), **missing))
        return (await show(need, context)).with_events(*(leave() if turn.loop == FORM else ()))


async def known(need: Need, context: ActionsContext) -> bool:
    """True when the shop has to do with the customer's words. A single word is too little without a kind of product:
    bicycles are mentioned here and there in a shop that sells none.
    """
    if need.brands or need.attributes:
        return True
    hits = await asyncio.to_thread(context.index.search, query(need), 1) if need.text else []
    return any(
        len(hit.evidence.matched) >= (1 if need.category else 2)
        and (need.category is not None or is_among(need.text, hit.evidence.matched))
        for hit in hits
    )


async def _told_without_a_kind(need: Need, context: ActionsContext) -> bool:
    """True for "something to read and write notes on like paper": no kind of product is named, but so much is said that
    three products answer it better than a question would.
    """
    return need.category is None and _is_telling(need) and await known(need, context)


def _is_telling(need: Need) -> bool:
    return len(" ".join(need.words).split()) >= TELLING_WORDS


async def updated_need(turn: Turn, context: ActionsContext) -> Need:
    """The need in the slot with the message's wishes, absolute and relative; a message counts once."""
    before = Need.from_slot(turn.slot("need"))
    if before.turn == turn.message_id:
        return before
    attributes = context.vocabulary.attributes
    relative = is_only_relative(turn, attributes)
    if not relative:
        # What is looked for is known before what is on the screen, and takes longest.
        context.index.begin(_with_words(before, turn, keep=True).text)
    async with context.database.read() as uow:
        shown = await shown_products(turn, uow)
    need = _with_words(before, turn, keep=not (relative and shown))
    if need.category == before.category and turn.any_of("category") and INSTEAD.search(turn.words):
        need = _of_another_sort(need, turn, context)
    need = await with_kind(need, context)
    if need.category != before.category:
        need = _sensible_budget(need, turn, context)
        shown = ()
    need = refined(need, turn, shown, attributes)
    if turn.intent == "refine_search" and shown and _same_wishes(need, before):
        # "These are ugly" names nothing to filter by, but it is a no to what is on the screen.
        need = replace(
            need, exclude=tuple(dict.fromkeys((*need.exclude, *(product.sku for product in shown))))
        )
    return need


def _of_another_sort(need: Need, turn: Turn, context: ActionsContext) -> Need:
    """ "Actually no, earbuds": the same kind of product, but not of the sort or colour wished for so far."""
    said = {wish.name for entity in turn.each("attribute") if (wish := Wish.of(entity.value))}
    attributes = context.vocabulary.attributes
    kept = tuple(
        wish
        for wish in need.attributes
        if wish.name in said
        or (known := attributes.get(wish.name)) is None
        or known.kind != "word"
        or known.many
    )
    return replace(need, attributes=kept)


def _with_words(need: Need, turn: Turn, *, keep: bool) -> Need:
    return need.merged(turn, keep_words=keep and turn.intent not in ("affirm", "deny", "faq"))


def _same_wishes(need: Need, before: Need) -> bool:
    return replace(need, turn=before.turn, words=before.words, asked=before.asked) == before


def _sensible_budget(need: Need, turn: Turn, context: ActionsContext) -> Need:
    """A budget for the last kind of product is kept for another only if it says something about that one."""
    if need.price_max is None or turn.any_of("price"):
        return need
    prices = _prices(context, need.category)
    if prices and min(prices) < need.price_max < max(prices):
        return need
    return replace(need, price_min=None, price_max=None, asked=False, relative_price=False, about=None)


def _prices(context: ActionsContext, category: str | None) -> list[Decimal]:
    """What the category's products cost, ascending."""
    return context.index.prices(Query(category=category, in_stock=False)) if category else []


def _missing(turn: Turn, need: Need) -> dict[str, object]:
    """The form's slots when something has to be asked; empty when the search can go ahead."""
    if turn.choice == "just_show":
        return {}
    budget_known = (
        need.asked or need.constrained or _is_telling(need) or bool(need.prefer) or need.sort is not None
    )
    category_known = need.category is not None or bool(need.brands) or turn.slot("search_category") == "any"
    if not category_known:
        return {"search_category": None, "search_budget": True if budget_known else None}
    if need.category is not None and not budget_known and not turn.slot("search_budget"):
        return {"search_category": True, "search_budget": None}
    return {}


async def show(need: Need, context: ActionsContext) -> Reply:
    """Three cards and one sentence, both from the same products."""
    found = await find(context, need)
    if not found.products:
        return say(
            "I'm sorry, we don't have anything like that. I can look for something else, or a colleague can help.",
            button("Find a product", "find_product", choice="keep_looking"),
            button("Talk to a person", "human"),
            events=set_slots(need=need.as_slot()),
        )
    intro = _intro(found, need, context)
    # Neither "around 1000" nor a limit that was moved is one that a card's reason could boast of keeping.
    kept = need.about is None and found.query.price_max == need.price_max
    fits = found.query if kept else replace(found.query, price_max=None)
    if found.relaxed and need.relative_price:
        # "Cheaper" is about what was on the screen then; kept, it would spoil every later search.
        need = replace(need, price_min=None, price_max=None, relative_price=False)
    skus = [product.sku for product in found.products]
    return say(
        intro,
        *REFINEMENTS,
        custom=cards(found.products, fits, context.vocabulary),
        events=set_slots(
            need=replace(need, asked=True).as_slot(),
            shown=skus,
            focus=skus[0] if len(skus) == 1 else None,
            search_category=None,
            search_budget=None,
            form_misses=None,
            offer={"kind": "refine"},
        ),
    )


def _intro(found: Found, need: Need, context: ActionsContext) -> str:
    if found.relaxed:
        return found.relaxed
    count = len(found.products)
    kind = category_name(need.category, context.vocabulary)
    number = {1: "one", 2: "two", 3: "three"}[count]
    held = {
        wish.name: wish.op for wish in found.query.attributes
    }  # as the cards keep them: "at least 128 GB"
    kept = replace(
        need, attributes=tuple(replace(w, op=held[w.name]) for w in need.attributes if w.name in held)
    )
    wishes = constraints(kept, context.vocabulary)
    told = f" {listed(wishes)}" if wishes else ""
    if count == 1:
        return f"I found one match{f' among our {kind}' if kind else ''}{told}:"
    what = kind or "products"
    first = {"price": ", cheapest first", "-price": ", most expensive first"}.get(
        need.sort or "", ", best match first"
    )
    if (
        sorted_by := context.vocabulary.attributes.get((need.sort or "").removeprefix("-"))
    ) and sorted_by.words:
        way = "from high to low" if str(need.sort).startswith("-") else "from low to high"
        first = f", by {sorted_by.words[0]} {way}"
    return f"Here are {number} {what}{told}{first}:"


class ValidateSearchForm(FormValidator):
    """Any answer moves the search on: what it says is taken in, and the same question never comes twice."""

    form = FORM
    own_intent = "find_product"

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        says_something = any(
            turn.any_of(name) for name in ("category", "price", "brand", "attribute", "choice")
        )
        if turn.intent in ("refine_search", "inform") or (
            says_something and turn.intent in ("nlu_fallback", "affirm", "deny")
        ):
            interrupted = False
        else:
            interrupted = self.interrupts(turn) or (
                turn.intent in ("thanks", "nlu_fallback") and not turn.words.strip()
            )
        if interrupted or (not says_something and await faq_answer(turn, context)):
            return None
        need = await updated_need(turn, context)
        slots: dict[str, object] = {"need": need.as_slot()}
        if turn.requested_slot == "search_category":
            if need.category is None and not await known(need, context) and missed(turn) < MOST_TRIES - 1:
                return self.again(turn, "We don't seem to have that, or I know it under another name.")
            slots["search_category"] = need.category or "any"
            if need.asked or need.constrained or need.category is None:
                slots["search_budget"] = True
        else:
            slots["search_budget"] = True
            slots["need"] = replace(need, asked=True).as_slot()
        return Answer(slots)


class AskSearchCategory(ShopAction):
    """What kind of product? With the shop's own categories to press."""

    action = "action_ask_search_category"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        sold = [
            category
            for category in context.vocabulary.categories.values()
            if context.index.count(Query(category=category.slug, in_stock=False))
        ]
        buttons = [
            button(category.name, "inform", category=category.slug) for category in sold[:FIRST_CATEGORIES]
        ]
        return say("Happy to help. What kind of product are you looking for?", *buttons)


class AskSearchBudget(ShopAction):
    """The one question about money and use; its amounts come from the category's own prices."""

    action = "action_ask_search_budget"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        need = Need.from_slot(turn.slot("need"))
        buttons = budget_buttons(_prices(context, need.category))
        category = context.vocabulary.categories.get(need.category or "")
        hint = f" (for example {category.used_for})" if category and category.used_for else ""
        return say(f"What will you mainly use it for{hint}, and how much would you like to spend?", *buttons)


def budget_buttons(prices: list[Decimal]) -> list[Button]:
    """Two round limits that split the range into thirds, and two ways past the question."""
    limits: list[Decimal] = []
    if len(prices) >= 3:
        for share in (1, 2):
            limit = _round_up(prices[len(prices) * share // 3])
            if limit not in limits:
                limits.append(limit)
    return [
        *(button(f"Up to {round_money(limit)}", "inform", price=str(limit)) for limit in limits),
        button("No limit", "inform", choice="no_limit"),
        button("Just show me", "inform", choice="just_show"),
    ]


def _round_up(price: Decimal) -> Decimal:
    """To the next 10, 50 or 100, as people think of budgets."""
    step = Decimal(10) if price < 100 else Decimal(50) if price < 500 else Decimal(100)
    return (price / step).to_integral_value(ROUND_CEILING) * step


USE_CASE = UseCase(
    readings={
        "find_product": Reading("Find a product", SearchProducts()),
        "refine_search": Reading("Change the search", SearchProducts()),
    },
    forms={
        FORM: Form(
            "OK, we'll leave the search.", "looking for a product", ("search_category", "search_budget")
        )
    },
    starts_over=("need", "shown", "focus", "refused"),
)
