"""Words as customers write them: misspelt by ear, sizes of a named attribute, words that are no typos."""

from __future__ import annotations

import pytest

from models.search import ProductIndex, Query
from models.search.analysis import words
from models.search.dense import known_word
from models.search.preferences import Preferences
from models.search.spelling import Speller
from models.vocabulary import Vocabulary
from parley_encoder import Encoder

KNOWN = {"phone": 40, "fitness": 9, "headphones": 30, "other": 12, "room": 8, "pick": 2, "keyboard": 14}


@pytest.mark.parametrize(
    ("ways", "one"),
    [
        (("16 gb", "16GB", "16-GB", "16 Gigabytes"), ["16gb"]),
        (("6 ft", "6'", "6-foot", "6 feet", "6 ft.", "6′"), ["6ft"]),
        (("1/2 in.", "½ inch", '1/2"', "1/2-inch"), ["1/2in"]),
        (("1-1/2 in", "1½″", "1 ½ inches"), ["1", "1/2in"]),
        (("500 ml", "500ml", "500 millilitres"), ["500ml"]),
        (("2.4 GHz", "2,4 GHz", "2.4ghz"), ["2.4ghz"]),
        (("90 degrees", "90°"), ["90deg"]),
        (("10,000 mAh", "10000mah"), ["10000mah"]),
        (("0.5 kWh", "0,5 kilowatt hours"), ["0.5kwh"]),
    ],
)
def test_a_measure_is_one_word_however_it_is_written(ways: tuple[str, ...], one: list[str]) -> None:
    assert {way: words(way) for way in ways} == dict.fromkeys(ways, one)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("fone", ["phone"]),
        ("fitnes", ["fitness"]),
        ("headfones", ["headphones"]),
        ("keybord", ["keyboard"]),
        ("xylophage", []),
    ],
)
def test_a_word_written_by_ear_is_mended(written: str, meant: list[str]) -> None:
    assert list(Speller(KNOWN).mended(written)) == meant


@pytest.mark.parametrize(
    ("text", "liked"),
    [
        ("phone w/ huge battery", {"battery_h": 1.0, "battery_days": 1.0}),
        ("a big screen", {"screen_inch": 1.0}),
        ("something big", {"screen_inch": 1.0}),
        ("lots of storage, not too heavy", {"storage_gb": 1.0}),
        ("low weight", {"weight_kg": -1.0, "weight_g": -1.0}),
        ("a big family", {"screen_inch": 1.0}),
    ],
)
def test_a_size_is_that_of_the_attribute_named_beside_it(
    vocabulary: Vocabulary, text: str, liked: dict[str, float]
) -> None:
    found = dict(Preferences(vocabulary).liked(text))
    assert liked.items() <= found.items()
    assert "screen_inch" in liked or "screen_inch" not in found


def test_a_good_word_is_told_from_a_typo(encoder: Encoder) -> None:
    knows = known_word(encoder)
    assert all(knows(word) for word in ("mother", "roof", "wrist", "pics"))
    assert not any(knows(word) for word in ("fone", "hedphones", "labtop", "##ing"))


def test_what_somebody_wants_to_do_is_no_kind_of_thing(index: ProductIndex) -> None:
    films = index.search(Query(text="something to watch films on in the living room"), limit=3)
    assert not any(hit.sku.startswith("WAT") for hit in films)
    assert all(hit.sku.startswith("WAT") for hit in index.search(Query(text="a watch for my wife"), limit=3))
