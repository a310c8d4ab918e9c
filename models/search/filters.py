"""Hard conditions over arrays: a boolean per product, the answer that models.search.conditions gives one by one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.search.conditions import folded, number_satisfies, word_satisfies
from models.search.query import Constraint, Query
from models.vocabulary import Product, number_text

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]

TRUE = "\0true"
"""Stands for a flag that is set, among the values of word attributes."""


class FilterTable:
    """Columns of the products: price, stock, brand, category, and each attribute as (rows, values).

    An attribute takes space only for the products that have it.
    """

    def __init__(self, arrays: dict[str, npt.NDArray[Any]], names: dict[str, Any]) -> None:
        self._arrays = arrays
        self._names = names
        self.skus: list[str] = names["skus"]
        self._row_of = {sku: row for row, sku in enumerate(self.skus)}

    @classmethod
    def build(cls, products: Sequence[Product]) -> FilterTable:
        brands: dict[str, int] = {}
        plain = cache(folded)  # a brand has many products
        categories: dict[str, int] = {}
        arrays: dict[str, npt.NDArray[Any]] = {
            "price": np.array([_cents(product.price) for product in products], dtype=np.int64),
            "stock": np.array([product.stock for product in products], dtype=np.int64),
            "brand": np.array(
                [brands.setdefault(plain(p.brand), len(brands)) for p in products], dtype=np.int32
            ),
            "category": np.array(
                [categories.setdefault(p.category, len(categories)) for p in products], dtype=np.int32
            ),
        }
        numbers: dict[str, tuple[list[int], list[float]]] = {}
        words: dict[str, dict[str, list[int]]] = {}
        for row, product in enumerate(products):
            for name, value in product.attributes.items():
                if isinstance(value, int | float) and not isinstance(value, bool):
                    rows, values = numbers.setdefault(name, ([], []))
                    rows.append(row)
                    values.append(float(value))
                elif value is True:
                    words.setdefault(name, {}).setdefault(TRUE, []).append(row)
                elif not isinstance(value, bool):
                    for item in value if isinstance(value, list) else [value]:
                        words.setdefault(name, {}).setdefault(str(item), []).append(row)
        for position, (rows, values) in enumerate(numbers.values()):
            arrays[f"number{position}.rows"] = np.array(rows, dtype=np.int32)
            arrays[f"number{position}.values"] = np.array(values, dtype=np.float64)
        postings: dict[str, dict[str, int]] = {}
        lists: list[list[int]] = []
        for name, by_value in words.items():
            for value, rows in by_value.items():
                postings.setdefault(name, {})[value] = len(lists)
                lists.append(rows)
        arrays["word.rows"] = np.array([row for rows in lists for row in rows], dtype=np.int32)
        arrays["word.starts"] = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        names = {
            "skus": [product.sku for product in products],
            "names": [product.name for product in products],
            "brands": brands,
            "categories": categories,
            "numbers": {name: position for position, name in enumerate(numbers)},
            "words": postings,
        }
        return cls(arrays, names)

    def __len__(self) -> int:
        return len(self.skus)

    def name(self, row: int) -> str:
        return str(self._names["names"][row])

    def row(self, sku: str) -> int | None:
        return self._row_of.get(sku)

    @property
    def prices(self) -> npt.NDArray[np.int64]:
        """Prices in hundredths of the currency's unit, rounded down."""
        return self._arrays["price"]

    def mask(self, query: Query) -> Mask:
        """True for each product that fulfils every condition of the query."""
        mask = np.ones(len(self), dtype=np.bool_)
        if query.all_categories:
            mask &= self._is_any("category", "categories", query.all_categories)
        if query.not_categories:
            mask &= ~self._is_any("category", "categories", query.not_categories)
        if query.brands:
            mask &= self._is_any("brand", "brands", [folded(brand) for brand in query.brands])
        if query.not_brands:
            mask &= ~self._is_any("brand", "brands", [folded(brand) for brand in query.not_brands])
        if query.price_min is not None:
            mask &= self.prices >= _cents_up(query.price_min)
        if query.price_max is not None:
            mask &= self.prices <= _cents(query.price_max)
        if query.in_stock:
            mask &= self._arrays["stock"] > 0
        for sku in query.exclude:
            if (row := self.row(sku)) is not None:
                mask[row] = False
        for wish in query.attributes:
            mask &= self._fulfilling(wish)
        return mask

    def of_category(self, slug: str) -> Mask:
        """True for each product of the category."""
        return self._is_any("category", "categories", [slug])

    def numbers(self, name: str) -> tuple[Rows, npt.NDArray[np.float64]] | None:
        """Rows and values of a numeric attribute; None when no product has it."""
        position = self._names["numbers"].get(name)
        if position is None:
            return None
        return self._arrays[f"number{position}.rows"], self._arrays[f"number{position}.values"]

    def values_of(self, name: str) -> list[str]:
        """The values of a word attribute."""
        return [value for value in self._names["words"].get(name, {}) if value != TRUE]

    def having(self, name: str, value: str) -> Rows:
        """Rows of the products whose attribute has this value, one of ``values_of``."""
        return self._word_rows(self._names["words"][name][value])

    def _is_any(self, column: str, table: str, wanted: Sequence[str]) -> Mask:
        codes = [code for name in wanted if (code := self._names[table].get(name)) is not None]
        return np.isin(self._arrays[column], codes)

    def _fulfilling(self, wish: Constraint) -> Mask:
        mask = np.zeros(len(self), dtype=np.bool_)
        if isinstance(wish.value, bool):
            mask[self._true_rows(wish.name)] = True
            return mask if wish.value else ~mask
        if isinstance(wish.value, int | float):
            if (column := self.numbers(wish.name)) is not None:
                rows, values = column
                mask[rows[_compare(values, wish.op, float(wish.value))]] = True
            return mask
        wanted = wish.value if isinstance(wish.value, list) else [wish.value]
        for value, position in self._names["words"].get(wish.name, {}).items():
            if value != TRUE and any(word_satisfies(value, want) for want in wanted):
                mask[self._word_rows(position)] = True
        for number, rows in self._as_words(wish.name):
            if any(word_satisfies(number, want) for want in wanted):
                mask[rows] = True
        return mask

    def _as_words(self, name: str) -> list[tuple[str, Rows]]:
        """A numeric attribute's values as text, for a wish that gives its number as text."""
        column = self.numbers(name)
        if column is None:
            return []
        rows, values = column
        return [(number_text(value), rows[values == value]) for value in np.unique(values)]

    def _true_rows(self, name: str) -> Rows:
        position = self._names["words"].get(name, {}).get(TRUE)
        return np.empty(0, dtype=np.int32) if position is None else self._word_rows(position)

    def _word_rows(self, position: int) -> Rows:
        start, end = self._arrays["word.starts"][position : position + 2]
        return self._arrays["word.rows"][start:end]

    def save(self, folder: Path) -> None:
        np.savez(folder / "columns.npz", allow_pickle=False, **self._arrays)
        (folder / "columns.json").write_text(json.dumps(self._names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> FilterTable:
        with np.load(folder / "columns.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return cls(arrays, json.loads((folder / "columns.json").read_text(encoding="utf-8")))


def _compare(values: npt.NDArray[np.float64], op: str, wanted: float) -> Mask:
    if op == "min":
        return values >= wanted
    if op == "max":
        return values <= wanted
    if op == "above":
        return values > wanted
    if op == "below":
        return values < wanted
    return np.array([number_satisfies(value, op, wanted) for value in values.tolist()], dtype=np.bool_)


def _cents(amount: Decimal) -> int:
    return int((amount * 100).to_integral_value(rounding="ROUND_FLOOR"))


def _cents_up(amount: Decimal) -> int:
    return int((amount * 100).to_integral_value(rounding="ROUND_CEILING"))
