"""Adapting the encoder: what is read, and that the upper layers learn to tell intents apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from torch import Tensor

from models.adaptation import AdaptationError
from models.adaptation.sentences import Sentences, read_sentences
from models.adaptation.tower import Tower, lower_states, vectors
from models.adaptation.training import Settings, adapt
from models.encoder_export.weights import Source, installed_source
from parley_encoder import Encoder

TEXTS = ("put it in my basket", "I'll take that one", "where is my parcel", "has my order been sent yet")
INTENTS = [0, 0, 1, 1]


@pytest.fixture(scope="module")
def source() -> Source:
    return installed_source()


def states_of(source: Source, settings: Settings) -> tuple[Tower, list[Tensor]]:
    weights, architecture = source.weights(), source.architecture()
    tokenizer = Tokenizer.from_file(str(source.tokenizer))
    states = lower_states(TEXTS, tokenizer, weights, architecture, settings.frozen)
    return Tower(weights, architecture, settings.frozen), list(states)


def test_sentences_are_read_without_their_annotations(tmp_path: Path) -> None:
    content = (
        'nlu:\n- intent: find\n  examples: |\n    - a [red](color) phone\n    - "a" [tv]{"entity": "kind"}\n'
    )
    content += "- intent: bye\n  examples: |\n    - see you\n- synonym: tv\n  examples: |\n    - telly\n"
    (tmp_path / "find.yml").write_text(content, encoding="utf-8")
    found = read_sentences(tmp_path)
    assert found == Sentences(("a red phone", '"a" tv', "see you"), ("find", "find", "bye"))


def test_an_intents_name_is_a_sentence_of_it() -> None:
    named = Sentences(("hi",), ("say_hello",)).with_names()
    assert named == Sentences(("hi", "say hello"), ("say_hello", "say_hello"))


def test_a_single_intent_is_refused(tmp_path: Path) -> None:
    rows = {"rasa_nlu_data": {"common_examples": [{"text": "hi", "intent": "greet"}]}}
    (tmp_path / "train.json").write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(AdaptationError, match="fewer than two intents"):
        read_sentences(tmp_path / "train.json")


def test_a_file_of_another_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text('{"rows": []}', encoding="utf-8")
    with pytest.raises(AdaptationError, match=r"train\.json"):
        read_sentences(tmp_path / "train.json")


def test_the_untrained_tower_gives_the_encoders_vectors(source: Source, encoder: Encoder) -> None:
    tower, states = states_of(source, Settings())
    cosines = (vectors(tower, states) * encoder.encode(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.97


def test_adapting_draws_an_intent_together_and_keeps_the_lower_layers(source: Source) -> None:
    settings = Settings(epochs=10, batch=4, smoothing=0.0)
    tower, states = states_of(source, settings)
    before = adapt(tower, states, INTENTS, settings)
    after = vectors(tower, states)
    assert _gap(after) > _gap(before) + 0.1
    assert {name.split(".")[2] for name in tower.published()} == {"3", "4", "5"}


def _gap(found: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> float:
    """How much nearer texts of one intent are than texts of two."""
    cosines = found @ found.T
    return float((cosines[0, 1] + cosines[2, 3]) / 2 - cosines[:2, 2:].mean())
