"""Frequent questions are answered as asked by customers, and nothing else is."""

from __future__ import annotations

import pytest

from models.faq import NOT_QUESTIONS, FaqIndex
from models.vocabulary import FaqEntry, Vocabulary
from parley_encoder import Encoder


@pytest.fixture(scope="module")
def faq(vocabulary: Vocabulary, encoder: Encoder) -> FaqIndex:
    return FaqIndex.build(vocabulary.faq, encoder)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("how much is shipping", "delivery-cost"),
        ("can i send it back?", "returns"),
        ("do you have a waranty", "warranty"),
    ],
)
def test_a_question_in_other_words_is_answered(faq: FaqIndex, text: str, entry: str) -> None:
    hit = faq.best(text)
    assert hit is not None
    assert hit.id == entry
    assert hit.answer


@pytest.mark.parametrize("text", [*NOT_QUESTIONS, "", "   ", "what is the meaning of life"])
def test_what_is_no_question_to_the_shop_is_left_alone(faq: FaqIndex, text: str) -> None:
    assert faq.best(text) is None


def test_each_phrasing_left_out_is_often_found_by_the_others_and_seldom_mistaken(
    vocabulary: Vocabulary, encoder: Encoder
) -> None:
    right = wrong = asked = 0
    for turn in range(3):
        kept = [
            FaqEntry(e.id, e.question, e.answer, e.alternatives[:turn] + e.alternatives[turn + 1 :])
            for e in vocabulary.faq
        ]
        index = FaqIndex.build(kept, encoder)
        for entry in vocabulary.faq:
            hit = index.best(entry.alternatives[turn])
            right += hit is not None and hit.id == entry.id
            wrong += hit is not None and hit.id != entry.id
            asked += 1
    assert right / asked >= 0.35
    assert wrong <= right / 3


def test_an_empty_faq_answers_nothing(encoder: Encoder) -> None:
    assert FaqIndex.build([], encoder).best("what does delivery cost") is None
