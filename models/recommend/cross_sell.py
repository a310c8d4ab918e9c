"""What goes with what is in a basket, learned from orders; by likeness of texts where orders say nothing.

Three parts, with one setting for every shop (docs/adr/0070): EASE over baskets in which large baskets count less, a
little likeness of the products' texts, and a mild discount for what everybody buys anyway.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]  # scipy ships no types

from models.files import folder_swapped_in, sha256_of
from models.recommend.ease import Floats, item_weights
from models.recommend.errors import ModelCorrupt, ModelMissing

LARGEST_BASKET = 60
"""Items; a larger order is a retailer's, and says little about what goes together."""

SIZE_DISCOUNT = 0.5
"""A basket counts by its size to the power of minus this: two things bought alone together tell more."""

LIKENESS = 0.05
"""Weight of a cosine's cube beside EASE's weights."""

POPULARITY_DISCOUNT = 0.1
"""A score is multiplied by the number of orders to the power of minus this."""

FORMAT = 1
_MANIFEST, _WEIGHTS = "manifest.json", "weights.npz"


class CrossSell:
    """Weights between the products that were ordered. Immutable; learn anew when orders have come in."""

    def __init__(
        self, skus: Sequence[str], weights: sparse.csr_matrix, orders: npt.NDArray[np.int64]
    ) -> None:
        self.skus = tuple(skus)
        self._weights = weights
        self._orders = orders

    @classmethod
    def learn(cls, baskets: Iterable[Collection[str]]) -> Self:
        """Learn from orders, each the SKUs it holds. No orders give a model without opinions."""
        sets = [sorted(set(basket)) for basket in baskets]
        sets = [basket for basket in sets if 1 <= len(basket) <= LARGEST_BASKET]
        skus = sorted({sku for basket in sets for sku in basket})
        column = {sku: position for position, sku in enumerate(skus)}
        sizes = np.array([len(basket) for basket in sets], dtype=np.float64)
        columns = np.array([column[sku] for basket in sets for sku in basket], dtype=np.int64)
        shares = (sizes / sizes.mean()) ** -SIZE_DISCOUNT if len(sizes) else sizes
        # The Gram matrix multiplies the values of two items, so each holds the root of what the basket counts.
        values = np.repeat(np.sqrt(shares), sizes.astype(np.int64))
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        matrix = sparse.csr_matrix((values, columns, starts), shape=(len(sets), len(skus)))
        return cls(skus, item_weights(matrix), np.bincount(columns, minlength=len(skus)))

    def over(self, skus: Sequence[str], vectors: npt.NDArray[np.floating] | None = None) -> CrossSellRanker:
        """The model over a catalogue: ``vectors`` are the products' unit vectors, of shape (len(skus), dimension).

        What was ordered and isn't in ``skus`` (withdrawn products) is left out; what is new has its likeness only.
        """
        if vectors is not None and len(vectors) != len(skus):
            raise ValueError(f"vectors: {len(vectors)} rows for {len(skus)} products")
        place = {sku: row for row, sku in enumerate(skus)}
        known = [(row, place[sku]) for row, sku in enumerate(self.skus) if sku in place]
        here = np.array([row for row, _ in known], dtype=np.int64)
        there = np.array([row for _, row in known], dtype=np.int64)
        picked = self._weights[here][:, here].tocoo()
        weights = sparse.csr_matrix(
            (picked.data, (there[picked.row], there[picked.col])),
            shape=(len(skus), len(skus)),
            dtype=np.float32,
        )
        orders = np.zeros(len(skus), dtype=np.int64)
        orders[there] = self._orders[here]
        typical = float(self._orders.mean()) + 1 if len(self._orders) else 1.0
        discount = (((orders + 1) / typical) ** -POPULARITY_DISCOUNT).astype(np.float32)
        return CrossSellRanker(place, weights, vectors, discount)

    def save(self, folder: Path) -> None:
        """Store the model; what ``folder`` held is replaced in one step."""
        with folder_swapped_in(folder) as unfinished:
            path = unfinished / _WEIGHTS
            np.savez_compressed(
                path,
                allow_pickle=False,
                values=self._weights.data,
                columns=self._weights.indices.astype(np.int32),
                starts=self._weights.indptr.astype(np.int64),
                orders=self._orders,
            )
            manifest = {"format": FORMAT, "skus": self.skus, "sha256": sha256_of(path)}
            (unfinished / _MANIFEST).write_text(json.dumps(manifest) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote. Raises ModelMissing or ModelCorrupt."""
        try:
            manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError as exc:
            raise ModelMissing(f"{folder} holds no cross-sell model") from exc
        except (ValueError, OSError) as exc:
            raise ModelCorrupt(f"{folder / _MANIFEST} can't be read: {exc}") from exc
        try:
            if manifest["format"] != FORMAT or sha256_of(folder / _WEIGHTS) != manifest["sha256"]:
                raise ModelCorrupt(f"{folder / _WEIGHTS} differs from its manifest")
            skus = manifest["skus"]
            with np.load(folder / _WEIGHTS, allow_pickle=False) as stored:
                parts = (stored["values"], stored["columns"], stored["starts"])
                weights = sparse.csr_matrix(parts, shape=(len(skus), len(skus)))
                return cls(skus, weights, stored["orders"])
        except (OSError, KeyError, TypeError, ValueError) as exc:
            raise ModelCorrupt(f"the cross-sell model in {folder} is damaged: {exc}") from exc


class CrossSellRanker:
    """A cross-sell model over one catalogue's products, in the catalogue's order."""

    def __init__(
        self,
        place: dict[str, int],
        weights: sparse.csr_matrix,
        vectors: npt.NDArray[np.floating] | None,
        discount: Floats,
    ) -> None:
        self._place = place
        self._weights = weights
        self._vectors = vectors
        self._discount = discount

    def __len__(self) -> int:
        return len(self._place)

    def history(self, basket: Sequence[str]) -> Floats:
        """What orders say: the part of ``contributions`` that likeness isn't."""
        rows = [self._place[sku] for sku in basket if sku in self._place]
        learned: Floats = self._weights[rows].toarray()
        return learned * self._discount

    def contributions(self, basket: Sequence[str]) -> Floats:
        """What each known item of the basket adds to every product's score, of shape (items, products)."""
        rows = [self._place[sku] for sku in basket if sku in self._place]
        added: Floats = self._weights[rows].toarray()
        if self._vectors is not None and rows:
            likeness = np.maximum(self._vectors[rows].astype(np.float32) @ self._vectors.T, 0.0) ** 3
            likeness[np.arange(len(rows)), rows] = 0.0
            added += np.float32(LIKENESS) * likeness
        return added * self._discount

    def scores(self, basket: Sequence[str]) -> Floats:
        """Every product's score beside the basket; the basket's own items are minus infinity."""
        total: Floats = self.contributions(basket).sum(axis=0)
        total[[self._place[sku] for sku in basket if sku in self._place]] = -np.inf
        return total
