"""Entities that were learned from marked sentences: names, companies, addresses — what no gazetteer can list.

The tower for this bot scores every word (`models/adapt_encoder.py`), and so does what the word looks like; here the
best sequence of tags is read from the scores and from which tag follows which. Where nothing was marked in the
training sentences, nothing is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.artifacts import adapted
from parley_encoder.lexical import looks

EXTRACTOR = "EntityTagger"
_NEVER = -1e4

Learned = tuple[int, int, str]
"""Characters from and to (exclusive), and the entity's type."""


class Decoder:
    """Reads entities from scores: an I- follows the B- or I- of its own type only.

    `first` (tags,) and `step` (tags, tags) say how likely a sentence begins with a tag, and a tag follows another.
    """

    def __init__(
        self, tags: Sequence[str], first: np.ndarray | float = 0.0, step: np.ndarray | float = 0.0
    ) -> None:
        self._tags = tags
        inside = np.array([tag.startswith("I-") for tag in tags], bool)
        kinds = np.array([tag[2:] for tag in tags])
        self._first = np.where(inside, _NEVER, first)
        self._next = np.where(inside[np.newaxis] & (kinds[:, np.newaxis] != kinds), _NEVER, step)

    def entities(self, words: Sequence[tuple[int, int]], scores: np.ndarray) -> list[Learned]:
        """Of words (characters from and to) with scores (words, tags), in reading order."""
        found: list[Learned] = []
        for (start, end), number in zip(words, self._best(scores), strict=True):
            place, _, kind = self._tags[number].partition("-")
            if place == "B":
                found.append((start, end, kind))
            elif place == "I":
                found[-1] = (found[-1][0], end, kind)
        return found

    def _best(self, scores: np.ndarray) -> list[int]:
        """The tags' numbers, by Viterbi's algorithm."""
        if not scores.size or (scores.argmax(axis=1) == 0).all():
            return [0] * len(scores)
        total, back = scores[0] + self._first, []
        for row in scores[1:]:
            steps = total[:, np.newaxis] + self._next
            back.append(steps.argmax(axis=0))
            total = steps.max(axis=0) + row
        path = [int(total.argmax())]
        for step in reversed(back):
            path.append(int(step[path[-1]]))
        return path[::-1]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityTagger(GraphComponent):
    """Adds the learned entities to those that rules and the gazetteer have found.

    What a type means is told by the sentences in which it is marked: what rules have found of such a type is left out.
    A type in `gives_way` is only added to what rules have found, over words that mean nothing else already.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """gives_way: learned types that rules and the gazetteer know, too, and go before."""
        return {"gives_way": []}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityTagger:
        """The tags are those of the tower that is built."""
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        self._gives_way = frozenset(config["gives_way"])
        learned = adapted()
        is_learned = learned is not None and learned.tags
        self._decoder = Decoder(learned.tags, learned.first, learned.step) if is_learned else None
        kinds = {tag[2:] for tag in learned.tags if tag.startswith("B-")} if learned is not None else set()
        self._owned = kinds - self._gives_way

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities to each message."""
        learned = adapted()
        for message in messages:
            text = message.get(TEXT)
            if not text or learned is None or self._decoder is None:
                continue
            reading = learned.encoder.read(text)
            seen = looks([text[start:end] for start, end in reading.words])
            scores = reading.scores + learned.looks[seen].sum(axis=1, dtype=np.float32)
            present = [other for other in message.get(ENTITIES, []) if other["entity"] not in self._owned]
            found = [
                _entity(text, entity)
                for entity in self._decoder.entities(reading.words, scores)
                if not self._is_known(entity, present)
            ]
            message.set(ENTITIES, [*present, *found], add_to_output=True)
        return messages

    def _is_known(self, entity: Learned, present: list[dict[str, Any]]) -> bool:
        start, end, kind = entity
        over = any(other["start"] < end and start < other["end"] for other in present)
        return over and kind in self._gives_way


def _entity(text: str, entity: Learned) -> dict[str, Any]:
    start, end, kind = entity
    return {
        "entity": kind,
        "start": start,
        "end": end,
        "value": text[start:end],
        "confidence_entity": 1.0,
        "extractor": EXTRACTOR,
    }
