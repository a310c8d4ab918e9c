"""The product index: hard conditions first, then words and meaning, fused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.search import storage
from models.search.analysis import stem, words
from models.search.dense import DenseIndex, TextEncoder
from models.search.documents import content_digest, dense_text, fields
from models.search.filters import FilterTable, Mask
from models.search.lexical import LexicalIndex, Term
from models.search.mentions import WEIGHT as MENTIONED
from models.search.mentions import CategoryMentions
from models.search.preferences import Preferences, bonus
from models.search.query import Evidence, Hit, Query
from models.vocabulary import Product, Vocabulary

Scores = npt.NDArray[np.float32]

LEXICAL_SHARE = 0.55
"""Of the fused score; the rest is the dense side's. Chosen on tuning queries, never on test queries (docs/adr/0022)."""

NAMED = 2.0
"""What a product gains whose whole name is in the query, in standard deviations of relevance."""

LOOKED_AT = 20
"""How many of the best products are compared with the query by name."""

SORTED_FROM = 0.5
"""A sort by price orders products with this share of the best score, where words and no category select."""


class ProductIndex:
    """Searches a catalogue. Immutable: a changed catalogue gets a new index, built aside and swapped."""

    def __init__(
        self,
        table: FilterTable,
        lexical: LexicalIndex | None,
        dense: DenseIndex,
        *,
        encoder: TextEncoder,
        vocabulary: Vocabulary,
        version: int,
        content: str,
    ) -> None:
        self._table = table
        self._lexical = lexical
        self._dense = dense
        self._encoder = encoder
        self._vocabulary = vocabulary
        self._preferences = Preferences(vocabulary)
        self._mentions = CategoryMentions(vocabulary.categories)
        self.version = version
        self.content = content

    @classmethod
    def build(
        cls,
        products: Sequence[Product],
        encoder: TextEncoder,
        vocabulary: Vocabulary,
        *,
        version: int = 0,
        previous: ProductIndex | None = None,
    ) -> ProductIndex:
        """Index ``products`` as of the catalogue's ``version``.

        What ``previous`` has already is taken from it, if the same encoder made it: vectors of known texts, and where
        nothing but prices and stock has changed, all but the columns. An empty catalogue gives an index that finds
        nothing.
        """
        table = FilterTable.build(products)
        content = content_digest(products, vocabulary)
        reusable = previous is not None and previous._encoder.fingerprint == encoder.fingerprint
        if previous is not None and reusable and previous.content == content:
            known = previous._lexical, previous._dense
            return cls(
                table, *known, encoder=encoder, vocabulary=vocabulary, version=version, content=content
            )
        dense = DenseIndex.build(
            [dense_text(product, vocabulary) for product in products],
            encoder,
            previous._dense if previous is not None and reusable else None,
        )
        documents = (list(fields(product, vocabulary)) for product in products)
        lexical = LexicalIndex.build(documents, vocabulary.synonyms) if products else None
        return cls(
            table, lexical, dense, encoder=encoder, vocabulary=vocabulary, version=version, content=content
        )

    def __len__(self) -> int:
        return len(self._table)

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary that the index was built with."""
        return self._vocabulary

    @property
    def skus(self) -> Sequence[str]:
        """The products, in the order in which the index keeps them."""
        return self._table.skus

    @property
    def vectors(self) -> npt.NDArray[np.floating]:
        """Unit vectors of the products' texts, of shape (len(self), dimension), in the order of ``skus``."""
        return self._dense.vectors

    def search(self, query: Query, limit: int = 10) -> list[Hit]:
        """The best products that fulfil every condition of ``query``, best first, at most ``limit``.

        Without words the products nearest to the middle of the price range come first. Raises ValueError for a limit
        below 1.
        """
        if limit < 1:
            raise ValueError(f"limit must be 1 or more, not {limit}")
        mask = self._table.mask(query)
        rows = np.flatnonzero(mask)
        if not len(rows) or self._lexical is None:
            return []
        terms = self._lexical.analysed(query.text)
        lexical, dense = self._relevance(query.text, terms)
        total = LEXICAL_SHARE * lexical + (1 - LEXICAL_SHARE) * dense
        if not query.text.strip():
            total = self._typical(mask)
        total = total + bonus(self._table, mask, list(self._preferences.liked(query.text, query.prefer)))
        if not query.all_categories and (slug := self._mentions.first([term.stem for term in terms])):
            total = total + np.float32(MENTIONED) * self._table.of_category(slug)
        total = self._with_named(total, rows, terms)
        best = self._ranked(query, total, rows, limit)
        return [
            Hit(self._table.skus[row], float(total[row]), self._evidence(row, terms, lexical, dense))
            for row in best
        ]

    def count(self, query: Query) -> int:
        """How many products fulfil the query's conditions."""
        return int(self._table.mask(query).sum())

    def price_range(self, query: Query) -> tuple[float, float] | None:
        """Lowest and highest price of the products that fulfil the conditions, in the currency's unit."""
        prices = self._table.prices[self._table.mask(query)]
        return (float(prices.min()) / 100, float(prices.max()) / 100) if len(prices) else None

    def values(self, query: Query, name: str) -> list[float]:
        """A numeric attribute's values among the products that fulfil the conditions, ascending."""
        column = self._table.numbers(name)
        if column is None:
            return []
        rows, numbers = column
        found: list[float] = np.sort(numbers[self._table.mask(query)[rows]]).tolist()
        return found

    def _relevance(self, text: str, terms: Sequence[Term]) -> tuple[Scores, Scores]:
        """Lexical and dense scores in standard deviations over the whole catalogue."""
        if self._lexical is None or not text.strip():
            zeros = np.zeros(len(self), dtype=np.float32)
            return zeros, zeros
        vector = self._encoder.encode([text])[0]
        return _standardised(self._lexical.scores(terms)), _standardised(self._dense.scores(vector))

    def _typical(self, mask: Mask) -> Scores:
        """Higher for products near the median price of those in ``mask``: what most people look at first."""
        prices = np.log1p(self._table.prices.astype(np.float32))
        distance: Scores = np.abs(prices - np.float32(np.median(prices[mask])))
        return -distance

    def _with_named(self, total: Scores, rows: npt.NDArray[np.intp], terms: Sequence[Term]) -> Scores:
        """Lift the products whose whole name was said above those that merely share its words."""
        said = {term.stem for term in terms if term.weight == 1}
        if not said:
            return total
        nearest = (
            rows if len(rows) <= LOOKED_AT else rows[np.argpartition(-total[rows], LOOKED_AT)[:LOOKED_AT]]
        )
        lifted = total.copy()
        for row in nearest.tolist():
            name = {stem(word) for word in words(self._table.name(row))}
            if name and name <= said:
                lifted[row] += np.float32(NAMED)
        return lifted

    def _ranked(self, query: Query, total: Scores, rows: npt.NDArray[np.intp], limit: int) -> list[int]:
        """Rows in the order of their answer; ties keep the catalogue's order: one query, one answer."""
        wanted = limit
        if query.sort:
            wanted = len(rows)
            if query.text.strip() and not query.all_categories:
                best_score = float(total[rows].max())
                rows = rows[total[rows] >= min(SORTED_FROM * best_score, best_score)]
        if wanted < len(rows):
            kept = np.argpartition(-total[rows], wanted - 1)
            threshold = total[rows[kept[wanted - 1]]]
            rows = rows[total[rows] >= threshold]
        rows = rows[np.lexsort((rows, -total[rows]))][:wanted]
        if query.sort:
            prices = self._table.prices[rows]
            rows = rows[np.argsort(prices if query.sort == "price" else -prices, kind="stable")]
        best: list[int] = rows[:limit].tolist()
        return best

    def _evidence(self, row: int, terms: Sequence[Term], lexical: Scores, dense: Scores) -> Evidence:
        matched = [
            term.word for term in terms if self._lexical is not None and row in self._lexical.rows_with(term)
        ]
        return Evidence(
            tuple(dict.fromkeys(matched)), round(float(lexical[row]), 4), round(float(dense[row]), 4)
        )

    def save(self, folder: Path) -> None:
        """Store the index; what ``folder`` held is replaced in one step."""
        manifest = {
            "version": self.version,
            "encoder": self._encoder.fingerprint,
            "count": len(self),
            "content": self.content,
        }
        with storage.writing(folder, manifest) as unfinished:
            self._table.save(unfinished)
            self._dense.save(unfinished)
            if self._lexical is not None:
                self._lexical.save(unfinished)

    @classmethod
    def load(cls, folder: Path, encoder: TextEncoder, vocabulary: Vocabulary) -> ProductIndex:
        """Read a stored index. Raises IndexMissing, IndexStale (another encoder) or IndexCorrupt."""

        def read(manifest: dict[str, Any]) -> ProductIndex:
            return ProductIndex(
                FilterTable.load(folder),
                LexicalIndex.load(folder) if manifest["count"] else None,
                DenseIndex.load(folder),
                encoder=encoder,
                vocabulary=vocabulary,
                version=int(manifest["version"]),
                content=str(manifest["content"]),
            )

        return storage.reading(folder, encoder.fingerprint, read)


def _standardised(scores: Scores) -> Scores:
    spread = float(scores.std())
    standard: Scores = (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)
    return standard
