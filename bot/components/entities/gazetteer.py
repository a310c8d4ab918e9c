"""What the catalogue holds, as the catalogue import writes it: brands, categories, products, attribute vocabulary.

The file is read again when it changes, so a new product is understood without training and without a restart.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

log = logging.getLogger(__name__)
Built = TypeVar("Built")

UNITS: dict[str, dict[str, float]] = {
    "gb": {"gb": 1, "gig": 1, "gigs": 1, "gigabyte": 1, "gigabytes": 1},
    "inch": {"inch": 1, "inches": 1, "in": 1, '"': 1, "''": 1},
    "kg": {"kg": 1, "kgs": 1, "kilo": 1, "kilos": 1, "kilogram": 1, "kilograms": 1},
    "g": {"g": 1, "gram": 1, "grams": 1},
    "h": {"h": 1, "hr": 1, "hrs": 1, "hour": 1, "hours": 1},
    "hz": {"hz": 1, "hertz": 1},
    "w": {"w": 1, "watt": 1, "watts": 1},
    "mp": {"mp": 1, "megapixel": 1, "megapixels": 1},
}
"""How people write the usual units; an attribute's own `units` come on top."""


@dataclass(frozen=True)
class Category:
    slug: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Product:
    sku: str
    name: str
    brand: str
    category: str


@dataclass(frozen=True)
class Attribute:
    """One attribute of the vocabulary; `units` maps what people write, in lower case, to its factor to the unit, and
    `degrees` are words for more and less of it.
    """

    name: str
    kind: str
    words: tuple[str, ...]
    values: tuple[str, ...]
    units: dict[str, float]
    categories: frozenset[str]
    degrees: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gazetteer:
    version: int = 0
    brands: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    products: tuple[Product, ...] = ()
    attributes: tuple[Attribute, ...] = field(default=())


def read(path: Path) -> Gazetteer:
    """Reads the file.

    Raises:
        OSError: it can't be read. ValueError: it isn't a gazetteer; the message names the field.
    """
    raw = json.loads(path.read_text(encoding="utf-8"))
    try:
        return Gazetteer(
            version=int(raw.get("version", 0)),
            brands=tuple(raw["brands"]),
            categories=tuple(_category(entry) for entry in raw["categories"]),
            products=tuple(Product(p["sku"], p["name"], p["brand"], p["category"]) for p in raw["products"]),
            attributes=tuple(_attribute(name, entry) for name, entry in raw["attributes"].items()),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} isn't a gazetteer: {type(error).__name__} at {error}") from error


def _category(entry: dict[str, Any]) -> Category:
    names = [
        entry["slug"].replace("-", " "),
        entry["name"],
        entry.get("singular"),
        *entry.get("synonyms", []),
    ]
    lower = [name.lower() for name in names if name]
    plurals = [plural for name in lower for plural in (f"{name}s", f"{name}es") if not name.endswith("s")]
    return Category(entry["slug"], tuple(dict.fromkeys([*lower, *plurals])))


def _attribute(name: str, entry: dict[str, Any]) -> Attribute:
    unit = str(entry.get("unit") or "").lower()
    units = {unit: 1.0} if unit else {}
    units |= UNITS.get(unit, {})
    units |= {str(u).lower(): float(f) for u, f in (entry.get("units") or {}).items()}
    return Attribute(
        name,
        entry["kind"],
        tuple(str(word).lower() for word in entry.get("words", ())),
        tuple(str(value) for value in entry.get("values") or ()),
        units,
        frozenset(entry.get("categories") or ()),
        tuple(str(word).lower() for word in (*entry.get("more", ()), *entry.get("less", ()))),
    )


class Watched(Generic[Built]):
    """Something built from the gazetteer, built anew when the file changes.

    A missing file means an empty gazetteer. A file that can't be read leaves what was built last in place and is logged
    once; it is tried again when it changes.
    """

    def __init__(self, path: Path, build: Callable[[Gazetteer], Built]) -> None:
        self._path, self._build = path, build
        self._seen: tuple[int, int, int] | None = None
        self._built = build(Gazetteer())

    def current(self) -> Built:
        """As of now; costs one `stat` when nothing has changed."""
        seen = self._stamp()
        if seen != self._seen:
            self._seen = seen
            self._refresh()
        return self._built

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def _refresh(self) -> None:
        if self._seen is None:
            log.warning(
                "gazetteer_missing: products and brands are not recognised until the catalogue is imported"
            )
            return
        try:
            gazetteer = read(self._path)
        except (OSError, ValueError) as error:
            log.error("gazetteer_unreadable: %s", error)  # noqa: TRY400 - the message says all
            return
        self._built = self._build(gazetteer)
        log.info("gazetteer_loaded: version %d, %d products", gazetteer.version, len(gazetteer.products))
