"""Forms that can be answered, corrected, interrupted and left.

A form's validator gets the first look at each message while its form is active. It says what the message
is: an answer (slots to set), something to mend (a sentence, and the question comes again), or something else
altogether. In the last case it rejects, the rule for the message's intent runs, and the form is resumed.
These are actions of our own and no `FormValidationAction`: that one reads forms and slot mappings from the
domain at each call, and can tell neither a correction from an answer nor an interruption from either.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from rasa_sdk.events import ActionExecutionRejected, SlotSet

from actions.support.base import ShopAction, WritingAction
from actions.support.reply import Button, Event, Message, Reply, button, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import by_action, readings
from actions.support.wishes import LATER, kept_wish, without_question
from parley.bootstrap import ActionsContext

SURE = 0.6
FOREIGN_WORDS = 5
SKIP = re.compile(
    r"\b(skip|no phone|without( a)? (phone|number)|rather not|prefer not|don.?t (have|want)|no number|none|not needed"
    r"|no need|leave it out)\b",
    re.IGNORECASE,
)
WHY = re.compile(
    r"^\W*(but |and |wait |hm+ )*(why\b|what for\b|what do you need (it|that|this|my)"
    r"|(do|must|should) i (really |actually )?(have to |need to |must )?(give|tell|leave|say|enter|type|share)\b"
    r"|(is|are) (it|that|this|my \w+|a \w+) (really )?(required|needed|necessary|mandatory|optional|compulsory)"
    r"|do you (really )?need (it|that|this|my)\b)",
    re.IGNORECASE,
)
# Messages that end or change what is going on, however free the answer may be.
ALWAYS_INTERRUPT = frozenset({"stop", "human", "start_over"})
# Small talk means something by itself, too.
SMALL_TALK = frozenset({"bot_challenge", "goodbye", "greet"})
# A correction is about the form's own answer, and praise needs none.
IN_CONTEXT = frozenset({"correct", "praise"})


def means_something(intent: str) -> bool:
    """True for what can be asked for by itself; the rest (affirm, deny, inform, thanks, fallback) only means something
    in a form.
    """
    return intent in ALWAYS_INTERRUPT | SMALL_TALK or intent in readings().keys() - IN_CONTEXT


@dataclass(frozen=True, slots=True)
class Answer:
    """What a message does to a form: values for slots (None asks again), and a sentence before the next question."""

    slots: dict[str, Any]
    text: str = ""
    buttons: tuple[Button, ...] = ()


class FormValidator(ShopAction):
    """The validator of `form`; `own_intent` is the one that starts the form and doesn't interrupt it."""

    own_intent: str
    # Slot to the answer to "why do you need that?".
    why: ClassVar[Mapping[str, str]] = {}
    ends_search = False

    @property
    @abstractmethod
    def form(self) -> str:
        """Name of the form. Abstract, so that rasa-sdk takes no class that several forms share for an action."""

    def name(self) -> str:
        return f"validate_{self.form}"

    @abstractmethod
    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        """The message as an answer to `turn.requested_slot` or a correction; None when it is neither."""

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.resumed or turn.loop != self.form or turn.requested_slot is None:
            return Reply()
        if turn.language and len(turn.words.split()) >= FOREIGN_WORDS:
            # No name and no address is that long and made of another language's small words.
            return Reply(events=(ActionExecutionRejected(self.form),))
        reason = self.why.get(turn.requested_slot) if WHY.search(turn.words) else None
        if reason is None and (both := await self._with_aside(turn, context)):
            return both
        answer = Answer({turn.requested_slot: None}, reason) if reason else await self.read(turn, context)
        if answer is None:
            return Reply(events=(ActionExecutionRejected(self.form),))
        messages = (Message(answer.text, answer.buttons),) if answer.text else ()
        return Reply(messages, _in_order(answer.slots, turn.requested_slot))

    async def _with_aside(self, turn: Turn, context: ActionsContext) -> Reply | None:
        """ "Ann Lee. Is delivery free?": the answer is taken, and the question beside it is answered, too. What needs
        questions of its own is kept for when this form is done. None where there is nothing beside an answer.
        """
        aside = _beside(turn, self.own_intent)
        reading = readings().get(aside.intent) if aside else None
        if aside is None or reading is None or reading.action is None or turn.requested_slot is None:
            return None
        answer = await self.read(_without(turn, aside), context)
        if answer is None or not any(value for name, value in answer.slots.items() if name != "form_misses"):
            return None
        asks_consent = turn.requested_slot.endswith(("confirm", "consent"))
        if asks_consent and isinstance(reading.action, WritingAction):
            # What is agreed to would be another thing then: it is done, and the question comes again.
            answer = Answer({turn.requested_slot: None})
        events = _in_order(answer.slots, turn.requested_slot)
        said = (Message(answer.text, answer.buttons),) if answer.text else ()
        reply = await reading.action.answer(replace(aside, slots=turn.slots), context)
        if any(event["event"] == "active_loop" for event in reply.events):
            return Reply(said, (*events, *set_slots(**{LATER: kept_wish(aside)})))
        told = without_question(reply)
        kept = tuple(event for event in told.events if event.get("name") not in answer.slots)
        return Reply((*said, *told.messages), (*kept, *events))

    async def respond(self, turn: Turn, context: ActionsContext) -> Reply:
        """As it is: what a form makes of a message isn't a reply yet."""
        return await self.answer(turn, context)

    def interrupts(self, turn: Turn, *, free_text: bool = False) -> bool:
        """True when the message is about something else than this form."""
        if turn.pressed:
            return means_something(turn.intent) and turn.intent != self.own_intent
        if turn.intent in ALWAYS_INTERRUPT and turn.confidence >= SURE:
            return True
        if turn.intent == self.own_intent or not means_something(turn.intent):
            return False
        return not free_text and _sureness(turn, self.own_intent) >= SURE

    def again(self, turn: Turn, text: str) -> Answer:
        """Ask once more; who has been asked twice already is shown a way out."""
        slot = turn.requested_slot or ""
        out = (button("Stop", "stop"), button("Talk to a person", "human")) if _asked_before(turn) else ()
        return Answer({slot: None, "form_misses": missed(turn) + 1}, text, out)


