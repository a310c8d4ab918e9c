"""BM25 weights by term, computed once when the index is built (BM25 "lucene" with a damped idf).

Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). Product names are short, so term
frequency saturates early; idf to the power of 0.7 keeps one rare word from outweighing several common ones.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]  # scipy ships no types

from models.files import mapped
from models.search.analysis import parts, stem
from models.search.tokens import BREAK, Tokens, by_column

Rows = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]

K1, B = 0.5, 0.5
IDF_POWER = 0.7


class Postings:
    """For each term the documents that have it, and what it adds to their score."""

    def __init__(
        self,
        terms: dict[str, int],
        starts: npt.NDArray[np.int64],
        rows: Rows,
        weights: Weights,
        documents: int,
    ) -> None:
        self._terms = terms
        self._starts = starts
        self._rows = rows
        self._weights = weights
        self.documents = documents

    @classmethod
    def build(cls, tokens: Tokens) -> Postings:
        """The postings of every stem, and of every number in a measure; a field of weight 0 makes its stems known."""
        terms: dict[str, int] = {}
        stems = np.full(len(tokens.words), -1, dtype=np.int32)
        numbers = np.full(len(tokens.words), -1, dtype=np.int32)
        for place, word in enumerate(tokens.words):
            if place != BREAK:
                stems[place] = terms.setdefault(stem(word), len(terms))
                for number in parts(word):
                    numbers[place] = terms.setdefault(number, len(terms))
        documents, counts = tokens.documents(), np.asarray(tokens.weights)
        by_stem, by_number = stems[tokens.ids], numbers[tokens.ids]
        stemmed, measured = (by_stem >= 0) & (counts > 0), (by_number >= 0) & (counts > 0)
        rows = np.concatenate([documents[stemmed], documents[measured]])
        columns = np.concatenate([by_stem[stemmed], by_number[measured]])
        frequency = np.concatenate([counts[stemmed], counts[measured]]).astype(np.float32)
        lengths = np.bincount(rows, weights=frequency, minlength=len(tokens)).astype(np.float64)
        table = by_column(rows, columns, frequency, (len(tokens), len(terms)))
        return cls(terms, *_weighted(table, lengths), len(tokens))

    def __contains__(self, term: str) -> bool:
        return term in self._terms

    def of(self, term: str) -> tuple[Rows, Weights]:
        """Documents and weights of a known term, each document once, in ascending order."""
        number = self._terms[term]
        start, end = self._starts[number : number + 2]
        return self._rows[start:end], self._weights[start:end]

    def save(self, folder: Path) -> None:
        for name, values in (("starts", self._starts), ("rows", self._rows), ("weights", self._weights)):
            np.save(folder / f"postings.{name}.npy", values)
        table = {"terms": list(self._terms), "documents": self.documents}
        (folder / "terms.json").write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Postings:
        table = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        starts, rows, weights = (
            mapped(folder / f"postings.{name}.npy") for name in ("starts", "rows", "weights")
        )
        terms = {term: number for number, term in enumerate(table["terms"])}
        return cls(terms, starts, rows, weights, int(table["documents"]))


def _weighted(
    table: sparse.csc_matrix, lengths: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], Rows, Weights]:
    """Starts, rows and BM25 weights from the frequencies of terms (columns) in documents (rows)."""
    documents = table.shape[0]
    holders = np.diff(table.indptr)
    idf = np.log1p((documents - holders + 0.5) / (holders + 0.5)) ** IDF_POWER
    norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0))
    weights = np.repeat(idf, holders) * table.data * (K1 + 1) / (table.data + norm[table.indices])
    return table.indptr.astype(np.int64), table.indices.astype(np.int32), weights.astype(np.float32)
