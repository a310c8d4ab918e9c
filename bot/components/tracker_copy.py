"""Trackers copied without a replay, slots without pickling, and an event's class found at once.

Rasa copies the tracker before every action by replaying its events, every slot with each tracker, and finds an
event's class by walking all classes.
"""

from __future__ import annotations

import copy
from collections import deque
from functools import lru_cache

from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

walk = Event.resolve_by_type


@lru_cache(maxsize=256)
def event_class(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """As Rasa's `Event.resolve_by_type`. Raises ValueError for an unknown name, which is not remembered."""
    found: type[Event] | None = walk(type_name, default)
    return found


def slot_copied(slot: Slot) -> Slot:
    """As `copy.copy`, which asks the class how to pickle it, for an object that is nothing but its attributes."""
    twin: Slot = object.__new__(type(slot))
    twin.__dict__.update(slot.__dict__)
    return twin


def copied(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """A tracker in the same state, whose updates leave the original as it is.

    Events are shared: nothing changes one once it has been applied. Like Rasa's copy it doesn't stamp new events
    with the model's id.
    """
    twin: DialogueStateTracker = copy.copy(tracker)
    twin.events = deque(tracker.events, tracker.events.maxlen)
    twin.slots = {name: copy.copy(slot) for name, slot in tracker.slots.items()}
    twin.latest_action = copy.copy(tracker.latest_action)
    twin.active_loop = copy.copy(tracker.active_loop)
    twin.model_id = twin.assistant_id = None
    return twin
