"""Rules are found by what they end in; the same ones as when all are looked at."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource

from components.policy import ResumingRulePolicy

INTENTS = ("greet", "buy", None)
ACTIONS = ("action_listen", "utter_greet", "should_not_be_set", None)
LOOPS = ("form", "should_not_be_set", None)


def state(intent: str | None, action: str | None, loop: str | None) -> dict[str, Any]:
    parts = {
        "user": ("intent", intent),
        "prev_action": ("action_name", action),
        "active_loop": ("name", loop),
    }
    return {name: {key: value} for name, (key, value) in parts.items() if value is not None}


@pytest.fixture
def policy(tmp_path_factory: pytest.TempPathFactory) -> ResumingRulePolicy:
    storage = LocalModelStorage(tmp_path_factory.mktemp("storage"))
    context = ExecutionContext(GraphSchema({}), "test")
    return ResumingRulePolicy(ResumingRulePolicy.get_default_config(), storage, Resource("rules"), context)


def test_the_rules_found_are_those_that_rasa_finds(policy: ResumingRulePolicy) -> None:
    every = [state(*parts) for parts in itertools.product(INTENTS, ACTIONS, LOOPS)]
    rules = [[end] for end in every if end] + [
        [first, end] for first in every[:9] for end in every[5:20] if end
    ]
    lookup = {json.dumps(rule, sort_keys=True): "action" for rule in rules}
    for before, now in itertools.product(every[:12], every):
        states = [before, now]
        assert policy._get_possible_keys(lookup, states) == RulePolicy._get_possible_keys(
            policy, lookup, states
        )


def test_rules_that_are_added_later_are_found_too(policy: ResumingRulePolicy) -> None:
    greeted = [state("greet", "action_listen", None)]
    lookup: dict[str, str] = {json.dumps([state("buy", "action_listen", None)]): "a"}
    assert policy._get_possible_keys(lookup, greeted) == set()
    lookup[json.dumps(greeted)] = "b"
    assert policy._get_possible_keys(lookup, greeted) == {json.dumps(greeted)}
