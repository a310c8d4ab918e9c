"""The graph component that finds all entities of a message."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import phonenumbers
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.artifacts import artifacts, gazetteer_path
from components.entities.attributes import Attributes
from components.entities.catalogue import Catalogue
from components.entities.contacts import emails, order_numbers, phones
from components.entities.exclusion import with_exclusions
from components.entities.gazetteer import Gazetteer, Watched
from components.entities.phrases import KnownWord, tokens_of
from components.entities.positions import counted, ordinals, quantities
from components.entities.prices import prices
from components.entities.spans import Span, lowered, without_overlaps


def _count_of(lower: str, thing: Span, found: list[Span]) -> Span | None:
    """The count before a thing, looking past what describes it: "4 USB-C chargers", "two black Sony headphones"."""
    start = thing.start
    while True:
        count = counted(lower, start)
        before = next((s for s in found if s.end == start - 1 and s.entity in ("attribute", "brand")), None)
        if count is not None or before is None:
            return count
        start = before.start


_WITH = re.compile(r"\b(?:with|has|having|whose|and a good|that has)\b[^,.;]*$")


class Finder:
    """Finds entities with one gazetteer."""

    def __init__(self, gazetteer: Gazetteer, *, region: str, known: KnownWord) -> None:
        self._region = region
        self._catalogue = Catalogue(gazetteer, known=known)
        self._attributes = Attributes(gazetteer)

    def find(self, text: str) -> list[Span]:
        """All entities of a text, in reading order, without overlaps."""
        lower = lowered(text)
        doc = tokens_of(lower)
        named = list(self._catalogue.found(text, lower, doc))
        named = without_features(lower, named, self._attributes)
        categories = [span for span in named if span.entity == "category"]
        found = [
            *emails(text),
            *order_numbers(lower),
            *phones(text, region=self._region),
            *named,
            *self._attributes.found(lower, doc, categories),
            *prices(lower),
            *ordinals(lower),
            *quantities(lower),
        ]
        things = (span for span in named if span.entity in ("category", "product"))
        found.extend(count for thing in things if (count := _count_of(lower, thing, found)) is not None)
        return with_exclusions(lower, without_overlaps(found))


def without_features(lower: str, named: list[Span], attributes: Attributes) -> list[Span]:
    """Without the categories that only describe another one: "a phone with a good camera", "a laptop with a 1
    TB SSD".
    """
    places = [span for span in named if span.entity == "category"]
    features = [
        span
        for span in places
        if any(first.end <= span.start and _WITH.search(lower[first.end : span.start]) for first in places)
        or (
            attributes.is_measured_before(lower, span.start, span.end)
            and any(o.value != span.value for o in places)
        )
    ]
    return [span for span in named if span not in features]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent):
    """Rules and gazetteers, nothing trained: what is in the catalogue is understood as soon as it is in the
    catalogue.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """phone_region: the country (ISO 3166) whose phone numbers are read without a country code."""
        return {"phone_region": "DE"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        """Reads the gazetteer named by PARLEY_GAZETTEER."""
        return cls(config, gazetteer_path())

    def __init__(self, config: dict[str, Any], gazetteer: Path) -> None:
        region = config["phone_region"]
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise InvalidConfigException(f"phone_region is {region}: it must be a country such as DE or GB")
        known = english_words()
        self._finder = Watched(gazetteer, lambda content: Finder(content, region=region, known=known))

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities to each message."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                found = [span.as_entity() for span in self._finder.current().find(text)]
                message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages


def english_words() -> KnownWord:
    """Tells English words from typos: by the encoder's own vocabulary, which holds the common words whole."""
    from tokenizers import Tokenizer

    path = artifacts() / "encoder" / "tokenizer.json"
    if not path.exists():
        return lambda word: False
    vocabulary = frozenset(word for word in Tokenizer.from_file(str(path)).get_vocab() if word.isalpha())
    return vocabulary.__contains__
