"""The graph component that finds all entities of a message."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.artifacts import english_words, gazetteer_path
from components.entities.finder import Finder
from components.entities.gazetteer import Watched
from components.entities.times import warm_up

RESPELT = "respelt"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent):
    """Rules and gazetteers, nothing trained: what is in the catalogue is understood as soon as it is in the
    catalogue.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """phone_region: the country (ISO 3166) whose phone numbers are read without a country code. time_zone: the
        zone (IANA) in which "tomorrow at 3" is meant.
        """
        return {"phone_region": "DE", "time_zone": "Europe/Berlin"}

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
        config = {**self.get_default_config(), **config}
        region = config["phone_region"]
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise InvalidConfigException(f"phone_region is {region}: it must be a country such as DE or GB")
        try:
            zone = ZoneInfo(config["time_zone"])
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise InvalidConfigException(
                f"time_zone is {config['time_zone']}: it must be a zone such as Europe/Berlin"
            ) from error
        known = english_words()
        warm_up()
        self._finder = Watched(
            gazetteer,
            lambda content: Finder(content, region=region, known=known, now=lambda: datetime.now(zone)),
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities to each message, and the text respelt where a word was mistyped that says what is meant."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                finder = self._finder.current()
                respelt = finder.respelt(text)
                found = [span.as_entity() for span in finder.find(text, respelt)]
                message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
                if respelt.changes:
                    message.set(RESPELT, respelt.text, add_to_output=True)
        return messages
