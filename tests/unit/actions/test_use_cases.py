"""What modules declare is in the domain, and nothing that a customer can ask for is missing from it."""

from pathlib import Path
from typing import Any

import yaml

from actions.support.use_cases import forms, offers, readings, slots_to_start_over, titles

ROOT = Path(__file__).resolve().parents[3]
WITHOUT_A_BUTTON = {"greet", "goodbye", "thanks", "bot_challenge", "affirm", "deny", "stop", "inform"}


def domain(part: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in (ROOT / "bot" / "domain").glob("*.yml"):
        for entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(part, ()):
            found[entry if isinstance(entry, str) else next(iter(entry))] = path.name
    return found


def test_declared_intents_forms_and_slots_are_in_the_domain() -> None:
    assert readings().keys() <= domain("intents").keys()
    assert forms().keys() == domain("forms").keys()
    assert set(slots_to_start_over()) <= domain("slots").keys()


def test_every_intent_that_asks_for_something_can_be_offered_as_a_button() -> None:
    asked = {name for name in domain("intents") if not name.startswith("rep_")}
    assert asked - readings().keys() <= WITHOUT_A_BUTTON


def test_titles_differ_so_that_a_typed_one_is_understood() -> None:
    assert len(titles()) == len(readings())
    assert all(len(reading.title) <= 40 for reading in readings().values())


def test_each_offer_has_an_answer_to_yes() -> None:
    assert all(offer.yes is not None for offer in offers().values())
