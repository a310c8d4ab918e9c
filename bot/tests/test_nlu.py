"""Classifier, calibration and sentiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from components.calibration import Blend, LinearModel, fit, fit_blend, softmax
from components.classifier import FALLBACK, EncodersChanged, IntentClassifier, RoleModel
from components.ensemble import Ensemble, Lesson, Sight, fit_ensemble
from components.featurizer import SentenceFeaturizer
from components.ngrams import NgramModel, fit_ngrams
from components.out_of_scope import ScopeDetector, fit_scope
from components.sentiment import SentimentAnalyzer, SentimentUnavailable


def cloud(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Three directions with noise, unequal in number: unit vectors (90, 8) and labels (90,)."""
    random = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2], [50, 30, 10])
    vectors = np.eye(8)[labels] + random.normal(0, 0.35, (90, 8))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), labels


def test_confidences_mean_what_they_say() -> None:
    model, measured, _ = fit(*cloud(1), grid=[1.0, 10.0])
    vectors, labels = cloud(2)
    probabilities = softmax(model.logits(vectors))
    right = probabilities.argmax(axis=1) == labels
    assert right.mean() > 0.9
    assert abs(probabilities.max(axis=1).mean() - right.mean()) < 0.08
    assert measured["cv_accuracy"] > 0.9


def test_the_fit_agrees_with_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    vectors, labels = cloud()
    model, _, _ = fit(vectors, labels, grid=[10.0])
    theirs = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000).fit(vectors, labels)
    ours = softmax(vectors @ model.weights + model.bias)
    np.testing.assert_allclose(ours, theirs.predict_proba(vectors), atol=0.02)


def scope() -> ScopeDetector:
    vectors, labels = cloud(1)
    _, _, held_out = fit(vectors, labels, grid=[10.0])
    found = fit_scope(vectors, labels, held_out, np.arange(len(labels)))
    assert found is not None
    return found[0]


def test_what_no_intent_is_like_is_out_of_scope() -> None:
    model, _, _ = fit(*cloud(1), grid=[10.0])
    detector = scope()
    familiar, strange = np.eye(8, dtype=np.float32)[[0, 7]]
    assert detector.known(familiar, model.logits(familiar)) > 0.8
    assert detector.known(strange, model.logits(strange)) < 0.3


def test_what_is_usual_in_a_wide_intent_is_strange_in_a_narrow_one() -> None:
    random = np.random.default_rng(5)
    labels = np.repeat([0, 1, 2], 40)
    vectors = np.eye(32)[labels] + random.normal(
        0, np.array([0.25, 0.03, 0.1])[labels, np.newaxis], (120, 32)
    )
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    found = fit_scope(vectors, labels, 9.0 * np.eye(3)[labels], np.arange(120))
    assert found is not None
    usual = found[0].usual
    assert usual[0] < usual[2] < usual[1]
    examples, starts = np.eye(2, dtype=np.float32)[[0, 0, 1, 1]], np.array([0, 2])
    detector = ScopeDetector(
        examples, starts, np.array([0.4, 0.9]), np.zeros(3), np.ones(3), np.array([1.0, 0.0])
    )
    between = np.full(2, 0.7, np.float32)
    assert (
        detector.known(between, np.array([2.0, 0.0])) > detector.known(between, np.array([0.0, 2.0])) + 0.02
    )


def test_an_intent_with_one_sentence_is_read_from_it() -> None:
    vectors = np.eye(6, dtype=np.float32)
    labels = np.array([0, 0, 1, 1, 2, 3])
    found = fit_scope(vectors, labels, 5.0 * np.eye(4)[labels], np.arange(6))
    assert found is not None
    detector, seen = found
    assert np.isfinite(seen).all()
    assert detector.known(vectors[4], 5.0 * np.eye(4)[2]) > detector.known(-vectors[4], 5.0 * np.eye(4)[2])


def test_a_role_that_no_sentence_was_written_for_gets_the_fallback(classifier: IntentClassifier) -> None:
    del classifier._models[True]
    nothing = classifier._rank(seen(1, 1, 1, 1), is_rep=True)
    assert nothing == ([], 0.0)
    assert classifier._decide(*nothing, is_rep=True)["name"] == FALLBACK


