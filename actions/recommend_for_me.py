"""For you: from what this conversation has ordered, looked at and said; with nothing known, what most people buy."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from actions.find import known as is_known
from actions.support.base import ShopAction
from actions.support.known import Known, known_so_far, refusing
from actions.support.need import Need
from actions.support.recommended import CARDS, SPARE, Pick, borne_out, cards_of, skus_of
from actions.support.reply import Button, Reply, button, listed, say, set_slots
from actions.support.search import query
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from models.recommend import Recommendation
from models.search import Hit, Query
from parley.bootstrap import ActionsContext

INTENT = "recommend_for_me"
HITS = 20
FIRST_CATEGORIES = 3


class RecommendForMe(ShopAction):
    """Three products for this customer, each with its reason, and what they rest on."""

    action = "action_recommend_for_me"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        more = turn.choice == "more"
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
