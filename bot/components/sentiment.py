"""How the customer sounds: a label and a score in [-1, 1] on every message.

The head is trained elsewhere (`python -m models.train_sentiment`) and stands on the pass that the featurizer has made.
"""

from __future__ import annotations

import hashlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.artifacts import artifacts, middle_of
from parley_encoder.errors import EncoderError
from parley_encoder.manifest import read_manifest
from parley_encoder.sentiment import HEAD_NAME, MANIFEST_NAME, SentimentHead, SentimentUnusable

KEY = "sentiment"
NEUTRAL = {"label": "neutral", "score": 0.0}


class SentimentUnavailable(RasaException):
    """The sentiment head is missing or isn't what this version reads; the message says how to build it."""


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
        folder = artifacts() / "sentiment"
        remedy = f"Build it with `python -m models.train_sentiment --to {folder}`."
        if not (folder / MANIFEST_NAME).exists():
            raise SentimentUnavailable(f"There is no sentiment head in {folder}. {remedy}")
        try:
            return cls(SentimentHead.load(folder, read_manifest(artifacts() / "encoder").fingerprint))
        except (SentimentUnusable, EncoderError) as error:
            raise SentimentUnavailable(f"{error} {remedy}") from error

    def __init__(self, head: SentimentHead) -> None:
        self._head = head

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Covers the head's file."""
        path = artifacts() / "sentiment" / HEAD_NAME
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training sentences need no sentiment."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """A message without text is neutral."""
        for message in messages:
            message.set(KEY, self._read(message.get(TEXT)), add_to_output=True)
        return messages

    def _read(self, text: str | None) -> dict[str, Any]:
        if not text:
            return dict(NEUTRAL)
        sentiment = self._head.read(text, middle_of(text))
        return {"label": sentiment.label, "score": sentiment.score}
