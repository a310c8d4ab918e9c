"""Classifier, calibration and sentiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from components.calibration import LinearModel, fit, folds_of, softmax
from components.classifier import FALLBACK, IntentClassifier, RoleModel
from components.featurizer import SentenceFeaturizer
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
    found = fit_scope(vectors, labels, held_out, folds_of(labels))
    assert found is not None
    return found[0]


def test_what_no_intent_is_like_is_out_of_scope() -> None:
    model, _, _ = fit(*cloud(1), grid=[10.0])
    detector = scope()
    familiar, strange = np.eye(8, dtype=np.float32)[[0, 7]]
    assert detector.known(familiar, model.logits(familiar)) > 0.8
    assert detector.known(strange, model.logits(strange)) < 0.3


def test_a_role_that_no_sentence_was_written_for_gets_the_fallback(classifier: IntentClassifier) -> None:
    del classifier._models[True]
    nothing = classifier._rank(np.ones(4, np.float32), is_rep=True)
    assert nothing == ([], 0.0)
    assert classifier._decide(*nothing, is_rep=True)["name"] == FALLBACK


def test_a_stored_detector_is_the_same() -> None:
    detector = scope()
    again = ScopeDetector(**detector.tensors())
    vector, logits = np.eye(8, dtype=np.float32)[3], np.zeros(3)
    assert again.known(vector, logits) == detector.known(vector, logits)


def test_two_intents_are_too_few_to_leave_one_out() -> None:
    labels = np.array([0, 1, 0, 1])
    assert fit_scope(np.eye(4, dtype=np.float32), labels, np.zeros((4, 2)), labels) is None


def test_classes_with_a_single_example_are_learnt() -> None:
    vectors = np.eye(4, dtype=np.float32)
    model, _, _ = fit(vectors, np.arange(4), grid=[10.0])
    assert (model.logits(vectors).argmax(axis=1) == np.arange(4)).all()


def test_masked_logits_are_no_numbers_out_of_nothing() -> None:
    assert softmax(np.array([-np.inf, 1000.0, 1000.0])).tolist() == [0.0, 0.5, 0.5]


@pytest.fixture
def classifier() -> IntentClassifier:
    nothing: Any = None
    classifier = IntentClassifier(IntentClassifier.get_default_config(), nothing, nothing)
    weights = np.eye(4, dtype=np.float32) * 8
    none = np.zeros(2, np.float32)
    classifier._models = {
        False: RoleModel(["greet", "order"], LinearModel(weights[:, :2], none, 1.0)),
        True: RoleModel(["rep_deals", "rep_leads"], LinearModel(weights[:, 2:], none, 1.0)),
    }
    return classifier


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
    ranking, _ = classifier._rank(np.ones(4, np.float32), is_rep=role == "rep")
    assert {entry["name"] for entry in ranking} == expected
    assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1)


def test_a_clear_reading_stands_and_an_unclear_one_is_the_fallback(classifier: IntentClassifier) -> None:
    clear = classifier._rank(np.array([1, 0, 0, 0], np.float32), is_rep=False)
    assert classifier._decide(*clear) is None
    unclear = classifier._rank(np.array([1, 1, 0, 0], np.float32), is_rep=False)
    assert classifier._decide(*unclear)["name"] == FALLBACK
    assert classifier._decide([], 0.0)["name"] == FALLBACK


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
