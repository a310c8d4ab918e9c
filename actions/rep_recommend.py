"""What could I offer them? Recommendations for a person from what they bought, asked for and may spend, for reps."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from decimal import Decimal

from actions.support import fields
from actions.support.cards import card
from actions.support.need import Need
from actions.support.needs_text import NOTHING_SAID
from actions.support.rep import LEAD, RepAction
from actions.support.reply import Reply, round_money, say
from actions.support.search import query
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from actions.support.whom import NOT_NAMES, WORD, remembered, whom
from crm.database import UnitOfWork
from crm.services import catalogue
from crm.services.reps import leads, people, purchases
from crm.services.reps.views import Person
from crm.services.users import UserView
from models.catalogue_files import Vocabulary
from models.recommend import Recommendation
from models.search import Query
from parley.bootstrap import ActionsContext

LIMIT = 3
POOL = 24
# What a command's words say of a budget: those don't go through the pipeline.
UNDER = re.compile(
    r"\b(?:under|below|up to|max(?:imum)?|less than|not (?:over|more than)|within|budget(?: of)?|<=?)"
    r"\s*[€$£]?\s*(\d{1,6})(?:[.,](\d{2}))?\b",
    re.IGNORECASE,
)


class RepRecommend(RepAction):
    """Up to three products with their reasons; with nobody named, for what the words ask."""

    action = "action_rep_recommend"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        found = LEAD.search(turn.words)
        person: Person | None = None
        lead = await leads.get(uow, int(found[1]), asker=asker) if found else None
        if lead is not None:
            person = await people.get(uow, lead.contact_id)
        else:
            meant = await whom(turn, uow)
            person = meant.person
            if person is None and meant.question.messages and meant.question.messages[0].buttons:
                return meant.question
        bought = await purchases.skus_of(uow, person.id) if person else ()
        wanted = _wanted(turn, person, lead.needs if lead else "", context.vocabulary)
        chosen = await _chosen(context, wanted, bought)
        products = await catalogue.get_many(uow, [one.sku for one in chosen])
        shown = [
            {**card(products[one.sku], wanted, context.vocabulary), "reason": one.why, "choices": []}
            for one in chosen
            if one.sku in products and products[one.sku].active
        ]
        who = f" for {person.name or 'this customer'}" if person else ""
        also = remembered(person) if person else Reply()
        if not shown:
            return say(f"I find nothing{who} that fits.").then(also)
        limit = f" up to {round_money(wanted.price_max, context.shop.currency)}" if wanted.price_max else ""
        return say(f"My suggestions{who}{limit}:", custom={"cards": shown}).then(also)


def _wanted(turn: Turn, person: Person | None, needs: str, vocabulary: Vocabulary) -> Query:
    """What the words ask for, without the customer's name; a lead's own needs where they say nothing else."""
    asked = query(Need().merged(turn, keep_words=False))
    if asked.price_max is None and (said := UNDER.search(turn.words)):
        asked = replace(asked, price_max=Decimal(f"{said[1]}.{said[2] or '00'}"))
    names = set((person.name if person else "").casefold().split())
    words = [
        word[0]
        for word in WORD.finditer(UNDER.sub(" ", fields.without_contacts(turn.words)))
        if word[0].casefold().removesuffix("'s") not in NOT_NAMES | names
    ]
    if words or not needs or needs == NOTHING_SAID:
        return replace(asked, text=" ".join(words))
    return replace(asked, text=needs[:300], category=asked.category or _category_in(needs, vocabulary))


def _category_in(text: str, vocabulary: Vocabulary) -> str | None:
    """The category that a lead's needs name first."""
    found = [
        (said.start(), category.slug)
        for category in vocabulary.categories.values()
        for name in (category.name, category.singular, *category.synonyms)
        if (said := re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE))
    ]
    return min(found)[1] if found else None


async def _chosen(context: ActionsContext, wanted: Query, bought: tuple[str, ...]) -> list[Recommendation]:
    named = wanted.text or wanted.category or wanted.brands
    hits = await asyncio.to_thread(context.index.search, wanted, POOL) if named else []
    return await asyncio.to_thread(
        context.recommender.for_you, orders=bought, needs=wanted, hits=hits, avoid=bought, limit=LIMIT
    )


USE_CASE = UseCase(readings={"rep_recommend": Reading("Recommend something")})
