"""The products that may be recommended, with the vectors of their texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from models.search.conditions import fulfils
from models.search.query import Query
from models.vocabulary import Product

Floats = npt.NDArray[np.float32]


class Shelf:
    """Products and their unit vectors, of shape (len(products), dimension), in the same order."""

    def __init__(self, products: Sequence[Product], vectors: npt.NDArray[np.floating]) -> None:
        if len(products) != len(vectors):
            raise ValueError(f"vectors: {len(vectors)} rows for {len(products)} products")
        self.products = products
        self.vectors = vectors
        self.row = {product.sku: row for row, product in enumerate(products)}
        slugs = sorted({product.category for product in products})
        code = {slug: number for number, slug in enumerate(slugs)}
        self._codes = code
        self._category = np.array([code[product.category] for product in products], dtype=np.int32)

    def __getitem__(self, sku: str) -> Product:
        """Raises KeyError for a product that isn't for sale."""
        return self.products[self.row[sku]]

    def get(self, sku: str) -> Product | None:
        """The product, or None when it isn't for sale."""
        row = self.row.get(sku)
        return None if row is None else self.products[row]

    def __contains__(self, sku: object) -> bool:
        return sku in self.row

    def known(self, skus: Iterable[str]) -> list[Product]:
        """Those of the products that are for sale, each once."""
        return [self[sku] for sku in dict.fromkeys(skus) if sku in self.row]

    def cosine(self, one: str, other: str) -> float:
        return float(self.vectors[self.row[one]].astype(np.float32) @ self.vectors[self.row[other]])

    def of_category(self, slug: str) -> npt.NDArray[np.intp]:
        """Rows of the category's products."""
        return np.flatnonzero(self._category == self._codes.get(slug, -1))

    def nearest(self, sku: str, query: Query, *, limit: int) -> Iterator[Product]:
        """Other products of the same category that fulfil the query, the nearest text first."""
        rows = self.of_category(self[sku].category)
        cosines = self.vectors[rows].astype(np.float32) @ self.vectors[self.row[sku]]
        found = 0
        for row in rows[np.argsort(-cosines, kind="stable")]:
            product = self.products[row]
            if found < limit and product.sku != sku and fulfils(product, query):
                found += 1
                yield product
