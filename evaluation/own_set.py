"""The project's own development test set: `data/nlu_test`, written apart from the training sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from crm.catalogue_records import read_jsonl
from models import catalogue_files, gazetteer

ZONE = ZoneInfo("Europe/Berlin")
"""The zone of the bot's configuration."""

_MOMENT = re.compile(
    r"(?:(?P<date>\d{4}-\d\d-\d\d)|day(?P<days>[+-]\d+)|week(?P<weeks>[+-]\d+)-(?P<of_week>\d)|coming-(?P<coming>\d))"
    r"(?: (?P<hour>\d\d):(?P<minute>\d\d))?"
)
FALLBACK = "nlu_fallback"
REP = "rep_"


@dataclass(frozen=True)
class OwnSet:
    """`intents` and `entities` pair a text with what should be read; nothing should be read in `outside`.

    Customers' sentences only: what reps say is read by a model of its own (`tests/scenarios/test_rep_language.py`).
    """

    intents: list[tuple[str, str]]
    outside: list[str]
    entities: list[tuple[str, list[dict[str, Any]]]]


def own_set(folder: Path) -> OwnSet:
    """Read every YAML file of the folder."""
    intents, outside, entities = [], [], []
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for row in content.get("examples", []):
            entities.append((row["text"], list(_dated(row.get("entities", []), datetime.now(ZONE).date()))))
        for block in content.get("nlu", []):
            for line in block["examples"].splitlines():
                text = line.strip().removeprefix("- ").strip()
                if text and block["intent"] == FALLBACK:
                    outside.append(text)
                elif text and not block["intent"].startswith(REP):
                    intents.append((text, block["intent"]))
    return OwnSet(intents, outside, entities)


def _dated(entities: list[dict[str, Any]], today: date) -> Iterator[dict[str, Any]]:
    for entity in entities:
        is_time = entity["entity"] == "time"
        yield {**entity, "value": moment(entity["value"], today)} if is_time else entity


def moment(written: str, today: date) -> str:
    """What a time of the test set is in ISO 8601, seen from `today`. Raises ValueError for what isn't one."""
    match = _MOMENT.fullmatch(written)
    if match is None:
        raise ValueError(f"{written!r}: write day+1, week+1-2, coming-5 or a date, and an hour such as 15:00")
    if match["date"]:
        day = date.fromisoformat(match["date"])
    elif match["days"]:
        day = today + timedelta(days=int(match["days"]))
    elif match["weeks"]:
        monday = today - timedelta(days=today.weekday())
        day = monday + timedelta(weeks=int(match["weeks"]), days=int(match["of_week"]) - 1)
    else:
        day = today + timedelta(days=(int(match["coming"]) - today.isoweekday() - 1) % 7 + 1)
    if match["hour"] is None:
        return day.isoformat()
    return datetime.combine(day, time(int(match["hour"]), int(match["minute"])), ZONE).isoformat()


def shop_gazetteer(shop: Path, target: Path) -> Path:
    """Write the gazetteer of the demo shop's catalogue, which the own test set speaks of."""
    vocabulary = catalogue_files.read(shop)
    products = list(read_jsonl(shop / "catalogue.jsonl"))
    gazetteer.write(target, gazetteer.build(products, vocabulary.categories, vocabulary.attributes))
    return target