class Ask(ShopAction):
    """A form's question for one slot. The form's own responses would do, but Rasa's validation calls them unused."""

    buttons: tuple[Button, ...] = ()
    asks: str | None = None  # "phone" or "address", which some channels can share by a tap
    ends_search = False

    @property
    @abstractmethod
    def text(self) -> str:
        """The question, in one sentence."""

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        return say(self.text, *self.buttons, custom={"asks": self.asks} if self.asks else None)


def _sureness(turn: Turn, own_intent: str) -> float:
    """How sure it is that something else is asked for, whichever of the readings that lead to the same action it is."""
    others = by_action((name, sure) for name, sure in turn.ranking if name != own_intent)
    read = readings().get(turn.intent)
    same = (
        sure for reading, sure in others if read and read.action and type(reading.action) is type(read.action)
    )
    return max(turn.confidence, *same, 0.0)


def _beside(turn: Turn, own_intent: str) -> Turn | None:
    """The wish beside the message's answer."""
    if turn.aside is not None:
        found = [turn.aside]
    else:
        found = [wish for wish in turn.wishes if wish.intent not in ("affirm", own_intent)]
        found = found if len(found) == len(turn.wishes) - 1 else []
    one = found[0] if len(found) == 1 else None
    return None if one is None or one.intent in (*ALWAYS_INTERRUPT, own_intent) else one


def _without(turn: Turn, aside: Turn) -> Turn:
    """The turn without the part that is a wish of its own."""
    start = turn.text.find(aside.text)
    before, after = turn.text[:start], turn.text[start + len(aside.text) :]
    outside = tuple(
        one
        for one in turn.entities
        if one.end <= start or one.start >= start + len(aside.text) or one.start < 0
    )
    others = [wish.intent for wish in turn.wishes if wish.text != aside.text]
    text = re.sub(r"[\s,;]*\b(and|also|but|plus|btw)\b[\s,;]*$", "", before).strip(" ,;") or after.strip(
        " ,;"
    )
    # Positions hold only for what stands before the wish.
    entities = outside if text == before.strip(" ,;") or before.startswith(text) else ()
    return replace(
        turn,
        text=text,
        respelt="",
        intent=others[0] if others else "inform",
        entities=entities or tuple(replace(one, start=-1, end=-1) for one in outside),
        aside=None,
        wishes=(),
    )


def _asked_before(turn: Turn) -> bool:
    return missed(turn) >= 1


def missed(turn: Turn) -> int:
    """How often in a row the form couldn't use an answer."""
    value = turn.slot("form_misses")
    return value if isinstance(value, int) else 0


def _in_order(slots: dict[str, Any], requested: str) -> tuple[Event, ...]:
    """Slot events; at least one, because a form takes none for a refusal."""
    values = (
        {"form_misses": 0, **slots} if any(value is not None for value in slots.values()) else dict(slots)
    )
    if not values:
        values = {requested: None}
    events: list[Event] = [SlotSet(name, value) for name, value in values.items()]
    return tuple(events)


def clear_form(*slots: str) -> tuple[Event, ...]:
    return set_slots(**dict.fromkeys((*slots, "form_misses")))


def unfinished_order(turn: Turn) -> Reply:
    """Somebody who did something else in the middle of a checkout is brought back to it."""
    if not turn.slot("checkout_open"):
        return Reply()
    return say(
        "Shall we go on with your order?",
        button("Go on", "checkout"),
        events=set_slots(offer={"kind": "checkout"}),
    )
