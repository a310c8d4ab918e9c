"""Intent sets in a folder of the benchmarks' layout: what `docs/how-to/evaluate.md` describes, read and checked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PARTS = ("valid", "test", "oos_valid", "oos_test")


class SetUnreadable(Exception):
    """A set's file isn't what the layout says; the message names the file, the line and the fix."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Characters `start` to `end` (exclusive) of the text, and the entity's type."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with its intent and entities."""

    text: str
    intent: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True)
class IntentSet:
    """A training part and the parts that are there to be read; `parts` lacks what the set lacks.

    Empty texts, which public sets hold, are read but not trained on.
    """

    name: str
    train: tuple[Example, ...]
    parts: dict[str, tuple[Example, ...]] = field(default_factory=dict)

    @property
    def entity_kinds(self) -> frozenset[str]:
        """The types of entity in the training part: the only ones that are measured."""
        return frozenset(entity.kind for example in self.train for entity in example.entities)

    def as_rasa(self) -> dict[str, Any]:
        """The training part as Rasa's JSON."""
        examples = [
            {
                "text": example.text,
                "intent": example.intent,
                "entities": [
                    {"start": e.start, "end": e.end, "entity": e.kind, "value": example.text[e.start : e.end]}
                    for e in example.entities
                ],
            }
            for example in self.train
        ]
        return {"rasa_nlu_data": {"common_examples": examples}}


def intent_sets(benchmarks: Path) -> list[IntentSet]:
    """Every set of `benchmarks/intent` that has a training part, by name.

    Raises:
        SetUnreadable: a file is malformed.
    """
    root = benchmarks / "intent"
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    return [found for folder in folders if (found := _set(folder)) is not None]


def sentiment_sets(benchmarks: Path) -> dict[str, list[tuple[str, str]]]:
    """Every `benchmarks/sentiment/*.tsv`: (text, label) with the labels negative, neutral and positive.

    Raises:
        SetUnreadable: a file is malformed.
    """
    names = {"0": "negative", "1": "positive"} | {n: n for n in ("negative", "neutral", "positive")}
    sets = {}
    for path in sorted((benchmarks / "sentiment").glob("*.tsv")):
        rows = list(_rows(path))
        for number, (_, label) in enumerate(rows, start=1):
            if label not in names:
                raise SetUnreadable(
                    f"{path}:{number}: the label is {label!r}; write 0, 1, or one of the three names"
                )
        sets[path.stem] = [(text, names[label]) for text, label in rows]
    return sets


def _set(folder: Path) -> IntentSet | None:
    train = tuple(example for example in _part(folder, "train") if example.text.strip())
    if not train:
        return None
    parts = {name: examples for name in PARTS if (examples := _part(folder, name))}
    return IntentSet(folder.name, train, parts)


def _part(folder: Path, name: str) -> tuple[Example, ...]:
    table, rasa = folder / f"{name}.tsv", folder / f"{name}.json"
    if table.is_file():
        return tuple(Example(text, intent) for text, intent in _rows(table))
    return tuple(_rasa(rasa)) if rasa.is_file() else ()


def _rows(path: Path) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        text, tab, label = line.partition("\t")
        if not tab or not label.strip():
            raise SetUnreadable(f"{path}:{number}: {line[:60]!r}; write the text, a tab, and the label")
        yield text, label.strip()


def _rasa(path: Path) -> Iterable[Example]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = content["rasa_nlu_data"]["common_examples"]
    except (ValueError, KeyError, TypeError) as error:
        raise SetUnreadable(f"{path} isn't Rasa's JSON (rasa_nlu_data, common_examples): {error}") from error
    for number, row in enumerate(rows, start=1):
        try:
            entities = tuple(Entity(e["start"], e["end"], e["entity"]) for e in row.get("entities", []))
            yield Example(row["text"], row["intent"], entities)
        except (KeyError, TypeError) as error:
            raise SetUnreadable(f"{path}: example {number} lacks {error}") from error
