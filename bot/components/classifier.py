"""The intent classifier: calibrated, aware of the sender's role, and honest about what it doesn't know."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
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

from components.artifacts import Adapted, adapted, english_words
from components.calibration import softmax
from components.ensemble import Ensemble, Lesson, Sight, fit_ensemble
from components.featurizer import ADAPTED, SHARED, adapted_vector, encoded, sentence_vector
from components.gateway_request import REP_PREFIX
from components.language import foreign
from components.mending import Mending, common_words
from components.wishes import WISHES, find_wishes, outweighs

FALLBACK = "nlu_fallback"
LANGUAGE = "language"
WEIGHTS_FILE = "intents.safetensors"
LABELS_FILE = "intents.json"
WORDS = "words"
ROLES = {False: "customer", True: "rep"}
HONEST_SHARE = 20
"""At least one sentence in so many must be among those that the adapted reader's towers kept back."""
LONGEST_WORD = 45
"""Letters; what is longer the tokenizer knows as nothing at all."""
_WORD = re.compile(rf"(?<![^\W_])[^\W_]{{1,{LONGEST_WORD}}}(?![^\W_])")
_WORD_BREAK = re.compile(r"[_\W]+")


class EncodersChanged(RasaException):
    """The bot was trained with other encoders than it is served with."""


