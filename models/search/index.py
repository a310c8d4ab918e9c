"""The product index: hard conditions first, then words and meaning, fused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.search import storage
from models.search.analysis import stem, words
from models.search.conditions import folded
from models.search.dense import TextEncoder
from models.search.documents import Contents, contents
from models.search.filters import FilterTable, Mask
from models.search.lexical import Term
from models.search.mentions import WEIGHT as MENTIONED
from models.search.mentions import CategoryMentions, ValueMentions, neighbours
from models.search.names import feedback
from models.search.parts import Parts
from models.search.preferences import Preferences, bonus
from models.search.query import Evidence, Hit, Query
from models.vocabulary import Product, Vocabulary
from parley_encoder.ahead import Ahead

Scores = npt.NDArray[np.float32]

LEXICAL, DENSE, COVERED = 0.45, 0.55, 1.0
"""Weights of the words' and the meaning's score, in standard deviations, and of the share of words that is covered."""

PHRASES, ALIKE, LENGTH = 0.8, 3.0, -0.3
"""Weights of the second look (models.search.names). All are chosen on tuning queries (docs/adr/0024)."""

FEEDBACK = 10
"""How many of the best products tell what the others should be like."""

POOL = 200
"""How many products the second look sees at least."""

NAMED, EACH_WORD = 4.0, 1.5
"""What a product gains whose whole name is in the query, and for each of the name's words: the longer name is meant."""

LOOKED_AT = 20
"""How many of the best products are compared with the query by name."""

REMEMBERED = 8
"""How many queries' vectors are kept: those of the customers who are being answered just now."""

SORTED_FROM = 0.5
"""A sort by price orders products with this share of the best score, where words and no category select."""


_DONE = re.compile(r"\bto ([a-z]+)")
"""What somebody wants to do: a verb."""


