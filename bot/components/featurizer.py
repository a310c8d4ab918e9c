"""Sentence vectors from the shared encoder, as dense sentence features, and from the one adapted to the intents.

What is compared with other texts (sentiment, search) uses the shared encoder's vector; intents use both, side by side.
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

from components.artifacts import adapted_encoder, encoder

ORIGIN = "SentenceFeaturizer"
ADAPTED = "SentenceFeaturizer.adapted"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(GraphComponent):
    """Gives each message a unit vector of shape (1, dimension), float32, from each encoder."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """The encoder is loaded here, so that a missing one stops the start and not the first customer."""
        return cls()

    def __init__(self) -> None:
        self._encoders = {ORIGIN: encoder()}
        if (adapted := adapted_encoder()) is not None:
            self._encoders[ADAPTED] = adapted

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A rebuilt encoder makes every cached feature stale."""
        adapted = adapted_encoder()
        return f"{encoder().fingerprint} {adapted.fingerprint if adapted else ''}"

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
        texts = [m.get(TEXT) for m in messages]
        for origin, one in self._encoders.items():
            for message, vector in zip(messages, one.encode(texts), strict=True):
                message.add_features(Features(vector[np.newaxis, :], FEATURE_TYPE_SENTENCE, TEXT, origin))


def sentence_vector(message: Message) -> np.ndarray | None:
    """The shared encoder's unit vector of this message, shape (dimension,), or None."""
    return _vector(message, ORIGIN)


def intent_vector(message: Message) -> np.ndarray | None:
    """The unit vector that intents are told by, or None: the shared encoder's and, behind it, the adapted one's."""
    shared, adapted = _vector(message, ORIGIN), _vector(message, ADAPTED)
    return shared if shared is None or adapted is None else _joined([shared, adapted])


def intent_vectors(texts: Sequence[str]) -> np.ndarray:
    """The same of texts, shape (n, dimension)."""
    encoders = [encoder(), adapted_encoder()]
    return _joined([one.encode(texts) for one in encoders if one is not None])


def _joined(vectors: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(vectors, axis=-1) / np.sqrt(np.float32(len(vectors)))


def _vector(message: Message, origin: str) -> np.ndarray | None:
    for feature in message.features:
        if feature.attribute == TEXT and feature.type == FEATURE_TYPE_SENTENCE and feature.origin == origin:
            return feature.features[0]
    return None
