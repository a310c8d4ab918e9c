"""Learned entities: the best sequence of tags, and how they go with what rules have found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message

from components.entities import tagger
from components.entities.tagger import Decoder, EntityTagger
from parley_encoder.lexical import BUCKETS, looks

TAGS = ("O", "B-city", "I-city", "B-name", "I-name")
TEXT = "Ann moves to New York"
WORDS = ((0, 3), (4, 9), (10, 12), (13, 16), (17, 21))


def scores(*rows: str) -> np.ndarray:
    """Each row names the tags that score, best first: "I-name B-city" gives 3 and 2."""
    found = np.zeros((len(rows), len(TAGS)), np.float32)
    for row, names in zip(found, rows, strict=True):
        for points, name in zip((3.0, 2.0, 1.0), names.split()):  # noqa: B905 - fewer names than points
            row[TAGS.index(name)] = points
    return found


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (("B-name", "O", "O", "B-city", "I-city"), [(0, 3, "name"), (13, 21, "city")]),
        (("O", "O", "O", "B-city", "B-city"), [(13, 16, "city"), (17, 21, "city")]),
        (("O", "O", "O", "I-city B-city", "I-city"), [(13, 21, "city")]),
        (("O", "O", "O", "B-name B-city", "I-city I-name"), [(13, 21, "city")]),
        (("O", "O", "O", "O", "O"), []),
    ],
)
def test_the_best_possible_sequence_is_read(read: tuple[str, ...], expected: list[Any]) -> None:
    assert Decoder(TAGS).entities(WORDS, scores(*read)) == expected


def test_what_follows_what_decides_between_like_scores() -> None:
    step = np.zeros((len(TAGS), len(TAGS)), np.float32)
    step[TAGS.index("B-city"), TAGS.index("I-city")] = 1.5
    read = scores("O", "O", "O", "B-city", "O I-city")
    assert Decoder(TAGS).entities(WORDS, read) == [(13, 16, "city")]
    assert Decoder(TAGS, step=step).entities(WORDS, read) == [(13, 21, "city")]


def test_a_sentence_begins_as_sentences_do() -> None:
    first = np.zeros(len(TAGS), np.float32)
    first[TAGS.index("B-name")] = 1.5
    read = scores("O B-name", "O", "O", "B-city", "O")
    assert Decoder(TAGS, first=first).entities(WORDS, read) == [(0, 3, "name"), (13, 16, "city")]


def test_a_text_without_words_has_no_entity() -> None:
    assert Decoder(TAGS).entities((), np.zeros((0, 5), np.float32)) == []


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = SimpleNamespace(words=WORDS, scores=scores("B-name", "O", "O", "B-city", "I-city"))
    monkeypatch.setattr(
        tagger, "adapted", lambda: knowing(reading, np.zeros((BUCKETS, len(TAGS)), np.float16))
    )


def knowing(reading: SimpleNamespace, known: np.ndarray) -> SimpleNamespace:
    """What was learned: this reading of every text, these looks, and nothing of what follows what."""
    encoder = SimpleNamespace(read=lambda text: reading)
    return SimpleNamespace(tags=TAGS, looks=known, first=0.0, step=0.0, encoder=encoder)


def entities(gives_way: list[str], present: list[dict[str, Any]]) -> list[tuple[str, str]]:
    message = Message({"text": TEXT, "entities": present})
    EntityTagger({"gives_way": gives_way}).process([message])
    return [(e["entity"], e["value"]) for e in message.get("entities")]


@pytest.mark.usefixtures("learned")
def test_learned_entities_come_after_those_that_rules_found() -> None:
    here = {"entity": "quantity", "start": 10, "end": 12, "value": 2}
    assert entities([], [here]) == [("quantity", 2), ("name", "Ann"), ("city", "New York")]


@pytest.mark.usefixtures("learned")
def test_what_a_marked_type_means_is_told_by_the_sentences_and_not_by_rules() -> None:
    here = {"entity": "city", "start": 4, "end": 9, "value": "Moves"}
    assert entities([], [here]) == [("name", "Ann"), ("city", "New York")]


@pytest.mark.usefixtures("learned")
def test_a_type_that_gives_way_is_added_to_what_rules_found_of_it() -> None:
    here = {"entity": "city", "start": 13, "end": 21, "value": "NYC"}
    elsewhere = {"entity": "city", "start": 4, "end": 9, "value": "Moves"}
    assert entities(["city"], [here]) == [("city", "NYC"), ("name", "Ann")]
    assert entities(["city"], [elsewhere]) == [("city", "Moves"), ("name", "Ann"), ("city", "New York")]


@pytest.mark.usefixtures("learned")
def test_a_type_that_gives_way_is_left_out_over_a_brand() -> None:
    brand = {"entity": "brand", "start": 0, "end": 3, "value": "Ann"}
    assert entities(["name"], [brand]) == [("brand", "Ann"), ("city", "New York")]
    assert entities([], [brand]) == [("brand", "Ann"), ("name", "Ann"), ("city", "New York")]


def test_what_a_word_looks_like_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = SimpleNamespace(words=WORDS, scores=scores("O", "O", "O", "O", "O"))
    known = np.zeros((BUCKETS, len(TAGS)), np.float16)
    known[looks([TEXT[start:end] for start, end in WORDS])[0], TAGS.index("B-name")] = 1.0
    monkeypatch.setattr(tagger, "adapted", lambda: knowing(reading, known))
    assert entities([], [])[0] == ("name", "Ann")


def test_where_nothing_was_learned_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagger, "adapted", lambda: None)
    assert entities([], []) == []
