""" "No, I meant …": takes back what the last message was taken for, and does what was meant, or asks."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from actions.fallback import corroborated
from actions.shared import Inform
from actions.support.base import ShopAction, WritingAction
from actions.support.reference import ask_which, shown_products
from actions.support.refine import steps
from actions.support.reply import Button, Event, Reply, button, leave, say, set_slots
from actions.support.turn import Entity, Turn
from actions.support.use_cases import Reading, UseCase, readings
from actions.support.wishes import enters_form
from crm.database import UnitOfWork
from crm.errors import CrmError, StorageError
from crm.services import carts, catalogue
from crm.views import Product
from parley.bootstrap import ActionsContext

PLAUSIBLE = 0.05
PATIENCE = 3
OTHER = re.compile(r"\bthe other( one)?s?\b|\banother one\b", re.IGNORECASE)
ONE = re.compile(r"\b(one|ones|version|model)\b", re.IGNORECASE)


class Correct(WritingAction):
    """Undoes the last reply's search or cart change. What was meant is read like a message of its own; where it only
    names something, the last message's intent is taken for it.
    """

    action = "action_correct"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        taken_back, events = await _taken_back(turn, uow)
        says_what = turn.meant is not None or OTHER.search(turn.words) is not None or _gives_contact(turn)
        reply = await self._redone(turn, context, uow, events) if says_what else None
        if reply is None:
            return _ask_again(turn, taken_back).with_events(*events)
        sorry = " ".join(part for part in ("Sorry, my mistake.", taken_back) if part)
        if enters_form(reply) and not reply.messages:
            return say(sorry, events=(*events, *reply.events))
        first, *rest = reply.messages
        told = replace(first, text=f"{sorry} {first.text}".strip())
        return Reply((told, *rest), (*events, *reply.events))

    async def _redone(
        self, turn: Turn, context: ActionsContext, uow: UnitOfWork, events: tuple[Event, ...]
    ) -> Reply | None:
        now = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        meant = replace(turn.meant or turn, slots={**turn.slots, **now}, previous=turn.previous)
        if picked := await _pointed_at(turn, meant, context, uow):
            meant = replace(meant, entities=(*meant.entities, Entity("product", picked.sku)))
        if OTHER.search(meant.words) and not meant.any_of("product"):
            return await _which_other(turn, uow)
        action = _action_for(meant, turn)
        if action is None:
            return None
        if not isinstance(action, WritingAction):
            return await action.answer(meant, context)
        try:
            async with uow.session.begin_nested():
                return await action.write(meant, context, uow)
        except StorageError:
            raise
        except CrmError as error:
            return await action.explain(meant, context, error)


async def _taken_back(turn: Turn, uow: UnitOfWork) -> tuple[str, tuple[Event, ...]]:
    """What was undone, in words, and the events that undo it."""
    undo: Any = None if _goes_on(turn) else turn.slot("undo")
    events: tuple[Event, ...] = (
        *(leave() if turn.loop else ()),
        *(set_slots(**undo) if isinstance(undo, dict) else ()),
    )
    change = turn.slot("undo_cart")
    if not isinstance(change, dict):
        return "", events
    product = await catalogue.get(uow, str(change["sku"]))
    name = product.name if product else "product"
    try:
        async with uow.session.begin_nested():
            await carts.set_quantity(uow, turn.conversation_id, str(change["sku"]), int(change["quantity"]))
    except CrmError:
        return "", events
    if not change["quantity"]:
        return f"I've taken the {name} out of your cart again.", events
    return f"Your cart has {change['quantity']} × {name} again.", events


def _goes_on(turn: Turn) -> bool:
    """ "No, the bigger one", "no, the red one" after a search: another of its kind, so the search itself was right."""
    meant = turn.meant
    return (
        meant is not None
        and ONE.search(meant.words) is not None
        and not meant.any_of("category")
        and bool(turn.slot("shown"))
        and not isinstance(turn.slot("undo_cart"), dict)
    )


async def _pointed_at(turn: Turn, meant: Turn, context: ActionsContext, uow: UnitOfWork) -> Product | None:
    """ "The bigger one", "the other": a product on the screen that alone is so, next to the one that was taken."""
    if meant.any_of("product") or meant.any_of("ordinal"):
        return None
    shown = await shown_products(turn, uow)
    focus = turn.slot("focus")
    others = [product for product in shown if product.sku != focus]
    if OTHER.search(meant.words):
        return others[0] if len(others) == 1 else None
    if not ONE.search(meant.words):
        return None
    for step in steps(meant.words, context.vocabulary.attributes, shown):
        values = {product.sku: product.attributes.get(step.name) for product in shown}
        told = [product for product in shown if isinstance(values[product.sku], int | float)]
        if len(told) > 1:
            ranked = sorted(told, key=lambda product: float(str(values[product.sku])), reverse=step.higher)
            return next((product for product in ranked if product.sku != focus), None)
    return None


async def _which_other(turn: Turn, uow: UnitOfWork) -> Reply | None:
    """Of several others on the screen, which? The button does what the last message was about."""
    others = [product for product in await shown_products(turn, uow) if product.sku != turn.slot("focus")]
    intent = "add_to_cart" if turn.slot("undo_cart") else turn.previous.intent if turn.previous else ""
    reading = readings().get(intent)
    if not others or reading is None or not reading.about_product:
        return None
    return ask_which(others, intent)


def _action_for(meant: Turn, turn: Turn) -> ShopAction | None:
    """What answers that which was meant."""
    known = readings()
    if meant.intent == "correct" and _gives_contact(meant):
        return Inform()
    own = known.get(meant.intent)
    if own and own.action and meant.intent != "correct" and not _only_names(meant):
        return own.action
    before = known.get(turn.previous.intent) if turn.previous else None
    if isinstance(turn.slot("undo_cart"), dict):
        # Several things may have been asked for; what was taken back is what the correction is about.
        before = known.get("add_to_cart")
    if before and before.action and before.guessed and meant.entities:
        return before.action
    if action := corroborated(meant) or (own.action if own and meant.intent != "correct" else None):
        return action
    return known["refine_search"].action if _goes_on(turn) else None


def _gives_contact(turn: Turn) -> bool:
    """True for "I gave the wrong number, it's 030 2312": what was wrong is a detail, and the new one is there."""
    return bool(turn.any_of("email") or turn.any_of("phone"))


def _only_names(meant: Turn) -> bool:
    """True for "the tablet", "the second one": it names something and asks for nothing."""
    return bool(meant.entities) and len(meant.words.split()) <= 4


def _ask_again(turn: Turn, taken_back: str) -> Reply:
    misses = turn.misses + 1
    if misses >= PATIENCE:
        return say(
            "I'm sorry, I keep getting you wrong. Shall I fetch a person who can help?",
            button("Talk to a person", "human"),
            button("What can you do?", "help"),
            events=set_slots(misses=misses, offer={"kind": "human"}),
        )
    others = _other_readings(turn)
    ask = (
        "Was it one of these, or what did you mean?"
        if others
        else "What did you mean? In other words, please."
    )
    text = " ".join(part for part in ("Sorry, I misunderstood you.", taken_back, ask) if part)
    return say(text, *others, button("Talk to a person", "human"), events=set_slots(misses=misses))


def _other_readings(turn: Turn) -> tuple[Button, ...]:
    """How else the last message could have been read, as buttons that carry it on."""
    before = turn.previous
    if before is None or not before.text:
        return ()
    known = readings()
    likely = [
        name
        for name, confidence in before.ranking
        if name in known and name not in (before.intent, "correct") and confidence >= PLAUSIBLE
    ]
    return tuple(button(known[name].title, name, said=before.text) for name in likely[:2])


USE_CASE = UseCase(readings={"correct": Reading("That's not what I meant", Correct(), guessed=False)})
