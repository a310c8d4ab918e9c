"""BM25 weights by term, computed once when the index is built (BM25 "lucene" with a damped idf).

Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). Product names are short, so term
frequency saturates early; idf to the power of 0.7 keeps one rare word from outweighing several common ones.
"""

from __future__ import annotations

import json
from array import array
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.files import mapped

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

    @staticmethod
    def building() -> PostingsBuilder:
        """An empty builder."""
        return PostingsBuilder()

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


class PostingsBuilder:
    """Collects occurrences in flat arrays: 16 bytes each, sorted once at the end."""

    def __init__(self) -> None:
        self._terms: dict[str, int] = {}
        self._numbers = array("i")
        self._rows = array("i")
        self._counts = array("i")
        self._documents = 0

    def start_document(self) -> None:
        self._documents += 1

    def add(self, term: str, weight: int) -> None:
        """Count an occurrence of ``term`` in the current document; weight 0 makes the term known, no more."""
        number = self._terms.setdefault(term, len(self._terms))
        if weight:
            self._numbers.append(number)
            self._rows.append(self._documents - 1)
            self._counts.append(weight)

    def built(self) -> Postings:
        count, documents = len(self._terms), self._documents
        rows = np.frombuffer(self._rows, dtype=np.int32) if self._rows else np.empty(0, np.int32)
        numbers = np.frombuffer(self._numbers, dtype=np.int32) if self._numbers else np.empty(0, np.int32)
        counts = np.frombuffer(self._counts, dtype=np.int32) if self._counts else np.empty(0, np.int32)
        lengths = np.bincount(rows, weights=counts, minlength=documents)
        keys = numbers.astype(np.int64) * documents + rows
        unique, place = np.unique(keys, return_inverse=True)
        frequency = np.bincount(place, weights=counts, minlength=len(unique))
        term_of = unique // documents
        rows_of = (unique % documents).astype(np.int32)
        starts = np.searchsorted(term_of, np.arange(count + 1)).astype(np.int64)
        holders = np.diff(starts)
        idf = np.log1p((documents - holders + 0.5) / (holders + 0.5)) ** IDF_POWER
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0))
        weights = idf[term_of] * frequency * (K1 + 1) / (frequency + norm[rows_of])
        return Postings(self._terms, starts, rows_of, weights.astype(np.float32), documents)
