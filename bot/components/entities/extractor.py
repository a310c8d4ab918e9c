from __future__ import annotations
from typing import Any, List
from rasa.engine.graph import GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent):
    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> EntityExtractor:
        return cls()
    def process(self, messages: List[Message]) -> List[Message]:
        return messages
