"""For you: from what this conversation has ordered, looked at and said; with nothing known, what most people buy."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from actions.find import known as is_known
from actions.support.base import ShopAction
from actions.support.cards import details_card
from actions.support.known import Known, known_so_far, refusing
from actions.support.need import Need
from actions.support.recommended import CARDS, SPARE, Pick, borne_out, cards_of, skus_of
from actions.support.reference import compared_first, shown_products
from actions.support.reply import Button, Reply, button, listed, say, set_slots
from actions.support.search import query
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from models.reasons import reason
from models.recommend import Recommendation
from models.search import Hit, Query
from parley.bootstrap import ActionsContext

INTENT = "recommend_for_me"
HITS = 20
OF_THESE = re.compile(
    r"\bwhich (one|of (them|these|those|the (two|three|four)))\b|\bif you were me\b|\b(best )?of (these|those|them)\b"
    r"|\bwould you (take|buy|pick|choose|get|go (for|with))\b|\bout of (these|those|them)\b",
    re.IGNORECASE,
)
FIRST_CATEGORIES = 3


class RecommendForMe(ShopAction):
    """Three products for this customer, each with its reason, and what they rest on."""

    action = "action_recommend_for_me"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        more = turn.choice == "more"
        if OF_THESE.search(turn.wording) and (pick := await _of_these(turn, context)):
            return pick
        refused = refusing(turn) if more else None
        async with context.database.read() as uow:
            known = await known_so_far(turn, uow)
        if refused:
            known = replace(known, refused=tuple(dict.fromkeys((*known.refused, *refused))))
        need = await said_need(turn, context)
        wanted = replace(query(need), exclude=known.avoid)
        found = await asyncio.to_thread(_recommended, context, wanted, need, known)
        picks = await borne_out(context, found)
        changed = set_slots(refused=refused) if refused else ()
        if not picks:
            return _nothing(known, context).with_events(*changed)
        skus = skus_of(picks)
        slot = need if need.category else replace(need, category=picks[0].product.category)
        return say(
            _intro(picks, known, need),
            *_buttons(known, need, context),
            custom=cards_of(picks, context),
            events=(
                *changed,
                *set_slots(
                    shown=skus,
                    focus=skus[0] if len(skus) == 1 else None,
                    need=replace(slot, asked=True).as_slot(),
                    offer={"kind": "refine"},
                ),
            ),
        )


async def _of_these(turn: Turn, context: ActionsContext) -> Reply | None:
    """Which of those on the screen: the one that fits best what was asked for, with what speaks for it."""
    async with context.database.read() as uow:
        shown = compared_first(turn, await shown_products(turn, uow))
    if len(shown) < 2:
        return None
    need = Need.from_slot(turn.slot("need"))
    fitting = query(need if need.category == shown[0].category else Need(category=shown[0].category))
    hits = await asyncio.to_thread(context.index.search, fitting, HITS)
    order = {hit.sku: place for place, hit in enumerate(hits)}
    best = min(shown, key=lambda product: order.get(product.sku, HITS))
    why = reason(best, fitting, context.vocabulary)
    return say(
        f"From what you told me I'd take the {best.name}: {why[:1].lower()}{why[1:]}.",
        custom=details_card(best, fitting, context.vocabulary),
        events=set_slots(focus=best.sku),
    )


async def said_need(turn: Turn, context: ActionsContext) -> Need:
    """What the message itself says ("a gift for somebody who loves cooking, up to 50"), else the search so far.

    Words that the shop knows nothing of don't count: "surprise me" asks for no surprise box.
    """
    fresh = Need().merged(turn)
    if await is_known(fresh, context) or fresh.category:
        return fresh
    if turn.any_of("price"):
        return replace(fresh, words=())
    before = Need.from_slot(turn.slot("need"))
    return replace(before, exclude=(), relative_price=False)


def _recommended(context: ActionsContext, wanted: Query, need: Need, known: Known) -> list[Recommendation]:
    asked = bool(need.text or need.category or need.attributes or need.brands)
    hits: Sequence[Hit] = context.index.search(wanted, HITS) if asked else ()
    return context.recommender.for_you(
        orders=known.ordered,
        views=known.looked_at,
        needs=wanted,
        hits=hits,
        avoid=known.avoid,
        limit=CARDS + SPARE,
    )


def _intro(picks: Sequence[Pick], known: Known, need: Need) -> str:
    """What the recommendations rest on, read from their evidence."""
    kinds = {(e.kind, e.sku) for pick in picks for e in pick.recommendation.evidence}
    ordered, viewed = set(known.ordered), set(known.looked_at)
    bases = []
    if any(kind in ("wish", "use", "liked", "named") for kind, _ in kinds):
        bases.append("what you told me")
    if any(kind == "like" and sku in viewed for kind, sku in kinds):
        bases.append("what you looked at")
    if any(sku in ordered for _, sku in kinds):
        bases.append("what you ordered")
    if bases:
        return f"Going by {listed(bases)}, I'd recommend:"
    limit = " within that budget" if need.price_max is not None else ""
    return (
        f"I don't know your taste yet, so these are what others buy most{limit}. "
        "Tell me who or what it's for, and I'll find something closer."
    )


def _buttons(known: Known, need: Need, context: ActionsContext) -> tuple[Button, ...]:
    more = button("Something else", INTENT, choice="more")
    if need.category or known.looked_at or known.ordered:
        return (more, button("Find a product", "find_product", choice="keep_looking"))
    kinds = list(context.vocabulary.categories.values())[:FIRST_CATEGORIES]
    return (more, *(button(kind.name, "find_product", category=kind.slug) for kind in kinds))


def _nothing(known: Known, context: ActionsContext) -> Reply:
    kinds = list(context.vocabulary.categories.values())[:FIRST_CATEGORIES]
    text = "I've run out of ideas." if known.refused else "I have nothing to recommend within that."
    return say(
        f"{text} Tell me what it's for, or who it's for, and I'll look again.",
        *(button(kind.name, "find_product", category=kind.slug) for kind in kinds),
    )


USE_CASE = UseCase(readings={INTENT: Reading("Recommend me something", RecommendForMe())})
