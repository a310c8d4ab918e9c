"""`parley catalogue status`: the catalogue, where it came from, and whether search and the bot are in step with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crm.database import Database
from crm.services import catalogue
from parley.catalogue import record
from parley.settings import Settings


async def lines(settings: Settings) -> list[tuple[str, str]]:
    """Labels with their values, for people. Raises StorageError."""
    database = Database.connect(settings.database_url)
    try:
        async with database.read() as uow:
            counts = await catalogue.counts(uow)
            version = await catalogue.version(uow)
    finally:
        await database.close()
    return [
        (
            "products",
            f"{counts.for_sale:,} for sale, {counts.sold_out:,} of them sold out; {counts.withdrawn:,} withdrawn",
        ),
        ("version", f"{version:,}"),
        ("source", _source(settings)),
        ("search index", _index(settings)),
        ("gazetteer", _gazetteer(settings)),
    ]


def _source(settings: Settings) -> str:
    last = record.read(settings.state)
    if last is None:
        return f"the shop's folder, {settings.shop}"
    return (
        f"{last.file}, imported {last.at:%Y-%m-%d %H:%M} UTC: {last.products:,} products, {last.added:,} added, "
        f"{last.changed:,} changed, {last.withdrawn:,} withdrawn"
    )


def _index(settings: Settings) -> str:
    stored = _json(settings.search_index / "manifest.json")
    if stored is None:
        return "not stored yet; the action server builds it"
    encoder = _json(settings.artifacts / "encoder" / "manifest.json") or {}
    text = f"{stored.get('count', 0):,} products, texts as of version {stored.get('version', 0):,}"
    if encoder.get("fingerprint") not in (None, stored.get("encoder")):
        return text + "; made by another encoder, so it will be built anew"
    return text + f", encoder {str(stored.get('encoder'))[:12]}"


def _gazetteer(settings: Settings) -> str:
    words = _json(settings.gazetteer)
    if words is None:
        return "not written yet; the action server writes it"
    return (
        f"{len(words.get('products', ())):,} products, {len(words.get('brands', ())):,} brands, "
        f"{len(words.get('categories', ())):,} categories, {len(words.get('attributes', ())):,} attributes"
    )


def _json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
