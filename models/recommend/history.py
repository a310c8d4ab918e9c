"""Counts of what was ordered together: the plain numbers that a recommendation's sentence may state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]  # scipy ships no types

from models.recommend.cross_sell import LARGEST_BASKET


class History:
    """How many orders hold a product, two products, and products of two categories."""

    def __init__(
        self, place: Mapping[str, int], together: sparse.csr_matrix, categories: Mapping[tuple[str, str], int]
    ) -> None:
        self._place = place
        self._names = list(place)
        self._together = together
        self._categories = categories

    @classmethod
    def of(cls, baskets: Iterable[Collection[str]], category_of: Mapping[str, str]) -> History:
        """Count ``baskets``, each the SKUs of an order; the same orders as the cross-sell model learns from."""
        sets = [sorted(set(basket)) for basket in baskets]
        sets = [basket for basket in sets if 1 <= len(basket) <= LARGEST_BASKET]
        place = {sku: row for row, sku in enumerate(sorted({sku for basket in sets for sku in basket}))}
        columns = [place[sku] for basket in sets for sku in basket]
        starts = np.cumsum([0, *map(len, sets)])
        held = sparse.csr_matrix(
            (np.ones(len(columns), np.int32), columns, starts), shape=(len(sets), len(place))
        )
        pairs: Counter[tuple[str, str]] = Counter()
        for basket in sets:
            slugs = sorted({category_of[sku] for sku in basket if sku in category_of})
            pairs.update((slug, slug) for slug in slugs)
            pairs.update(combinations(slugs, 2))
        together = (held.T @ held).tocsr()
        together.sort_indices()
        return cls(place, together, pairs)

    def orders_of(self, sku: str) -> int:
        """Orders that hold the product."""
        return self.together(sku, sku)

    def together(self, one: str, other: str) -> int:
        """Orders that hold both products."""
        row, column = self._place.get(one), self._place.get(other)
        if row is None or column is None:
            return 0
        start, end = self._together.indptr[row : row + 2]
        columns = self._together.indices[start:end]
        at = int(np.searchsorted(columns, column))
        return int(self._together.data[start + at]) if at < len(columns) and columns[at] == column else 0

    def bought_with(self, sku: str) -> dict[str, int]:
        """Products that were ordered together with this one, with the number of orders."""
        row = self._place.get(sku)
        if row is None:
            return {}
        start, end = self._together.indptr[row : row + 2]
        columns, counts = self._together.indices[start:end], self._together.data[start:end]
        return {self._names[c]: int(n) for c, n in zip(columns, counts, strict=True) if c != row}

    def most_ordered(self, limit: int) -> list[str]:
        """The products in the most orders, most first."""
        counts = self._together.diagonal()
        return [self._names[row] for row in np.argsort(-counts, kind="stable")[:limit]]

    def categories_together(self, one: str, other: str) -> int:
        """Orders that hold products of both categories."""
        return self._categories.get((min(one, other), max(one, other)), 0)
