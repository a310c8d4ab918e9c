"""Sentence vectors as dense sentence features: the published encoder's, and those of its tower for this bot.

What is compared with other texts (sentiment, search) uses the published encoder's vector; intents are told by both. One
pass gives them, since the towers stand on the same lower layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.artifacts import adapted, encoder

SHARED = "SentenceFeaturizer"
ADAPTED = "SentenceFeaturizer.adapted"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(GraphComponent):
    """Gives each message a unit vector of shape (1, dimension), float32, from each tower."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """The encoder is loaded here, so that a missing one stops the start and not the first customer."""
        if adapted() is None:
            encoder()
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A rebuilt encoder makes every cached feature stale."""
        learned = adapted()
        return encoder().fingerprint if learned is None else learned.encoder.fingerprint

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encodes all examples that have text, in batches."""
        self._featurize([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Encodes the incoming messages; one without text gets no features."""
        self._featurize([m for m in messages if m.get(TEXT)])
        return messages

    def _featurize(self, messages: list[Message]) -> None:
        if not messages:
            return
        for origin, vectors in encoded([m.get(TEXT) for m in messages]).items():
            for message, vector in zip(messages, vectors, strict=True):
                message.add_features(Features(vector[np.newaxis, :], FEATURE_TYPE_SENTENCE, TEXT, origin))


def encoded(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Unit vectors (n, dimension) of texts by origin: the published encoder's, and the tower's where there is one."""
    learned = adapted()
    if learned is None:
        return {SHARED: encoder().encode(texts)}
    if len(texts) == 1:
        reading = learned.encoder.read(texts[0])
        return {SHARED: reading.shared[np.newaxis], ADAPTED: reading.adapted[np.newaxis]}
    shared, own = learned.encoder.encode(texts)
    return {SHARED: shared, ADAPTED: own}


def sentence_vector(message: Message) -> np.ndarray | None:
    """The published encoder's unit vector of this message, shape (dimension,), or None."""
    return _vector(message, SHARED)


def adapted_vector(message: Message) -> np.ndarray | None:
    """The unit vector by the tower for this bot's intents, shape (dimension,), or None."""
    return _vector(message, ADAPTED)


def _vector(message: Message, origin: str) -> np.ndarray | None:
    for feature in message.features:
        if feature.attribute == TEXT and feature.type == FEATURE_TYPE_SENTENCE and feature.origin == origin:
            return feature.features[0]
    return None
