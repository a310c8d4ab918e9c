"""How the customer sounds: a label and a score on every message, from the shared sentence vector.

The head is trained elsewhere (`python -m models.train_sentiment`) and read here: a linear three-class softmax.
The score is p(positive) - p(negative), in [-1, 1].
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from safetensors.numpy import load_file

from components.artifacts import artifacts
from components.calibration import softmax
from components.featurizer import sentence_vector

KEY = "sentiment"
NEUTRAL = {"label": "neutral", "score": 0.0}
LABELS = ("negative", "neutral", "positive")


class SentimentUnavailable(RasaException):
    """The sentiment head is missing or isn't what this version reads; the message says how to build it."""


class SentimentHead:
    """weights (dimension, 3) and bias (3,) for the labels negative, neutral, positive."""

    def __init__(self, weights: np.ndarray, bias: np.ndarray, labels: list[str]) -> None:
        self._order = [labels.index(label) for label in LABELS]
        self._weights, self._bias = weights, bias

    @classmethod
    def load(cls) -> SentimentHead:
        """Reads `sentiment/head.safetensors` and `manifest.json` in the artifacts folder.

        Raises:
            SentimentUnavailable: they are missing or malformed.
        """
        folder = artifacts() / "sentiment"
        remedy = f"build it with `python -m models.train_sentiment --to {folder}`"
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            tensors = load_file(str(folder / "head.safetensors"))
        except (OSError, ValueError) as error:
            raise SentimentUnavailable(f"no sentiment head in {folder}: {remedy}") from error
        labels = list(manifest.get("labels", LABELS))
        weights, bias = tensors.get("weights", tensors.get("weight")), tensors.get("bias")
        if weights is None or bias is None or sorted(labels) != sorted(LABELS):
            raise SentimentUnavailable(f"the sentiment head in {folder} isn't one of {LABELS}: {remedy}")
        if weights.shape[0] == len(labels) != weights.shape[1]:
            weights = weights.T
        temperature = float(manifest.get("temperature", 1.0))
        return cls(weights / temperature, bias / temperature, labels)

    def read(self, vector: np.ndarray) -> dict[str, Any]:
        """Label and score of one unit vector of shape (dimension,)."""
        negative, neutral, positive = softmax(vector @ self._weights + self._bias)[self._order]
        label = LABELS[int(np.argmax((negative, neutral, positive)))]
        return {"label": label, "score": round(float(positive - negative), 4)}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentimentAnalyzer(GraphComponent):
    """Puts `sentiment` on each message's output, so that it reaches `tracker.latest_message`."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentimentAnalyzer:
        """Loads the head; a missing one is an error at the start, not a silent neutral for ever."""
        return cls(SentimentHead.load())

    def __init__(self, head: SentimentHead) -> None:
        self._head = head

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Covers the head's file."""
        path = artifacts() / "sentiment" / "head.safetensors"
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training sentences need no sentiment."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """A message without text is neutral."""
        for message in messages:
            vector = sentence_vector(message)
            reading = dict(NEUTRAL) if vector is None else self._head.read(vector)
            message.set(KEY, reading, add_to_output=True)
        return messages
