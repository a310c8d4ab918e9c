"""What thing a sentence asks for decides whether a product that fits its other words is an answer."""

import pytest

from actions.support.asked_thing import is_among


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("something to read and scribble notes on like paper", {"read", "notes"}),
        ("I need a printer for labels", {"printer", "labels"}),
        ("looking for printers with wifi", {"printer"}),
        ("32 gb memory and a long battery, mostly business trips", {"32", "memory", "battery"}),
        ("present for my nephew who likes chess", set()),
        ("to watch films in bed", {"films"}),
    ],
)
def test_what_is_sold_or_left_open_is_among_the_words(text: str, words: set[str]) -> None:
    assert is_among(text, words)


@pytest.mark.parametrize(
    "text",
    [
        "I need a sofa for the living room",
        "do you have a bicycle with a basket",
        "looking for some garden gnomes for my terrace",
        "i want to buy a lawnmower, cheap",
    ],
)
def test_what_is_not_sold_is_not(text: str) -> None:
    assert not is_among(text, {"living", "room", "basket", "terrace", "cheap"})
