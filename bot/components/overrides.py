"""The places where Rasa is made to do something else, all of them, applied once before the server starts.

Each has a test of its own in `tests/test_overrides.py` and its reasons in `docs/adr/0010` to `0013`.
"""

from __future__ import annotations

import gc

import rasa.core.agent
import rasa.core.processor
from rasa.core.actions.action import RemoteAction
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

from components import actions_client, tracker_copy
from components.graph_runner import StraightGraphRunner
from components.processor import TurnProcessor


class _Uncopied:
    """Stands in for `copy` where Rasa deep-copies what it then logs at a level that is switched off."""

    @staticmethod
    def deepcopy(value: object) -> object:
        return value


def apply() -> None:
    """Applies them; a second call changes nothing."""
    apply_to_reading()
    RemoteAction.run = actions_client.run
    rasa.core.agent.Agent._create_tracker_store = staticmethod(_bare_tracker_store)
    Event.resolve_by_type = staticmethod(tracker_copy.event_class)
    DialogueStateTracker.copy = tracker_copy.copied
    Slot.__copy__ = tracker_copy.slot_copied


def apply_to_reading() -> None:
    """Those by which a message is read: the evaluation, which needs no tracker store, reads as the bot that serves."""
    rasa.core.agent.MessageProcessor = TurnProcessor
    rasa.core.processor.copy = _Uncopied
    rasa.core.processor.DaskGraphRunner = StraightGraphRunner


def settle() -> None:
    """Take what was loaded out of the garbage collector's sight."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _bare_tracker_store(store: TrackerStore | None, domain: Domain) -> TrackerStore:
    """No fail-safe wrapper: with the database down it would answer from a blank conversation and run actions for it."""
    if store is None:
        raise ValueError("endpoints.yml names no tracker_store")
    store.domain = domain
    return store
