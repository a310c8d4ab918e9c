"""Each place where Rasa is made to do something else, and that it is still there to be overridden."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from components import actions_client, overrides
from components.processor import TurnProcessor
from components.tracker_store import BoundedTrackerStore
from components.turn import ActionFailed, Turn, current_turn

BOT = Path(__file__).resolve().parents[1]


def in_a_process(code: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-W", "ignore", "-c", code], cwd=BOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_rasa_still_has_what_is_overridden() -> None:
    assert list(inspect.signature(RemoteAction.run).parameters)[1:] == [
        "output_channel",
        "nlg",
        "tracker",
        "domain",
    ]
    assert "MessageProcessor(" in inspect.getsource(Agent.load_model)
    assert "_create_tracker_store" in inspect.getsource(Agent.__init__)
    assert "_run_action" in inspect.getsource(MessageProcessor._run_prediction_loop)
    source = inspect.getsource(inspect.getmodule(MessageProcessor))
    assert source.count("copy.") == source.count("copy.deepcopy("), "copy is used for more than logging now"


def test_applying_twice_changes_nothing_more() -> None:
    code = (
        "from components.lean import leave_out_tensorflow as lean; lean(); lean()\n"
        "from components import overrides; overrides.apply(); overrides.apply()\n"
        "import rasa.core.agent as agent\n"
        "print(agent.MessageProcessor.__name__)"
    )
    assert in_a_process(code) == "TurnProcessor"


def test_the_server_is_imported_without_tensorflow() -> None:
    code = (
        "from components.lean import leave_out_tensorflow; leave_out_tensorflow()\n"
        "import rasa.core.run, components.policy, components.classifier, sys\n"
        "print(getattr(sys.modules['tensorflow'], '__file__', None), 'keras' in sys.modules)"
    )
    assert in_a_process(code) == "None False"


def test_using_tensorflow_all_the_same_says_what_is_wrong() -> None:
    code = (
        "from components.lean import leave_out_tensorflow, TensorFlowAbsent; leave_out_tensorflow()\n"
        "import tensorflow as tf\n"
        "class Layer(tf.keras.layers.Layer): pass\n"
        "try:\n    tf.constant([1, 2])\n"
        "except TensorFlowAbsent as error: print('config.yml' in str(error))"
    )
    assert in_a_process(code) == "True"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "glibc.malloc.hugetlb=1"),
        ("glibc.malloc.arena_max=2", "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1"),
        ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),
    ],
)
def test_a_program_begins_anew_with_large_pages_unless_it_is_told_otherwise(before: str, after: str) -> None:
    code = (
        "import os, sys; from components.large_pages import use_large_pages\n"
        "print(os.getpid(), flush=True); use_large_pages()\n"
        "print(os.environ['GLIBC_TUNABLES'], *sys.argv[1:])"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, "--port", "7"],
        cwd=BOT,
        env={**os.environ, "GLIBC_TUNABLES": before},
        capture_output=True,
        text=True,
        check=True,
    )
    after = after if sys.platform == "linux" else before  # another C library has no such setting
    *pids, told = done.stdout.splitlines()
    assert len(set(pids)) == 1
    assert len(pids) == (1 if before == after else 2)
    assert told == f"{after} --port 7"


def test_the_store_is_not_wrapped_by_one_that_hides_failures(tmp_path: Path) -> None:
    store = BoundedTrackerStore(url=f"sqlite:///{tmp_path}/bot.db")
    assert overrides._bare_tracker_store(store, Domain.empty()) is store
    with pytest.raises(ValueError, match="tracker_store"):
        overrides._bare_tracker_store(None, Domain.empty())


@pytest.fixture
def tracker() -> DialogueStateTracker:
    tracker = DialogueStateTracker("c", [])
    for turn in range(30):
        tracker.update(ActionExecuted("action_listen"))
        tracker.update(UserUttered(f"message {turn}", {"name": "greet"}))
    return tracker


def test_actions_get_the_last_turns_and_the_forms_only(tracker: DialogueStateTracker) -> None:
    body = actions_client.request_body("action_x", tracker, Domain.empty())
    assert [e["text"] for e in body["tracker"]["events"] if e["event"] == "user"] == [
        "message 28",
        "message 29",
    ]
    assert body["domain"] == {"forms": {}}
    assert body["tracker"]["latest_message"]["text"] == "message 29"


@pytest.mark.parametrize(
    ("status", "payload", "why"),
    [
        (500, b"the customer wrote: secret", "status_500"),
        (404, b"{}", "status_404"),
        (200, b"<html>", "not_json"),
        (200, b"[]", "not_a_result"),
        (200, b'{"events": [{"name": "x"}]}', "not_a_result"),
        (200, b'{"responses": ["text"]}', "not_a_result"),
    ],
)
def test_what_is_no_result_fails_the_action(status: int, payload: bytes, why: str) -> None:
    with pytest.raises(ActionFailed) as failure:
        actions_client._result("action_x", status, payload)
    assert failure.value.why == why
    assert "secret" not in str(failure.value)


def test_a_result_is_taken() -> None:
    payload = b'{"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"text": "hi"}]}'
    assert actions_client._result("action_x", 200, payload)["responses"] == [{"text": "hi"}]


async def test_a_failure_is_noted_on_the_turn(tracker: DialogueStateTracker) -> None:
    turn = Turn("1")
    token = current_turn.set(turn)
    try:
        action = RemoteAction("action_x", EndpointConfig("http://127.0.0.1:9"))
        nothing: Any = None
        with pytest.raises(ActionFailed):
            await actions_client.run(action, nothing, nothing, tracker, Domain.empty())
    finally:
        current_turn.reset(token)
        await actions_client.close()
    assert isinstance(turn.failure, ActionFailed)
    assert turn.failure.why == "unreachable"


def test_slots_are_events_too(tracker: DialogueStateTracker) -> None:
    tracker.update(SlotSet("nothing", 1))
    assert (
        actions_client.request_body("a", tracker, Domain.empty())["tracker"]["events"][-1]["event"] == "slot"
    )


def test_the_graph_runs_in_order_and_gives_what_dask_gives() -> None:
    from rasa.engine.graph import GraphSchema, SchemaNode
    from rasa.engine.runner.dask import DaskGraphRunner

    from components.graph_runner import StraightGraphRunner

    def node(needs: dict[str, str]) -> SchemaNode:
        nothing: Any = None
        return SchemaNode(needs=needs, uses=nothing, constructor_name="create", fn="run", config={})

    schema = GraphSchema(
        {"sum": node({"a": "double", "b": "word"}), "double": node({"x": "word"}), "other": node({})}
    )
    ran: list[str] = []

    def runs(name: str) -> Any:
        def call(*parents: Any) -> tuple[str, Any]:
            ran.append(name)
            return name, [name, *(parent[1] for parent in parents)]

        return call

    results = []
    for kind in (DaskGraphRunner, StraightGraphRunner):
        runner = kind.__new__(kind)
        runner._graph_schema = schema
        runner._instantiated_nodes = {name: runs(name) for name in schema.nodes}
        runner._execution_context = None
        results.append([runner.run({"word": "w"}, ["sum"]) for _ in range(2)])
    assert results[0] == results[1] == [{"sum": ["sum", ["double", "w"], "w"]}] * 2
    assert "other" not in ran


@pytest.mark.parametrize(
    ("mapping", "extracts"),
    [
        ({"type": "custom"}, False),
        ({"type": "custom", "action": "action_fill"}, True),
        ({"type": "from_text"}, True),
    ],
)
def test_slots_are_extracted_only_where_a_mapping_asks_for_it(
    mapping: dict[str, str], extracts: bool
) -> None:
    domain = Domain.from_dict(
        {"actions": ["action_fill"], "slots": {"name": {"type": "text", "mappings": [mapping]}}}
    )
    processor = TurnProcessor.__new__(TurnProcessor)
    processor.domain = domain
    assert processor._extracts_slots() is extracts


def test_the_evaluation_reads_as_the_bot_that_serves_and_needs_no_tracker_store() -> None:
    code = """
import rasa.core.agent, rasa.core.processor
from rasa.core.agent import Agent
from components import overrides
store = Agent._create_tracker_store
overrides.apply_to_reading()
names = rasa.core.agent.MessageProcessor.__name__, rasa.core.processor.DaskGraphRunner.__name__
print(*names, Agent._create_tracker_store is store)
"""
    assert in_a_process(code) == "TurnProcessor StraightGraphRunner True"
