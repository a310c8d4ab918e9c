"""Answering a message that asks for several things: each is done in turn, and what must wait is kept and offered."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from actions.support.base import ShopAction
from actions.support.reply import Event, Reply, button, say, set_slots
from actions.support.turn import Entity, Turn
from actions.support.use_cases import offers, readings
from parley.bootstrap import ActionsContext

LATER = "later"
VENT_WORDS = 6
UNDO = ("undo", "undo_cart")
QUESTION = re.compile(r"(?:(?<=[.!:])|^)\s*[^.!?]*\?\s*$")
# Entities that a button can carry on, as the customer said them.
CARRIED = ("product", "category", "brand", "price", "quantity", "ordinal", "order_number", "email")


async def answer_each(turn: Turn, context: ActionsContext) -> Reply:
    """Does every wish of the message. A form among them is entered last; a second one is kept for afterwards."""
    slots = dict(turn.slots)
    done: list[Reply] = []
    form: Reply | None = None
    kept: list[Turn] = []
    stuck = False
    for wish in turn.wishes:
        action = _action(wish)
        if action is None or _only_vents(wish):
            continue
        part = replace(wish, slots=slots)
        if stuck:
            # One question at a time: what else was wished for waits until this one is answered.
            kept.append(part)
            continue
        reply = action.closing(part, await action.answer(part, context))
        if enters_form(reply) or _asks_for_consent(reply):
            if form is None:
                form = reply
            else:
                kept.append(part)
            continue
        changed = {event["name"]: event["value"] for event in reply.events if event["event"] == "slot"}
        slots |= {name: value for name, value in changed.items() if name not in UNDO}
        done.append(reply)
        stuck = _must_be_answered(part, reply) or (
            part.intent == "add_to_cart" and not changed.get("undo_cart")
        )
    replies = [*done, form] if form else done
    told = Reply()
    for reply in replies[:-1]:
        told = told.then(without_question(reply))
    told = told.then(replies[-1]) if replies else told
    told = told.with_events(*_undo(done))
    return told.with_events(*set_slots(**{LATER: kept_wish(kept[0])})) if kept else told


def _only_vents(wish: Turn) -> bool:
    """ "This is a disgrace", beside a wish: said about that wish, and nothing to go into by itself."""
    return (
        wish.intent in ("complaint", "abuse") and len(wish.words.split()) <= VENT_WORDS and not wish.entities
    )


def _asks_for_consent(reply: Reply) -> bool:
    """True for a question that only its own yes answers, which therefore comes last."""
    return any(
        event["event"] == "slot"
        and event["name"] == "offer"
        and event["value"]
        and event["value"]["kind"] == "erase"
        for event in reply.events
    )


def _must_be_answered(wish: Turn, reply: Reply) -> bool:
    """True for a question without an answer to go on with ("Which one?"); an offer or small talk may be passed over."""
    if (reading := readings().get(wish.intent)) and reading.small_talk:
        return False
    asks = bool(reply.messages) and reply.messages[-1].text.rstrip().endswith("?")
    return asks and not any(
        event["event"] == "slot" and event["name"] == "offer" and event["value"] for event in reply.events
    )


def _undo(done: list[Reply]) -> tuple[Event, ...]:
    """What a correction takes back of all that was done: the first wish's change stays undoable."""
    told = [
        event
        for reply in done
        for event in reply.events
        if event["event"] == "slot" and event["name"] in UNDO
    ]
    found: dict[str, Any] = {}
    for event in told:
        found[event["name"]] = found.get(event["name"]) or event["value"]
    return set_slots(**found)


def _action(wish: Turn) -> ShopAction | None:
    """What answers a wish; a yes among several is a yes to what was offered."""
    if wish.intent == "affirm":
        offer = wish.slot("offer")
        found = offers().get(str(offer.get("kind"))) if isinstance(offer, dict) else None
        return found.yes if found else None
    reading = readings().get(wish.intent)
    return reading.action if reading else None


def enters_form(reply: Reply) -> bool:
    return any(event["event"] == "active_loop" and event["name"] for event in reply.events)


def remind(turn: Turn, reply: Reply) -> Reply:
    """The reply, with the wish that had to wait offered behind it once nothing stands in its way."""
    later = turn.slot(LATER)
    if not isinstance(later, dict):
        return reply
    offer = turn.slot("offer")
    if isinstance(offer, dict) and offer.get("kind") == LATER:
        return reply.with_events(*set_slots(**{LATER: None}))
    if turn.loop is not None or enters_form(reply):
        return reply
    reading = readings().get(str(later.get("intent")))
    if reading is None:
        return reply.with_events(*set_slots(**{LATER: None}))
    asked = say(
        f"You also wrote: “{later['text']}”. Shall I go on with that?",
        button(reading.title, str(later["intent"]), said=later["text"], **later["entities"]),
        events=set_slots(offer={"kind": LATER}),
    )
    return without_question(reply).then(asked)


def carried(turn: Turn) -> dict[str, str]:
    """What was named in a message, as a button carries it on."""
    return {name: str(value) for name in CARRIED if isinstance(value := turn.value(name), str | int)}


def kept_wish(wish: Turn) -> dict[str, Any]:
    return {"text": wish.words, "intent": wish.intent, "entities": carried(wish)}


def as_turn(turn: Turn, later: dict[str, Any]) -> Turn:
    """The kept wish as a message of now."""
    entities = tuple(Entity(name, value) for name, value in (later.get("entities") or {}).items())
    return replace(
        turn, text=str(later.get("text") or ""), intent=str(later.get("intent") or ""), entities=entities
    )


def without_question(reply: Reply) -> Reply:
    """The reply as one that others follow: its closing question, buttons and offer would only confuse."""
    events: tuple[Event, ...] = tuple(
        event for event in reply.events if not (event["event"] == "slot" and event["name"] == "offer")
    )
    messages = [replace(message, buttons=()) for message in reply.messages]
    if messages and (text := QUESTION.sub("", messages[-1].text).strip()):
        messages[-1] = replace(messages[-1], text=text)
    return Reply(tuple(messages), events)