def test_a_stored_detector_is_the_same() -> None:
    detector = scope()
    again = ScopeDetector(**detector.tensors())
    vector, logits = np.eye(8, dtype=np.float32)[3], np.zeros(3)
    assert again.known(vector, logits) == detector.known(vector, logits)


def test_two_intents_are_too_few_to_leave_one_out() -> None:
    labels = np.array([0, 1, 0, 1])
    assert fit_scope(np.eye(4, dtype=np.float32), labels, np.zeros((4, 2)), np.arange(4)) is None


def test_classes_with_a_single_example_are_learnt() -> None:
    vectors = np.eye(4, dtype=np.float32)
    model, _, _ = fit(vectors, np.arange(4), grid=[10.0])
    assert (model.logits(vectors).argmax(axis=1) == np.arange(4)).all()


def test_masked_logits_are_no_numbers_out_of_nothing() -> None:
    assert softmax(np.array([-np.inf, 1000.0, 1000.0])).tolist() == [0.0, 0.5, 0.5]


TEXTS = [
    "red shoes please",
    "show me red shoes",
    "any shoes in red",
    "cancel it now",
    "please cancel",
    "cancel that",
]
COLOURS = np.array([0, 0, 0, 1, 1, 1])


def test_words_tell_intents_apart_and_are_stored() -> None:
    model, held_out = fit_ngrams(TEXTS, COLOURS, np.array([0, 1, 2, 0, 1, 2]))
    assert held_out.argmax(axis=1).tolist() == COLOURS.tolist()
    again = NgramModel(**model.tensors())
    assert again.logits("RED shoez?").argmax() == 0
    np.testing.assert_array_equal(again.logits("cancel"), model.logits("cancel"))


def test_a_text_of_unknown_pieces_says_nothing() -> None:
    model, _ = fit_ngrams(TEXTS, COLOURS, np.array([0, 1, 2, 0, 1, 2]))
    np.testing.assert_array_equal(model.logits("日本"), model.bias)


def test_who_is_right_is_believed_and_who_guesses_is_not() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 3, 300)
    right = np.where(random.random(300) < 0.8, labels, random.integers(0, 3, 300))
    blend = fit_blend([np.eye(3)[right] * 9, random.normal(0, 9, (300, 3))], labels)
    assert blend.weights[0] > 0.2
    assert blend.weights[1] < 0.02
    probabilities = softmax(blend.logits([np.eye(3)[right] * 9, np.zeros((300, 3))]))
    assert probabilities.max(axis=1).mean() == pytest.approx((right == labels).mean(), abs=0.03)


def lesson(own: np.ndarray | None = None, head: np.ndarray | None = None) -> Lesson:
    vectors, labels = cloud(1)
    texts = [f"{('find', 'buy', 'stop')[label]} it {number}" for number, label in enumerate(labels)]
    honest = np.arange(0, 90, 3)
    said = None if own is None or head is None else own[honest] @ head
    return Lesson(texts, vectors, own, labels, head, honest, said)


def test_an_ensemble_reads_by_all_its_members_and_is_stored() -> None:
    own, _ = cloud(4)
    ensemble, measured, seen = fit_ensemble(lesson(own, np.eye(8, 3, dtype=np.float32) * 20), grid=[10.0])
    assert len(ensemble.blend.weights) == 3
    assert ensemble.near is not None
    assert measured["accuracy"] > 0.9
    assert ((seen > 0) & (seen < 1)).all()
    sight = Sight("please find it", cloud(2)[0][0], own[0])
    logits = ensemble.logits(sight)
    assert logits.argmax() == 0
    again = Ensemble.of(ensemble.tensors())
    np.testing.assert_array_equal(again.logits(sight), logits)
    assert again.scope is not None
    assert ensemble.scope is not None
    assert again.scope.known(sight.shared, logits) == ensemble.scope.known(sight.shared, logits)


def test_few_sentences_cant_tell_weights_which_stay_where_they_are_drawn() -> None:
    labels = np.array([0, 1])
    members = [np.eye(2), np.eye(2)]
    assert fit_blend(members, labels, towards=[0.9, 0.1]).weights == pytest.approx([0.9, 0.1], abs=0.05)
    assert fit_blend(members, labels).weights == pytest.approx([0.65, 0.65], abs=0.05)


def test_without_an_adapted_encoder_two_members_read() -> None:
    ensemble, _, _ = fit_ensemble(lesson(), grid=[10.0])
    assert ensemble.head is None
    assert Ensemble.of(ensemble.tensors()).logits(Sight("find it", cloud(2)[0][0])).argmax() == 0