class ProductIndex:
    """Searches a catalogue. Immutable: a changed catalogue gets a new index, built aside and swapped."""

    def __init__(
        self,
        table: FilterTable,
        parts: Parts,
        *,
        encoder: TextEncoder,
        vocabulary: Vocabulary,
        version: int,
        content: str,
    ) -> None:
        self._table = table
        self._parts = parts
        self._lexical, self._dense, self._names = parts.lexical, parts.dense, parts.names
        self._encoder = encoder
        self._vocabulary = vocabulary
        self._preferences = Preferences(vocabulary)
        self._mentions = CategoryMentions(vocabulary.categories)
        self._values = ValueMentions(table, vocabulary)
        # One need may be looked for several times, each with a condition less; its words are encoded once.
        mended = str if self._lexical is None else self._lexical.mended
        self._vector = Ahead(lambda text: encoder.encode([mended(text)])[0], remembered=REMEMBERED)
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
        digests: Contents | None = None,
    ) -> ProductIndex:
        """Index ``products`` as of the catalogue's ``version``; ``digests`` are their contents, where known already.

        What ``previous`` has already is taken from it, if the same encoder made it: the words and vectors of known
        texts, and where nothing but prices and stock has changed, all but the columns. An empty catalogue gives an
        index that finds nothing.
        """
        table = FilterTable.build(products)
        digests = digests or contents(products, vocabulary)
        if previous is not None and previous._encoder.fingerprint != encoder.fingerprint:
            previous = None
        if previous is not None and previous.content == digests.all:
            parts = previous._parts
        else:
            parts = Parts.build(
                products, encoder, vocabulary, digests, None if previous is None else previous._parts
            )
        return cls(table, parts, encoder=encoder, vocabulary=vocabulary, version=version, content=digests.all)

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
        return self._dense.all_vectors()

    def begin(self, text: str) -> None:
        """Start encoding a query's words in another thread; a search for them waits for what is left of it."""
        if self._lexical is not None and text.strip():
            self._vector.begin(text)

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
        if query.text.strip():
            lexical, dense, total = self._relevance(query.text, terms, mask)
        else:
            total = self._typical(mask)
            lexical = dense = np.zeros_like(total)
        liked = list(self._preferences.liked(query.text, query.prefer))
        total = total + bonus(self._table, mask, liked)
        named = _named(query.text, terms)
        values = self._values.bonus(named)
        total = total + values
        if not query.all_categories and (slug := self._mentions.first(named, neighbours(query.text))):
            total = total + np.float32(MENTIONED) * self._table.of_category(slug).astype(np.float32)
        if query.text.strip():
            pool = _best(total, rows, max(POOL, limit))
            total = self._second_look(total, pool, terms)
            rows = rows if query.sort else pool  # nothing outside passes what is in the pool
        total = self._with_named(total, rows, query.text, terms)
        if query.sort and query.all_categories:
            # The cheapest keyboard of keyboards and mice is no mouse.
            rows = rows[values[rows] == values[rows].max()]
        best = self._ranked(query, total, rows, limit)
        return list(self._hits(best, terms, total, lexical, dense))

    def count(self, query: Query) -> int:
        """How many products fulfil the query's conditions."""
        return int(self._table.mask(query).sum())

    def price_range(self, query: Query) -> tuple[float, float] | None:
        """Lowest and highest price of the products that fulfil the conditions, in the currency's unit."""
        prices = self._table.prices[self._table.mask(query)]
        return (float(prices.min()) / 100, float(prices.max()) / 100) if len(prices) else None

    def prices(self, query: Query) -> list[Decimal]:
        """The prices of the products that fulfil the conditions, ascending."""
        cents = np.sort(self._table.prices[self._table.mask(query)])
        return [Decimal(price).scaleb(-2) for price in cents.tolist()]

    def values(self, query: Query, name: str) -> list[float]:
        """A numeric attribute's values among the products that fulfil the conditions, ascending."""
        column = self._table.numbers(name)
        if column is None:
            return []
        rows, numbers = column
        found: list[float] = np.sort(numbers[self._table.mask(query)[rows]]).tolist()
        return found

    def _relevance(self, text: str, terms: Sequence[Term], mask: Mask) -> tuple[Scores, Scores, Scores]:
        """Lexical and dense scores in standard deviations over the whole catalogue, and both fused."""
        assert self._lexical is not None  # noqa: S101 - search() answers for an empty catalogue
        found, covered = self._lexical.scores(terms)
        lexical = _standardised(found)
        vector = self._vector(text)
        also = (
            _best(np.where(mask, found, np.float32(0)), np.arange(len(self)), POOL)
            if self._dense.is_clustered
            else None
        )
        dense = self._dense.standardised(vector, mask, also)
        return lexical, dense, LEXICAL * lexical + DENSE * dense + COVERED * covered

    def _second_look(self, total: Scores, pool: npt.NDArray[np.intp], terms: Sequence[Term]) -> Scores:
        """The products of ``pool`` ranked with their names and with what the first ones are like."""
        phrases, lengths = self._names.evidence(pool, terms)
        vectors = self._dense.vectors(pool)
        first = np.argsort(-total[pool], kind="stable")[:FEEDBACK]
        weights = np.exp(total[pool[first]] - total[pool[first]].max())
        alike = feedback(vectors[first], weights, vectors)
        looked = total.copy()
        gained = PHRASES * phrases + LENGTH * lengths + ALIKE * alike
        looked[pool] += gained - gained.min()  # never below 0
        return looked

    def _typical(self, mask: Mask) -> Scores:
        """Higher for products near the median price of those in ``mask``: what most people look at first."""
        prices = np.log1p(self._table.prices.astype(np.float32))
        distance: Scores = np.abs(prices - np.float32(np.median(prices[mask])))
        return -distance

    def _with_named(
        self, total: Scores, rows: npt.NDArray[np.intp], text: str, terms: Sequence[Term]
    ) -> Scores:
        """Lift the products whose whole name was said above those that merely share its words."""
        said = {term.stem for term in terms if term.weight == 1}
        if not said:
            return total
        spoken = set(folded(text).split())
        nearest = _best(total, rows, LOOKED_AT)
        lifted = total.copy()
        for row in nearest.tolist():
            name, spelling = _name_of(self._table.name(row))
            if name and name <= said:
                lifted[row] += NAMED + EACH_WORD * len(spoken & spelling)
        return lifted

    def _ranked(self, query: Query, total: Scores, rows: npt.NDArray[np.intp], limit: int) -> list[int]:
        """Rows in the order of their answer; ties keep the catalogue's order: one query, one answer."""
        wanted = limit
        if query.sort:
            wanted = len(rows)
            if query.text.strip() and not query.all_categories:
                best_score = float(total[rows].max())
                rows = rows[total[rows] >= min(SORTED_FROM * best_score, best_score)]
        rows = _best(total, rows, wanted)
        rows = rows[np.lexsort((rows, -total[rows]))][:wanted]
        if query.sort:
            prices = self._table.prices[rows]
            rows = rows[np.argsort(prices if query.sort == "price" else -prices, kind="stable")]
        best: list[int] = rows[:limit].tolist()
        return best

    def _hits(
        self, rows: list[int], terms: Sequence[Term], total: Scores, lexical: Scores, dense: Scores
    ) -> Iterator[Hit]:
        assert self._lexical is not None  # noqa: S101 - search() answers for an empty catalogue
        held = self._lexical.holders(np.array(rows, dtype=np.int32), terms)
        for place, row in enumerate(rows):
            matched = dict.fromkeys(term.word for term, has in zip(terms, held[:, place], strict=True) if has)
            scores = round(float(lexical[row]), 4), round(float(dense[row]), 4)
            yield Hit(self._table.skus[row], float(total[row]), Evidence(tuple(matched), *scores))

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
            self._parts.save(unfinished)

    @classmethod
    def load(cls, folder: Path, encoder: TextEncoder, vocabulary: Vocabulary) -> ProductIndex:
        """Read a stored index. Raises IndexMissing, IndexStale (another encoder) or IndexCorrupt."""

        def read(manifest: dict[str, Any]) -> ProductIndex:
            return ProductIndex(
                FilterTable.load(folder),
                Parts.load(folder, encoder),
                encoder=encoder,
                vocabulary=vocabulary,
                version=int(manifest["version"]),
                content=str(manifest["content"]),
            )

        return storage.reading(folder, encoder.fingerprint, read)


@lru_cache(maxsize=4096)
def _name_of(product: str) -> tuple[frozenset[str], frozenset[str]]:
    """The stems and the words of a product's name."""
    return frozenset(stem(word) for word in words(product)), frozenset(folded(product).split())


def _named(text: str, terms: Sequence[Term]) -> list[str]:
    """The stems that may name a kind of thing: "to watch films" asks for no watch."""
    done = {stem(word) for word in _DONE.findall(text.casefold())}
    return [term.stem for term in terms if term.stem not in done]


def _standardised(scores: Scores) -> Scores:
    spread = float(scores.std())
    standard: Scores = (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)
    return standard


def _best(scores: Scores, rows: npt.NDArray[np.intp], count: int) -> npt.NDArray[np.intp]:
    """The best ``count`` of the rows, in no order; of equal ones the first."""
    if len(rows) <= count:
        return rows
    considered = scores[rows]
    last = np.partition(considered, len(rows) - count)[len(rows) - count]
    above = rows[considered > last]
    return np.concatenate([above, rows[considered == last][: count - len(above)]])
