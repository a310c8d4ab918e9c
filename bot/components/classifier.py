"""The intent classifier: calibrated, aware of the sender's role, and honest about what it doesn't know."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException, RasaException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from safetensors.numpy import load_file, save_file

from components.calibration import LinearModel, fit, folds_of, softmax
from components.featurizer import intent_vector, intent_vectors
from components.gateway_request import REP_PREFIX
from components.out_of_scope import ScopeDetector, fit_scope
from components.wishes import WISHES, find_wishes

FALLBACK = "nlu_fallback"
WEIGHTS_FILE = "intents.safetensors"
LABELS_FILE = "intents.json"
SCOPE_PREFIX = "scope."
ROLES = {False: "customer", True: "rep"}
_WORD_BREAK = re.compile(r"[_\W]+")


class EncodersChanged(RasaException):
    """The bot was trained with other encoders than it is served with."""


@dataclass(frozen=True)
class RoleModel:
    """What tells one role's intents apart. A message stranger than `strangest` is the fallback."""

    intents: list[str]
    model: LinearModel
    scope: ScopeDetector | None = None
    strangest: float = 0.0


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Chooses among the intents of the sender's role; below certainty `nlu_fallback` comes first, with the
    ranking kept.

    The role is read from the message's metadata: `rep` sees only `rep_` intents, everyone else (unknown roles too) all
    others. Each role has a model of its own, so what reps may say neither answers a customer nor changes how well
    customers are understood.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """C: the grid to search. certainty: below it, or closer than `margin` to the runner-up, the answer is
        the fallback. strangeness: the share of the training sentences that may seem out of scope; a message stranger
        than those is the fallback too. names: learn each intent's own name, read as words, as one more sentence.
        wishes: look for several wishes in one message, and for what a correction says instead.
        """
        return {
            "C": [10.0, 30.0],
            "certainty": 0.4,
            "margin": 0.08,
            "strangeness": 0.03,
            "names": True,
            "wishes": False,
            "ranking_length": 6,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """A classifier that knows nothing yet."""
        return cls(config, model_storage, resource)

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        grid = config["C"] if isinstance(config["C"], list) else [config["C"]]
        if not grid or min(grid) <= 0:
            raise InvalidConfigException(f"C is {config['C']}: name one or more positive numbers")
        if not 0 <= config["certainty"] <= 1:
            raise InvalidConfigException(f"certainty is {config['certainty']}: it is a probability, 0 to 1")
        if not 0 <= config["strangeness"] < 1:
            raise InvalidConfigException(
                f"strangeness is {config['strangeness']}: it is a share, from 0 to less than 1"
            )
        self._config = {**config, "C": grid}
        self._storage = model_storage
        self._resource = resource
        self._models: dict[bool, RoleModel] = {}

    def train(self, training_data: TrainingData) -> Resource:
        """Fits on all examples with an intent, and persists weights (safetensors) and labels (JSON)."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        if not examples:
            raise InvalidConfigException("there are no training sentences: look into data/nlu")
        tensors: dict[str, np.ndarray] = {}
        payload: dict[str, Any] = {}
        for is_rep, role in ROLES.items():
            own = [m for m in examples if m.get(INTENT).startswith(REP_PREFIX) is is_rep]
            if own:
                learned, measured = self._learn(own)
                self._models[is_rep] = learned
                tensors |= {f"{role}.{name}": tensor for name, tensor in _tensors(learned).items()}
                payload[role] = {
                    "intents": learned.intents,
                    "temperature": learned.model.temperature,
                    "strangest": learned.strangest,
                    "measured": measured,
                }
        with self._storage.write_to(self._resource) as folder:
            save_file(tensors, str(folder / WEIGHTS_FILE))
            (folder / LABELS_FILE).write_text(json.dumps(payload, indent=1), encoding="utf-8")
        return self._resource

    def _learn(self, examples: list[Message]) -> tuple[RoleModel, dict[str, float]]:
        vectors = [intent_vector(m) for m in examples]
        if any(v is None for v in vectors):
            raise InvalidConfigException(
                "IntentClassifier needs SentenceFeaturizer before it in the pipeline"
            )
        intents = sorted({m.get(INTENT) for m in examples})
        labels = np.array([intents.index(m.get(INTENT)) for m in examples])
        known = np.stack(vectors).astype(np.float32)
        if self._config["names"]:
            described = intent_vectors([_WORD_BREAK.sub(" ", name).strip() for name in intents])
            known, labels = np.vstack([known, described]), np.r_[labels, np.arange(len(intents))]
        model, measured, held_out = fit(known, labels, grid=self._config["C"])
        found = fit_scope(known, labels, held_out, folds_of(labels))
        if found is None:
            return RoleModel(intents, model), measured
        scope, seen = found
        strangest = float(np.quantile(seen, self._config["strangeness"]))
        return RoleModel(intents, model, scope, strangest), measured

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Reads what `train` persisted."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            tensors = load_file(str(folder / WEIGHTS_FILE))
            payload = json.loads((folder / LABELS_FILE).read_text(encoding="utf-8"))
        for is_rep, role in ROLES.items():
            if role in payload:
                own = {k.removeprefix(f"{role}."): v for k, v in tensors.items() if k.startswith(f"{role}.")}
                component._models[is_rep] = _role_model(own, payload[role])
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets `intent` and `intent_ranking` on each message."""
        for message in messages:
            vector = intent_vector(message)
            role = (message.get("metadata") or {}).get("role")
            is_rep = role == "rep"
            ranking, known = self._rank(vector, is_rep=is_rep) if vector is not None else ([], 0.0)
            top = self._decide(ranking, known, is_rep=is_rep)
            ranking = [top, *ranking] if top is not None else ranking
            ranking[0] = {**ranking[0], "known": known}
            if self._config["wishes"] and vector is not None and not is_rep:
                ranking = self._with_wishes(message, ranking)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking[: self._config["ranking_length"]], add_to_output=True)
        return messages

    def _with_wishes(self, message: Message, ranking: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Sets `wishes` or `meant` where the message's parts say something of their own (`components.wishes`).

        The first of several wishes comes first in the ranking when the whole was read as none of them.
        """
        found = find_wishes(
            message.get(TEXT),
            encode=intent_vectors,
            rank=lambda vector: self._rank(vector, is_rep=False),
            unsure=lambda ranking, known: self._decide(ranking, known) is not None,
        )
        for name, value in found.items():
            message.set(name, value, add_to_output=True)
        wishes = found.get(WISHES, [])
        if not wishes or ranking[0]["name"] in {wish["intent"] for wish in wishes}:
            return ranking
        first = {
            "name": wishes[0]["intent"],
            "confidence": wishes[0]["confidence"],
            "known": ranking[0]["known"],
        }
        return [first, *(other for other in ranking if other["name"] != first["name"])]

    def _rank(self, vector: np.ndarray, *, is_rep: bool) -> tuple[list[dict[str, Any]], float]:
        """The intents best first, and the probability that the message is in scope at all."""
        own = self._models.get(is_rep)
        if own is None:
            return [], 0.0
        if len(vector) != len(own.model.weights):
            raise EncodersChanged(
                f"the bot was trained with vectors of {len(own.model.weights)} numbers and is served ones of "
                f"{len(vector)}: train it again with `make train`"
            )
        logits = own.model.logits(vector)
        probabilities = softmax(logits)
        order = np.argsort(-probabilities)[: self._config["ranking_length"]]
        known = own.scope.known(vector, logits) if own.scope else float(probabilities.max())
        return [{"name": own.intents[i], "confidence": float(probabilities[i])} for i in order], known

    def _decide(
        self, ranking: list[dict[str, Any]], known: float, *, is_rep: bool = False
    ) -> dict[str, Any] | None:
        """The fallback's own entry when the best reading isn't certain enough, else None."""
        if not ranking:
            return {"name": FALLBACK, "confidence": 1.0}
        best = ranking[0]["confidence"]
        second = ranking[1]["confidence"] if len(ranking) > 1 else 0.0
        own = self._models[is_rep]
        strange = own.scope is not None and known < own.strangest
        if strange or best < self._config["certainty"] or best - second < self._config["margin"]:
            return {"name": FALLBACK, "confidence": float(1.0 - best)}
        return None


def _tensors(learned: RoleModel) -> dict[str, np.ndarray]:
    scope = learned.scope.tensors() if learned.scope else {}
    return {
        "weights": np.ascontiguousarray(learned.model.weights),
        "bias": learned.model.bias,
        **{f"{SCOPE_PREFIX}{name}": tensor for name, tensor in scope.items()},
    }


def _role_model(tensors: dict[str, np.ndarray], payload: dict[str, Any]) -> RoleModel:
    scope = {k.removeprefix(SCOPE_PREFIX): v for k, v in tensors.items() if k.startswith(SCOPE_PREFIX)}
    return RoleModel(
        payload["intents"],
        LinearModel(tensors["weights"], tensors["bias"], payload["temperature"]),
        ScopeDetector(**scope) if scope else None,
        payload["strangest"],
    )
