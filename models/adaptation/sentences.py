"""Sentences with their intents and the entities marked in them, as Rasa's training files hold them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from models.adaptation import AdaptationError

_ANNOTATION = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<kind>[^):]+)[^)]*\)|(?P<data>\{[^}]*\}))")
_WORD_BREAK = re.compile(r"[_\W]+")

Marked = tuple[int, int, str]
"""Characters from and to (exclusive), and the entity's type."""


@dataclass(frozen=True)
class Sentences:
    """`intents[i]` is what `texts[i]` means; `entities[i]` is what is marked in it."""

    texts: tuple[str, ...]
    intents: tuple[str, ...]
    entities: tuple[tuple[Marked, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The intents, each once, sorted."""
        return tuple(sorted(set(self.intents)))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The entities' types, each once, sorted."""
        return tuple(sorted({kind for marked in self.entities for _, _, kind in marked}))

    def with_names(self) -> Sentences:
        """Each intent's own name, read as words, is one more sentence of it: with few examples that says a lot."""
        described = tuple(_WORD_BREAK.sub(" ", name).strip() for name in self.names)
        nothing: tuple[tuple[Marked, ...], ...] = ((),) * len(described)
        return Sentences(self.texts + described, self.intents + self.names, self.entities + nothing)


def read_sentences(source: Path) -> Sentences:
    """Read a file of Rasa's JSON, or every YAML file below a folder.

    Raises:
        AdaptationError: a file can't be read, or there are fewer than two intents.
    """
    paths = sorted(source.rglob("*.yml")) if source.is_dir() else [source]
    rows: list[tuple[str, str, tuple[Marked, ...]]] = []
    for path in paths:
        try:
            content = path.read_text(encoding="utf-8")
            rows += _json(json.loads(content)) if path.suffix == ".json" else _yaml(yaml.safe_load(content))
        except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise AdaptationError(f"{path} isn't training data in Rasa's format: {error}") from error
    if len({intent for _, intent, _ in rows}) < 2:
        raise AdaptationError(f"{source} holds fewer than two intents; there is nothing to tell apart.")
    texts, intents, entities = zip(*dict.fromkeys(rows), strict=True)
    return Sentences(texts, intents, entities)


def _json(content: dict[str, Any]) -> Iterator[tuple[str, str, tuple[Marked, ...]]]:
    for row in content["rasa_nlu_data"]["common_examples"]:
        if row["text"].strip() and row.get("intent"):
            marked = tuple((e["start"], e["end"], e["entity"]) for e in row.get("entities", ()))
            yield row["text"], row["intent"], marked


def _yaml(content: dict[str, Any] | None) -> Iterator[tuple[str, str, tuple[Marked, ...]]]:
    for block in (content or {}).get("nlu", []):
        for line in block["examples"].splitlines() if "intent" in block else ():
            text, marked = _plain(line.strip().removeprefix("-").strip())
            if text:
                yield text, block["intent"], marked


def _plain(line: str) -> tuple[str, tuple[Marked, ...]]:
    """A line without its annotations, and what they marked."""
    text, marked, done = "", [], 0
    for match in _ANNOTATION.finditer(line):
        text += line[done : match.start()]
        kind = match["kind"] or json.loads(match["data"])["entity"]
        marked.append((len(text), len(text) + len(match["text"]), kind.strip()))
        text += match["text"]
        done = match.end()
    return text + line[done:], tuple(marked)
