"""The catalogue's words for the bot: brands, categories, product names, attribute values.

The bot re-reads the file when it changes, so that a new product is understood without training.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.files import write_atomically
from models.search.conditions import words_of
from models.vocabulary import Attribute, Category, Product

_SHORTEST_HEAD = 3


def build(
    products: Sequence[Product],
    categories: Mapping[str, Category],
    attributes: Mapping[str, Attribute],
    *,
    version: int = 0,
) -> dict[str, Any]:
    """The gazetteer of ``products`` as plain JSON; ``version`` is the catalogue's. Categories without products stay in:
    the bot should understand what the shop has none of."""
    had = set().union(*{frozenset(product.attributes) for product in products})
    used = [name for name in attributes if name in had]
    return {
        "version": version,
        "brands": sorted({product.brand for product in products if product.brand}),
        "categories": [_category(category) for category in categories.values()],
        "products": [
            {"sku": p.sku, "name": p.name, "brand": p.brand, "category": p.category} for p in products
        ],
        "attributes": {name: _attribute(attributes[name], products, categories) for name in used},
    }


def write(path: Path, gazetteer: Mapping[str, Any]) -> None:
    """Write the file in one step: the bot reads the old one or the new one."""
    write_atomically(path, json.dumps(gazetteer, ensure_ascii=False, indent=1) + "\n")


def _category(category: Category) -> dict[str, Any]:
    return {
        "slug": category.slug,
        "name": category.name,
        "singular": category.singular,
        "synonyms": list(category.synonyms),
    }


def _attribute(
    attribute: Attribute, products: Sequence[Product], categories: Mapping[str, Category]
) -> dict[str, Any]:
    having = [product for product in products if attribute.name in product.attributes]
    entry: dict[str, Any] = {
        "kind": attribute.kind,
        "words": list(attribute.words),
        "more": list(attribute.more),
        "less": list(attribute.less),
        "categories": sorted({product.category for product in having}),
    }
    if attribute.kind == "number":
        entry |= {"unit": attribute.unit, "units": dict(attribute.units)}
    if attribute.kind == "word":
        values = sorted({value for product in having for value in _texts(product.attributes[attribute.name])})
        entry["values"] = values + _heads(values, categories.values())
    return entry


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _heads(values: Sequence[str], categories: Iterable[Category]) -> list[str]:
    """Last words that several values share ("blue" of "sky blue" and "navy blue"), which people say alone.

    Words that name a category are left out: "speaker" alone doesn't ask for the type "smart speaker".
    """
    kinds = {
        word
        for category in categories
        for text in (category.name, *category.synonyms)
        for word in words_of(text)
    }
    known = {value.casefold() for value in values}
    heads = Counter(value.split()[-1].casefold() for value in values if " " in value)
    return sorted(
        head
        for head, count in heads.items()
        if head.isalpha() and len(head) >= _SHORTEST_HEAD and head not in known | kinds and count > 1
    )
