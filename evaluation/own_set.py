"""The project's own development test set: `data/nlu_test`, written apart from the training sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from crm.catalogue_records import read_jsonl
from models import catalogue_files, gazetteer

FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class OwnSet:
    """`intents` and `entities` pair a text with what should be read; nothing should be read in `outside`."""

    intents: list[tuple[str, str]]
    outside: list[str]
    entities: list[tuple[str, list[dict[str, Any]]]]


def own_set(folder: Path) -> OwnSet:
    """Read every YAML file of the folder."""
    intents, outside, entities = [], [], []
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for row in content.get("examples", []):
            entities.append((row["text"], row.get("entities", [])))
        for block in content.get("nlu", []):
            for line in block["examples"].splitlines():
                text = line.strip().removeprefix("- ").strip()
                if text and block["intent"] == FALLBACK:
                    outside.append(text)
                elif text:
                    intents.append((text, block["intent"]))
    return OwnSet(intents, outside, entities)


def shop_gazetteer(shop: Path, target: Path) -> Path:
    """Write the gazetteer of the demo shop's catalogue, which the own test set speaks of."""
    vocabulary = catalogue_files.read(shop)
    products = list(read_jsonl(shop / "catalogue.jsonl"))
    gazetteer.write(target, gazetteer.build(products, vocabulary.categories, vocabulary.attributes))
    return target
