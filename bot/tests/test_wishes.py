"""Several wishes in one message, corrections, and messages in other languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from components.language import foreign
from components.wishes import find_wishes, outweighs, parts_of, remainder_of

INTENTS = {
    "add": "add_to_cart",
    "where": "order_status",
    "thanks": "thanks",
    "tablet": "find_product",
    "yes": "affirm",
}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("add it and where's my order", ["add it", "where's my order"]),
        ("yes please, and add a mouse too", ["yes please", "add a mouse too"]),
        (
            "Where is my order? And do you ship to Austria?",
            ["Where is my order?", "And do you ship to Austria?"],
        ),
        ("put two of the first in the cart then checkout", ["put two of the first in the cart", "checkout"]),
        ("I need a laptop for video editing and gaming", []),
        ("something light and with a long battery", []),
        ("compare the first and the second", []),
        ("add and pay", []),
        ("the second one, is it in stock?", []),
        ("that one, add it to my cart and check out", ["that one, add it to my cart", "check out"]),
    ],
)
def test_a_message_is_cut_where_a_clause_of_its_own_begins(text: str, parts: list[str]) -> None:
    found = parts_of(text)
    assert [part.text for part in found] == parts
    assert [text[part.start : part.end].strip() for part in found] == parts


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("no, I meant the tablet", "the tablet"),
        ("I said sony not samsung", "sony not samsung"),
        ("not that, the other", "the other"),
        ("wrong, it's Miller", "it's Miller"),
        ("that's not what I meant", None),
        ("no", None),
        ("I mean", None),
    ],
)
def test_a_correction_is_read_without_its_lead(text: str, rest: str | None) -> None:
    found = remainder_of(text)
    assert (found.text if found else None) == rest


def found_in(text: str, confidence: float = 0.9) -> dict[str, Any]:
    encoded: list[str] = []

    def encode(texts: Sequence[str]) -> np.ndarray:
        encoded.extend(texts)
        return np.arange(len(texts))

    def rank(number: np.ndarray) -> tuple[list[dict[str, Any]], float]:
        said = encoded[int(number)].lower()
        name = next((intent for word, intent in INTENTS.items() if word in said), "inform")
        return [{"name": name, "confidence": confidence}], 1.0

    return find_wishes(text, encode=encode, rank=rank, unsure=lambda ranking, known: False)


def test_two_sure_wishes_are_told_with_their_places() -> None:
    text = "add it to my cart and where is my order"
    wishes = found_in(text)["wishes"]
    assert [wish["intent"] for wish in wishes] == ["add_to_cart", "order_status"]
    assert [text[wish["start"] : wish["end"]] for wish in wishes] == [
        "add it to my cart",
        "where is my order",
    ]


@pytest.mark.parametrize(
    "text",
    ["thanks a lot! where is my order", "add it and add the other one", "where is it. my name is Anna"],
)
def test_manners_repetitions_and_bare_information_are_no_second_wish(text: str) -> None:
    assert "wishes" not in found_in(text)


def test_one_sure_wish_beside_an_answer_is_told_as_an_aside() -> None:
    text = "Tom Frey. And where is my order?"
    found = found_in(text)["aside"]
    assert (found["intent"], text[found["start"] : found["end"]]) == (
        "order_status",
        "And where is my order?",
    )


def test_a_less_sure_aside_is_none() -> None:
    assert found_in("Tom Frey. And where is my order?", confidence=0.7) == {}


def test_unsure_parts_leave_the_message_whole() -> None:
    assert found_in("add it to my cart and where is my order", confidence=0.5) == {}


@pytest.mark.parametrize(
    ("name", "confidence", "stays_whole"),
    [
        ("return_order", 0.7, True),
        ("return_order", 0.4, False),
        ("complaint", 0.7, False),
        ("inform", 0.7, False),
        ("nlu_fallback", 0.7, False),
    ],
)
def test_a_whole_that_is_surely_something_else_has_no_wishes(
    name: str, confidence: float, stays_whole: bool
) -> None:
    wishes = [{"intent": "complaint"}, {"intent": "refund_status"}]
    whole = {"name": name, "confidence": confidence}
    assert outweighs(whole, wishes) is stays_whole
    assert not outweighs(whole, [])


def test_what_was_meant_is_told_however_little_it_says() -> None:
    assert found_in("no, I meant the tablet")["meant"]["intent"] == "find_product"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ich suche einen Laptop", "de"),
        ("bonjour, je cherche un ordinateur", "fr"),
        ("quiero comprar un portátil", "es"),
        ("где мой заказ", "other"),
        ("as cheap as possible", None),
        ("what does the Pluvier die cost", None),
        ("14 rue de la Paix, Paris", None),
        ("nein danke", None),
        ("show me the La Marzocco", None),
        ("👍👍", None),
    ],
)
def test_other_languages_are_told_from_english_and_from_names(text: str, language: str | None) -> None:
    assert foreign(text) == language
