"""The sentiment head: learnt from labelled texts, calibrated, stored and refused when it doesn't fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from models.sentiment import LABELS, Examples, SentimentError, SentimentHead, read_examples
from models.train_sentiment import train
from parley_encoder import Encoder

DATA = Path(__file__).parents[3] / "data" / "sentiment"


@pytest.fixture(scope="module")
def examples() -> Examples:
    return read_examples(DATA)


@pytest.fixture(scope="module")
def head(examples: Examples, encoder: Encoder) -> SentimentHead:
    with threadpool_limits(1):
        return train(examples, encoder.encode(examples.texts), encoder)


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
    sentiment = head.read(encoder.encode([text]))[0]
    assert sentiment.label == label
    assert {
        "negative": sentiment.score < -0.3,
        "neutral": abs(sentiment.score) < 0.5,
        "positive": sentiment.score > 0.3,
    }[label]


def test_held_out_texts_are_read_well_and_confidence_means_what_it_says(head: SentimentHead) -> None:
    measured = head.facts["cross_validated"]
    assert measured["accuracy"] >= 0.75
    assert measured["calibration_error"] <= 0.06


def test_a_stored_head_reads_the_same(head: SentimentHead, encoder: Encoder, tmp_path: Path) -> None:
    head.save(tmp_path / "sentiment")
    vectors = encoder.encode(["thanks!", "terrible", "two of them"])
    assert SentimentHead.load(tmp_path / "sentiment", encoder).read(vectors) == head.read(vectors)


def test_a_missing_or_damaged_head_says_how_to_train_it(
    head: SentimentHead, encoder: Encoder, tmp_path: Path
) -> None:
    with pytest.raises(SentimentError, match=r"holds no sentiment head.*models\.train_sentiment"):
        SentimentHead.load(tmp_path / "sentiment", encoder)
    head.save(tmp_path / "sentiment")
    path = tmp_path / "sentiment" / "head.safetensors"
    path.write_bytes(path.read_bytes()[:-8] + b"\0" * 8)
    with pytest.raises(SentimentError, match="differs from its manifest"):
        SentimentHead.load(tmp_path / "sentiment", encoder)


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
