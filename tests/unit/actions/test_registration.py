"""What rasa-sdk finds in the package is what the domain names, and nothing half-made."""

from __future__ import annotations

from pathlib import Path

import yaml
from rasa_sdk.executor import ActionExecutor

DOMAIN = Path(__file__).parents[3] / "bot" / "domain"


def domain_actions() -> set[str]:
    return {
        name for path in DOMAIN.glob("*.yml") for name in yaml.safe_load(path.read_text()).get("actions", [])
    }


def test_every_action_of_the_domain_is_served_and_no_other() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    assert set(executor.actions) == domain_actions()


def test_every_form_has_a_validator_and_a_question_for_each_slot() -> None:
    actions = domain_actions()
    for path in DOMAIN.glob("*.yml"):
        for form, described in (yaml.safe_load(path.read_text()).get("forms") or {}).items():
            assert f"validate_{form}" in actions
            for slot in described["required_slots"]:
                assert actions & {f"action_ask_{form}_{slot}", f"action_ask_{slot}"}, (form, slot)