@dataclass(frozen=True)
class RoleModel:
    """What tells one role's intents apart. A message stranger than `strangest` is the fallback; `signs` are the
    sentences learned from that have no letter or digit.
    """

    intents: list[str]
    model: Ensemble
    strangest: float = 0.0
    signs: frozenset[str] = frozenset()


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
            "strangeness": 0.05,
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
        self._mending = Mending({}, known=lambda word: True)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits on all examples with an intent, and persists weights (safetensors) and labels (JSON)."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        if not examples:
            raise InvalidConfigException("there are no training sentences: look into data/nlu")
        tensors: dict[str, np.ndarray] = {}
        payload: dict[str, Any] = {WORDS: common_words(m.get(TEXT) for m in examples)}
        for is_rep, role in ROLES.items():
            own = [m for m in examples if m.get(INTENT).startswith(REP_PREFIX) is is_rep]
            if own:
                learned, measured = self._learn(own)
                self._models[is_rep] = learned
                tensors |= {f"{role}.{name}": tensor for name, tensor in learned.model.tensors().items()}
                payload[role] = {
                    "intents": learned.intents,
                    "strangest": learned.strangest,
                    "signs": sorted(learned.signs),
                    "measured": measured,
                }
        with self._storage.write_to(self._resource) as folder:
            save_file(tensors, str(folder / WEIGHTS_FILE))
            (folder / LABELS_FILE).write_text(json.dumps(payload, indent=1), encoding="utf-8")
        return self._resource

    def _learn(self, examples: list[Message]) -> tuple[RoleModel, dict[str, float]]:
        if any(sentence_vector(m) is None for m in examples):
            raise InvalidConfigException(
                "IntentClassifier needs SentenceFeaturizer before it in the pipeline"
            )
        intents = sorted({m.get(INTENT) for m in examples})
        model, measured, seen = fit_ensemble(self._lesson(examples, intents), grid=self._config["C"])
        strangest = float(np.quantile(seen, self._config["strangeness"])) if model.scope else 0.0
        signs = frozenset(text for m in examples if not _WORD.search(text := m.get(TEXT).strip()))
        return RoleModel(intents, model, strangest, signs), measured

    def _lesson(self, examples: list[Message], intents: list[str]) -> Lesson:
        texts = [m.get(TEXT) for m in examples]
        labels = [intents.index(m.get(INTENT)) for m in examples]
        shared = np.stack([sentence_vector(m) for m in examples])
        vectors = [adapted_vector(m) for m in examples]
        own = None if vectors[0] is None else np.stack(vectors)
        if self._config["names"]:
            named = [_WORD_BREAK.sub(" ", name).strip() for name in intents]
            described = encoded(named)
            texts, labels = texts + named, [*labels, *range(len(intents))]
            shared = np.vstack([shared, described[SHARED]])
            own = None if own is None else np.vstack([own, described[ADAPTED]])
        lesson = Lesson(texts, shared, own, np.array(labels), None, np.arange(len(examples)), None)
        learned = adapted()
        return lesson if learned is None or own is None else _with_head(lesson, learned, intents)

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
        component._mending = Mending(payload.get(WORDS, {}), known=english_words())
        for is_rep, role in ROLES.items():
            if role in payload:
                own = {k.removeprefix(f"{role}."): v for k, v in tensors.items() if k.startswith(f"{role}.")}
                component._models[is_rep] = RoleModel(
                    payload[role]["intents"],
                    Ensemble.of(own),
                    payload[role]["strangest"],
                    frozenset(payload[role]["signs"]),
                )
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets `intent` and `intent_ranking` on each message."""
        for message in messages:
            role = (message.get("metadata") or {}).get("role")
            is_rep = role == "rep"
            ranking, known = [], 0.0
            if (shared := sentence_vector(message)) is not None:
                sight = Sight(message.get(TEXT), shared, adapted_vector(message))
                ranking, known = self._read(sight, is_rep=is_rep)
            top = self._decide(ranking, known, is_rep=is_rep)
            if self._are_unknown_signs(message.get(TEXT) or "", is_rep=is_rep):
                top, known = {"name": FALLBACK, "confidence": 1.0}, 0.0
            if self._config["wishes"] and (language := foreign(message.get(TEXT) or "")):
                # What it seems to mean in English is chance.
                message.set(LANGUAGE, language, add_to_output=True)
                top = top or {"name": FALLBACK, "confidence": 1.0}
            ranking = [top, *ranking] if top is not None else ranking
            ranking[0] = {**ranking[0], "known": known}
            if self._config["wishes"] and shared is not None and not is_rep:
                ranking = self._with_wishes(message, ranking)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking[: self._config["ranking_length"]], add_to_output=True)
        return messages

    def _are_unknown_signs(self, text: str, *, is_rep: bool) -> bool:
        """True for a text without a word or number that no training sentence is: what it seems to mean is chance."""
        model = self._models.get(is_rep)
        return model is not None and not _WORD.search(text) and text.strip() not in model.signs

    def _with_wishes(self, message: Message, ranking: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Sets `wishes` or `meant` where the message's parts say something of their own (`components.wishes`).

        The first of several wishes comes first in the ranking when the whole was read as none of them.
        """
        found = find_wishes(
            message.get(TEXT),
            encode=_sights,
            rank=lambda sight: self._read(sight, is_rep=False),
            unsure=lambda ranking, known: self._decide(ranking, known) is not None,
        )
        wishes = found.get(WISHES, [])
        if outweighs(ranking[0], wishes):
            return ranking
        for name, value in found.items():
            message.set(name, value, add_to_output=True)
        if not wishes or ranking[0]["name"] in {wish["intent"] for wish in wishes}:
            return ranking
        first = {
            "name": wishes[0]["intent"],
            "confidence": wishes[0]["confidence"],
            "known": ranking[0]["known"],
        }
        return [first, *(other for other in ranking if other["name"] != first["name"])]

    def _read(self, sight: Sight, *, is_rep: bool) -> tuple[list[dict[str, Any]], float]:
        """The ranking of what was typed, or with mistyped words mended: the one that is in scope more surely."""
        ranking, known = self._rank(sight, is_rep=is_rep)
        if (mended := self._mending.of(sight.text)) == sight.text:
            return ranking, known
        other = self._rank(_sights([mended])[0], is_rep=is_rep)
        return other if other[1] > known else (ranking, known)

    def _rank(self, sight: Sight, *, is_rep: bool) -> tuple[list[dict[str, Any]], float]:
        """The intents best first, and the probability that the message is in scope at all."""
        own = self._models.get(is_rep)
        if own is None:
            return [], 0.0
        if (own.model.head is None) != (sight.own is None):
            raise EncodersChanged(
                "the bot was trained with another encoder than it is served with: train it again with `make train`"
            )
        logits = own.model.logits(sight)
        probabilities = softmax(logits)
        order = np.argsort(-probabilities)[: self._config["ranking_length"]]
        scope = own.model.scope
        known = scope.known(sight.shared, logits) if scope else float(probabilities.max())
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
        strange = own.model.scope is not None and known < own.strangest
        if strange or best < self._config["certainty"] or best - second < self._config["margin"]:
            return {"name": FALLBACK, "confidence": float(1.0 - best)}
        return None


def _sights(texts: Sequence[str]) -> list[Sight]:
    """Texts as the readers see them."""
    vectors = encoded(texts)
    own = vectors.get(ADAPTED)
    return [Sight(text, vectors[SHARED][i], None if own is None else own[i]) for i, text in enumerate(texts)]


def _with_head(lesson: Lesson, learned: Adapted, intents: list[str]) -> Lesson:
    """The lesson with the adapted reader, which must have been trained on the same sentences."""
    if learned.said is None:
        raise EncodersChanged("the encoder was adapted by an earlier release: run `make train`")
    said = dict(zip(learned.held_out, learned.said, strict=True))
    rows = np.array([i for i in lesson.honest if lesson.texts[i] in said], dtype=np.int64)
    if not set(intents) <= set(learned.intents) or HONEST_SHARE * len(rows) < len(lesson.honest):
        raise EncodersChanged(
            "the encoder was adapted to other sentences than the bot learns from: run `make train`"
        )
    columns = [learned.intents.index(intent) for intent in intents]
    logits = np.stack([said[lesson.texts[i]] for i in rows])[:, columns]
    return replace(lesson, head=learned.head[:, columns], honest=rows, logits=logits)
