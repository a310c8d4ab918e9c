"""The bounded form in which a conversation is stored: the state at a cut, and the events since.

A tracker is rebuilt by replaying its events, so the cost of a turn grows with everything ever said. Here the
events before a cut are replaced by what they amount to: the slots' values and the loop, as events of their
own. The cut is made after an `action_listen`, so that what remains is whole turns and rules see the same last
states as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    ConversationPaused,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

KEPT_TURNS = 4
"""Turns kept whole. A rule looks back over one user message; actions read the last turns at most."""


def bounded(tracker: DialogueStateTracker, slots: Iterable[Slot], *, turns: int = KEPT_TURNS) -> list[Event]:
    """The events to store: nothing is left out before `turns` user messages have been cut off behind them."""
    events = list(tracker.events)
    cut = _cut(events, turns)
    if cut == 0:
        return events
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], slots)
    return [*_summary(before, events[cut - 1].timestamp), *events[cut:]]


def _cut(events: list[Event], turns: int) -> int:
    """Index of the first event to keep: the one after the `action_listen` that precedes the oldest kept user
    message.
    """
    seen = 0
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if isinstance(event, UserUttered):
            seen += 1
        if seen >= turns and isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME:
            # the listen itself stays: it is the previous action of the oldest kept user message
            return index
    return 0


def _summary(before: DialogueStateTracker, at: float) -> list[Event]:
    """Events that bring a blank tracker to the state of `before`."""
    summary: list[Event] = []
    loop = before.active_loop
    if loop is not None and loop.name:
        summary.append(ActiveLoop(loop.name, timestamp=at))
        if loop.rejected:
            summary.append(ActionExecutionRejected(loop.name, timestamp=at))
    summary.extend(
        SlotSet(name, slot.value, timestamp=at)
        for name, slot in before.slots.items()
        if slot.value != slot.initial_value
    )
    if before.is_paused():
        summary.append(ConversationPaused(timestamp=at))
    return summary


def recent(events: Iterable[Event], *, turns: int) -> list[Event]:
    """The events of the last `turns` user messages, the message itself first."""
    everything = list(events)
    seen = 0
    for index in range(len(everything) - 1, -1, -1):
        if isinstance(everything[index], UserUttered):
            seen += 1
            if seen == turns:
                return list(islice(everything, index, None))
    return everything
