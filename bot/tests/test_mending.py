"""Mistyped words are read as the training sentences spell them; everything else stays as it was typed."""

from __future__ import annotations

import pytest

from components.artifacts import english_words
from components.mending import Mending, common_words

SENTENCES = [
    *["any coupon for my order", "where is the coupon code", "cancel my order please"] * 3,
    *["is there a warranty on headphones", "the headphones have a warranty of how many years"] * 3,
    *["do you have oled televisions", "an oled television please", "the oled one"] * 3,
]


@pytest.fixture(scope="module")
def mending() -> Mending:
    return Mending(common_words(SENTENCES), known=english_words())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pls cancle my ordr", "pls cancel my order"),
        ("waranty on teh hedphones how many yeers", "warranty on teh headphones how many years"),
        ("CUPON CODE?", "coupon CODE?"),
        ("Waranty?", "warranty?"),
        ("any oledd televizion", "any oled television"),
    ],
)
def test_typos_of_what_people_say_are_mended(mending: Mending, typed: str, meant: str) -> None:
    assert mending.of(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "an oled television",  # no English word, but one of ours
        "a table for the garden",  # English, however near to another word
        "ask Ordar about it",  # may be a name
        "ordr@example.org or www.ordr.example",
        "ordr-1234",
        "zzkgh blorp",
        "",
        "🙂",
    ],
)
def test_what_is_no_typo_stays(mending: Mending, text: str) -> None:
    assert mending.of(text) == text


def test_words_that_stand_in_one_sentence_mend_nothing() -> None:
    words = common_words(["the warranty", "a waranty", "your warranty"])
    assert words == {"warranty": 2}


def test_of_two_words_as_near_the_much_commoner_one_is_meant() -> None:
    often = {"price": 40, "prize": 2, "ships": 9, "shops": 8}
    mending = Mending(often, known=often.__contains__)
    assert mending.of("the prixe of it") == "the price of it"
    assert mending.of("my shjps") == "my shjps"