def reader(columns: list[int]) -> Ensemble:
    """Knows vectors of four numbers, and no words."""
    none = np.zeros(2, np.float32)
    meaning = LinearModel(np.eye(4, dtype=np.float32)[:, columns] * 8, none, 1.0)
    wording = NgramModel(
        np.full(1 << 16, -1, np.int32), np.zeros(0, np.float32), np.zeros((0, 2), np.float32), none
    )
    return Ensemble(meaning, wording, None, Blend(np.array([1.0, 1.0], np.float32)), None)


@pytest.fixture
def classifier() -> IntentClassifier:
    nothing: Any = None
    classifier = IntentClassifier(IntentClassifier.get_default_config(), nothing, nothing)
    classifier._models = {
        False: RoleModel(["greet", "order"], reader([0, 1])),
        True: RoleModel(["rep_deals", "rep_leads"], reader([2, 3])),
    }
    return classifier


def seen(*vector: float) -> Sight:
    return Sight("hello", np.array(vector, np.float32))


def test_a_bot_that_learned_with_another_encoder_refuses_to_read(classifier: IntentClassifier) -> None:
    with pytest.raises(EncodersChanged, match="make train"):
        classifier._rank(Sight("hello", np.ones(4, np.float32), np.ones(4, np.float32)), is_rep=False)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("customer", {"greet", "order"}),
        ("rep", {"rep_deals", "rep_leads"}),
        ("boss", {"greet", "order"}),
        (None, {"greet", "order"}),
    ],
)
def test_each_role_has_its_own_intents(
    classifier: IntentClassifier, role: str | None, expected: set[str]
) -> None:
    ranking, _ = classifier._rank(seen(1, 1, 1, 1), is_rep=role == "rep")
    assert {entry["name"] for entry in ranking} == expected
    assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1)


def test_a_clear_reading_stands_and_an_unclear_one_is_the_fallback(classifier: IntentClassifier) -> None:
    clear = classifier._rank(seen(1, 0, 0, 0), is_rep=False)
    assert classifier._decide(*clear) is None
    unclear = classifier._rank(seen(1, 1, 0, 0), is_rep=False)
    assert classifier._decide(*unclear)["name"] == FALLBACK
    assert classifier._decide([], 0.0)["name"] == FALLBACK


@pytest.mark.parametrize(
    ("text", "unknown"), [("👍", True), ("x" * 900, True), ("?!", True), ("ok", False), ("16", False)]
)
def test_what_holds_no_word_means_nothing(classifier: IntentClassifier, text: str, unknown: bool) -> None:
    assert classifier._are_unknown_signs(text, is_rep=False) is unknown


@pytest.mark.parametrize("wrong", [{"C": []}, {"C": [0]}, {"C": -1.0}, {"certainty": 2}, {"strangeness": 1}])
def test_a_wrong_setting_is_named(wrong: dict[str, Any]) -> None:
    nothing: Any = None
    with pytest.raises(InvalidConfigException, match=next(iter(wrong))):
        IntentClassifier(IntentClassifier.get_default_config() | wrong, nothing, nothing)


def test_messages_without_text_get_the_fallback_and_are_neutral(
    classifier: IntentClassifier, artifacts: Path
) -> None:
    nothing: Any = None
    message = Message({"text": ""})
    SentenceFeaturizer.create({}, nothing, nothing, nothing).process([message])
    classifier.process([message])
    SentimentAnalyzer.create({}, nothing, nothing, nothing).process([message])
    assert message.get("intent")["name"] == FALLBACK
    assert message.get("sentiment") == {"label": "neutral", "score": 0.0}
    assert "sentiment" in message.as_dict(only_output_properties=True)


def test_a_missing_sentiment_head_says_how_to_build_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_ARTIFACTS", str(tmp_path))
    nothing: Any = None
    with pytest.raises(SentimentUnavailable, match="train_sentiment"):
        SentimentAnalyzer.create({}, nothing, nothing, nothing)


def test_a_missing_encoder_says_how_to_build_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_ARTIFACTS", str(tmp_path))
    nothing: Any = None
    with pytest.raises(RuntimeError, match="export_encoder"):
        SentenceFeaturizer.create({}, nothing, nothing, nothing)
