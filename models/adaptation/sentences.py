"""Sentences with their intents, as Rasa's training files hold them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from models.adaptation import AdaptationError

_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_WORD_BREAK = re.compile(r"[_\W]+")


@dataclass(frozen=True)
class Sentences:
    """`intents[i]` is what `texts[i]` means."""

    texts: tuple[str, ...]
    intents: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The intents, each once, sorted."""
        return tuple(sorted(set(self.intents)))

    def with_names(self) -> Sentences:
        """Each intent's own name, read as words, is one more sentence of it: with few examples that says a lot."""
        described = tuple(_WORD_BREAK.sub(" ", name).strip() for name in self.names)
        return Sentences(self.texts + described, self.intents + self.names)


def read_sentences(source: Path) -> Sentences:
    """Read a file of Rasa's JSON, or every YAML file below a folder.

    Raises:
        AdaptationError: a file can't be read, or there are fewer than two intents.
    """
    paths = sorted(source.rglob("*.yml")) if source.is_dir() else [source]
    rows: list[tuple[str, str]] = []
    for path in paths:
        try:
            content = path.read_text(encoding="utf-8")
            rows += _json(json.loads(content)) if path.suffix == ".json" else _yaml(yaml.safe_load(content))
        except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise AdaptationError(f"{path} isn't training data in Rasa's format: {error}") from error
    if len({intent for _, intent in rows}) < 2:
        raise AdaptationError(f"{source} holds fewer than two intents; there is nothing to tell apart.")
    texts, intents = zip(*dict.fromkeys(rows), strict=True)
    return Sentences(texts, intents)


def _json(content: dict[str, Any]) -> list[tuple[str, str]]:
    rows = content["rasa_nlu_data"]["common_examples"]
    return [(row["text"], row["intent"]) for row in rows if row["text"].strip() and row.get("intent")]


def _yaml(content: dict[str, Any] | None) -> list[tuple[str, str]]:
    rows = []
    for block in (content or {}).get("nlu", []):
        for line in block["examples"].splitlines() if "intent" in block else ():
            text = _ANNOTATION.sub(r"\1", line.strip().removeprefix("-").strip())
            if text:
                rows.append((text, block["intent"]))
    return rows
