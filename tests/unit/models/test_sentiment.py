"""The sentiment head: learnt from labelled texts, calibrated, stored and refused when it doesn't fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from models.sentiment import Examples, SentimentError, read_examples, save
from models.train_sentiment import known_terms, simplest, train
from parley_encoder import Encoder
from parley_encoder.sentiment import LABELS, TERM_SHARE, SentimentHead, SentimentUnusable, terms_of

DATA = Path(__file__).parents[3] / "data" / "sentiment"


@pytest.fixture(scope="module")
def examples() -> Examples:
    return read_examples(DATA)


@pytest.fixture(scope="module")
def head(examples: Examples, encoder: Encoder) -> SentimentHead:
    with threadpool_limits(1):
        return train(examples, encoder.middle(examples.texts), encoder.fingerprint)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("this is the worst shop I have ever dealt with, I'm furious", "negative"),
        ("you are wonderful, thank you so much", "positive"),
        ("I need a laptop with 16 GB of memory", "neutral"),
        ("where is my order", "neutral"),
        ("absolute garbage, it broke after a day", "negative"),
        ("great, that is exactly what I was looking for", "positive"),
    ],
)
def test_a_clear_text_is_read_right(head: SentimentHead, encoder: Encoder, text: str, label: str) -> None:
    sentiment = head.read_all([text], encoder)[0]
    assert sentiment.label == label
    assert {
        "negative": sentiment.score < -0.3,
        "neutral": abs(sentiment.score) < 0.5,
        "positive": sentiment.score > 0.3,
    }[label]


def test_held_out_texts_are_read_well_and_confidence_means_what_it_says(head: SentimentHead) -> None:
    measured = head.facts["cross_validated"]
    assert measured["accuracy"] >= 0.79
    assert measured["sign_accuracy"] >= 0.83
    assert measured["calibration_error"] <= 0.06


def test_a_stored_head_reads_the_same(head: SentimentHead, encoder: Encoder, tmp_path: Path) -> None:
    save(head, tmp_path / "sentiment")
    texts = ["thanks!", "terrible", "two of them", ""]
    loaded = SentimentHead.load(tmp_path / "sentiment", encoder.fingerprint)
    assert loaded.read_all(texts, encoder) == head.read_all(texts, encoder)


def test_a_missing_or_damaged_head_is_refused(head: SentimentHead, encoder: Encoder, tmp_path: Path) -> None:
    with pytest.raises(SentimentUnusable, match="holds no sentiment head"):
        SentimentHead.load(tmp_path / "sentiment", encoder.fingerprint)
    save(head, tmp_path / "sentiment")
    with pytest.raises(SentimentUnusable, match="another encoder"):
        SentimentHead.load(tmp_path / "sentiment", "of another one")
    path = tmp_path / "sentiment" / "head.safetensors"
    path.write_bytes(path.read_bytes()[:-8] + b"\0" * 8)
    with pytest.raises(SentimentUnusable, match="differs from its manifest"):
        SentimentHead.load(tmp_path / "sentiment", encoder.fingerprint)


def test_terms_are_words_with_their_apostrophes_pairs_faces_and_shouting() -> None:
    assert terms_of("I don’t like it!! :(") == [
        "i",
        "don't",
        "like",
        "it",
        "!!",
        ":(",
        "i don't",
        "don't like",
        "like it",
        "it !!",
        "!! :(",
    ]


def test_known_terms_stand_in_two_texts_and_have_a_fixed_length() -> None:
    terms = known_terms(["good shop", "good price", "bad shop"])
    assert list(terms.rows) == ["good", "shop"]
    rows, weights = terms.of("a good, good shop")
    assert rows == [0, 1]
    assert float((weights**2).sum()) == pytest.approx(TERM_SHARE**2)
    assert terms.of("nothing known")[0] == []


def test_the_simplest_head_wins_unless_another_is_better_for_certain() -> None:
    noise = np.array([0.0, 1.0] * 50)
    assert simplest({0.5: noise + 0.04, 1.0: noise, 2.0: noise - 0.001}) == 0.5
    assert simplest({0.5: noise + 0.5, 1.0: noise, 2.0: noise - 0.001}) == 1.0


def test_what_the_middle_layers_know_is_the_same_in_a_batch(encoder: Encoder) -> None:
    texts = ["a great shop", "the worst parcel service of all, and nobody answers the phone"]
    alone = [encoder.middle([text])[0] for text in texts]
    np.testing.assert_allclose(encoder.middle(texts), np.stack(alone), atol=1e-5)
    assert encoder.middle(texts).shape == (2, 3 * encoder.dimension)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text\tlabel\n", r"a\.tsv:1: the header"),
        ("label\ttext\nangry\tno\n", r"a\.tsv:2: .*write one of negative, neutral, positive"),
        ("label\ttext\nnegative no tab\n", r"a\.tsv:2"),
        ("label\ttext\nnegative\tok\npositive\tok\n", "'ok' is positive here and negative elsewhere"),
        ("label\ttext\nnegative\tno\n", "only 1 negative examples"),
        ("", "empty or not UTF-8"),
    ],
)
def test_wrong_training_data_is_refused_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "a.tsv").write_text(content, encoding="utf-8")
    with pytest.raises(SentimentError, match=message):
        read_examples(tmp_path)


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SentimentError, match=r"holds no \.tsv file"):
        read_examples(tmp_path)


def test_labels_stand_in_the_order_that_the_bot_reads() -> None:
    assert LABELS == ("negative", "neutral", "positive")
