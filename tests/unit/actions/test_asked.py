"""What a question is about, by the shop's own vocabulary."""

from __future__ import annotations

import pytest

from actions.support.asked import asked_about
from actions.support.turn import Entity, Turn
from models.vocabulary import Vocabulary


def asked(text: str, vocabulary: Vocabulary, *entities: Entity) -> set[str]:
    turn = Turn("c", "m", text=text, entities=entities)
    return {attribute.name for attribute in asked_about(turn, vocabulary)}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("how long does the battery of the second one last?", "battery_h"),
        ("how long does it last on one charge", "battery_days"),
        ("what does it weigh", "weight_kg"),
        ("how loud does it get?", "power_w"),
        ("is it waterproof?", "waterproof"),
        ("which processor is in it", "cpu"),
        ("what kind of panel does it have", "panel"),
        ("battery life?", "battery_h"),
        ("HOW BIG IS THE SCREEN", "screen_inch"),
    ],
)
def test_a_question_names_its_attribute(text: str, name: str, vocabulary: Vocabulary) -> None:
    assert name in asked(text, vocabulary)


@pytest.mark.parametrize(
    "text",
    [
        "tell me more about the second one",
        "what about the one with the big screen?",
        "what is it for?",
        "how much is it?",
        "I would like to hear everything you know about the laptop with good battery",
    ],
)
def test_other_questions_name_none(text: str, vocabulary: Vocabulary) -> None:
    assert not asked(text, vocabulary)


def test_how_long_a_battery_lasts_is_no_question_about_a_cable(vocabulary: Vocabulary) -> None:
    assert "cable_m" not in asked("how long does the battery last?", vocabulary)


def test_the_name_of_a_product_asks_for_nothing(vocabulary: Vocabulary) -> None:
    name = Entity("product", "MEM-0001", start=8, end=25)
    assert not asked("what is memory card Fast?", vocabulary, name)
