"""The bounded tracker and its store."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.exceptions import RasaException

from components.tracker_copy import copied, event_class, slot_copied, walk
from components.tracker_store import KEPT_ANSWERS, BoundedTrackerStore
from components.tracker_tail import KEPT_TURNS, bounded
from components.turn import AlreadyAnswered, TrackerUnavailable, Turn, current_turn

SLOTS = [
    AnySlot("size", [], influence_conversation=False),
    AnySlot("colour", [], influence_conversation=False),
]


def conversation(turns: int) -> DialogueStateTracker:
    tracker = DialogueStateTracker("c", SLOTS)
    for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
        tracker.update(event)
    for turn in range(turns):
        tracker.update(UserUttered(f"m{turn}", {"name": "greet"}))
        tracker.update(SlotSet("size", turn))
        tracker.update(BotUttered(f"r{turn}"))
        tracker.update(ActionExecuted("action_listen"))
    return tracker


def rebuilt(tracker: DialogueStateTracker) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("c", bounded(tracker, SLOTS), SLOTS)


@pytest.mark.parametrize("turns", [0, 1, KEPT_TURNS - 1, KEPT_TURNS, KEPT_TURNS + 1, 50])
def test_the_state_survives_the_cut(turns: int) -> None:
    tracker = conversation(turns)
    tracker.update(SlotSet("colour", {"any": ["json"]}))
    tracker.update(ActiveLoop("order_form"))
    again = rebuilt(rebuilt(tracker))
    assert again.current_slot_values() == tracker.current_slot_values()
    assert again.active_loop_name == "order_form"
    assert again.latest_action_name == tracker.latest_action_name
    assert again.latest_message.text == tracker.latest_message.text


def test_what_was_set_before_the_cut_is_kept_and_what_was_unset_is_not() -> None:
    tracker = conversation(1)
    for event in (SlotSet("colour", "red"), ActiveLoop("order_form"), ActionExecutionRejected("order_form")):
        tracker.update(event)
    for event in conversation(20).events:
        if not isinstance(event, (SessionStarted, SlotSet)):
            tracker.update(event)
    again = rebuilt(tracker)
    assert again.get_slot("colour") == "red"
    assert again.active_loop_name == "order_form"
    assert again.is_active_loop_rejected
    again.update(SlotSet("colour", None))
    for event in conversation(20).events:
        if not isinstance(event, SessionStarted):
            again.update(event)
    assert rebuilt(again).get_slot("colour") is None


def test_the_number_of_events_is_bounded() -> None:
    tracker = conversation(5)
    lengths = []
    for turn in range(100):
        tracker.update(UserUttered(f"n{turn}", {"name": "greet"}))
        tracker.update(ActionExecuted("action_listen"))
        tracker = rebuilt(tracker)
        lengths.append(len(tracker.events))
    assert len(set(lengths[20:])) == 1


@pytest.fixture
def store(tmp_path: Path) -> BoundedTrackerStore:
    domain = Domain([], [], list(SLOTS), {}, [], {}, {})
    return BoundedTrackerStore(domain, url=f"sqlite:///{tmp_path}/deep/bot.db")


async def turn_saved(store: BoundedTrackerStore, message: str) -> None:
    turn = Turn(message, messages=[{"text": f"answer to {message}"}])
    token = current_turn.set(turn)
    try:
        tracker = await store.get_or_create_tracker("c")
        tracker.update(UserUttered(message, {"name": "greet"}))
        await store.save(tracker)
    finally:
        current_turn.reset(token)


async def test_a_turn_comes_back_as_it_was_saved(store: BoundedTrackerStore) -> None:
    assert await store.retrieve("c") is None
    await turn_saved(store, "grüße 🙂 </script>\u2028")
    tracker = await store.retrieve("c")
    assert tracker.latest_message.text == "grüße 🙂 </script>\u2028"
    assert list(await store.keys()) == ["c"]


async def test_a_new_tracker_is_not_stored_before_its_first_turn_is_done(store: BoundedTrackerStore) -> None:
    await store.get_or_create_tracker("c")
    assert list(await store.keys()) == []


async def test_the_last_messages_are_recognised(store: BoundedTrackerStore) -> None:
    for number in range(KEPT_ANSWERS + 1):
        await turn_saved(store, f"m{number}")
    with pytest.raises(AlreadyAnswered) as known:
        await turn_saved(store, f"m{KEPT_ANSWERS}")
    assert known.value.answer["messages"] == [{"text": f"answer to m{KEPT_ANSWERS}"}]
    await turn_saved(store, "m0")


async def test_forgetting_leaves_nothing(store: BoundedTrackerStore) -> None:
    await turn_saved(store, "hello")
    assert await store.forget("c") is True
    assert await store.forget("c") is False
    assert await store.retrieve("c") is None


async def test_a_database_that_is_gone_is_an_error_and_not_a_blank_conversation(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody:nothing@127.0.0.1:9/none"
    store = BoundedTrackerStore(Domain.empty(), url=nowhere)
    with pytest.raises(TrackerUnavailable):
        await store.retrieve("c")
    with pytest.raises(TrackerUnavailable):
        await store.save(conversation(1))


def test_another_database_is_refused_with_the_settings_name() -> None:
    with pytest.raises(RasaException, match="PARLEY_TRACKER_URL"):
        BoundedTrackerStore(Domain.empty(), url="mysql://u@h/d")


def test_a_copy_is_in_the_same_state_and_its_updates_leave_the_original_alone() -> None:
    tracker = conversation(3)
    tracker.update(ActiveLoop("order_form"))
    tracker.update(ActionExecutionRejected("order_form"))
    twin, replayed = copied(tracker), tracker.travel_back_in_time(float("inf"))
    assert twin.current_state(EventVerbosity.ALL) == replayed.current_state(EventVerbosity.ALL)
    assert twin.active_loop == replayed.active_loop
    assert twin.latest_action == replayed.latest_action
    before = tracker.current_state(EventVerbosity.ALL)
    for event in (SlotSet("size", "xl"), ActiveLoop(None), UserUttered("more"), ActionExecuted("action_x")):
        twin.update(event)
    assert twin.active_loop_name is None
    assert tracker.current_state(EventVerbosity.ALL) == before
    assert tracker.active_loop.rejected


def test_a_copied_slot_has_the_same_attributes_and_a_life_of_its_own() -> None:
    slot = AnySlot("size", [], initial_value="m", influence_conversation=False)
    slot.value = "l"
    twin = slot_copied(slot)
    assert (type(twin), vars(twin)) == (type(slot), vars(slot))
    twin.value = "xl"
    assert slot.value == "l"


@pytest.mark.parametrize("name", ["user", "bot", "slot", "action", "active_loop", "session_started"])
def test_an_events_class_is_the_one_that_rasa_finds(name: str) -> None:
    assert event_class(name) is walk(name)


def test_an_unknown_event_is_still_an_error() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        event_class("nonsense")
