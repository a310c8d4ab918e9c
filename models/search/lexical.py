"""The lexical side: BM25 over stemmed terms with weighted fields, and the query's words mended by the vocabulary."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import numpy.typing as npt
from bm25s.tokenization import Tokenized

from models.search.analysis import parts, stem, words
from models.search.spelling import Speller

Scores = npt.NDArray[np.float32]
K1, B = 1.2, 0.6
EXPANDED = 0.4
"""Weight of a term that the customer didn't type: a synonym, a measure's number."""


@dataclass(frozen=True, slots=True)
class Term:
    """A stem of the query, the word it came from, and how much it counts."""

    stem: str
    word: str
    weight: float = 1.0


class LexicalIndex:
    """BM25 scores of every document for a query, in a dense array."""

    def __init__(
        self, bm25: Any, terms: dict[str, int], surfaces: dict[str, int], synonyms: Sequence[Sequence[str]]
    ) -> None:
        self._bm25 = bm25
        self._terms = terms
        self._surfaces = surfaces
        self._speller = Speller(surfaces)
        self._synonyms = _synonym_map(synonyms)
        self._groups = [list(group) for group in synonyms]

    @classmethod
    def build(
        cls, documents: Iterable[Iterable[tuple[str, int]]], synonyms: Sequence[Sequence[str]] = ()
    ) -> LexicalIndex:
        """Index documents, each given as texts with whole-number weights. There must be one document at least."""
        terms: dict[str, int] = {}
        surfaces: Counter[str] = Counter()
        rows: list[list[int]] = []
        for document in documents:
            row: list[int] = []
            seen: set[str] = set()
            for text, weight in document:
                found = words(text)
                seen.update(found)
                for term in _indexed(found):
                    row.extend([terms.setdefault(term, len(terms))] * weight)
            surfaces.update(seen)
            rows.append(row)
        terms.setdefault("", len(terms))
        bm25 = bm25s.BM25(k1=K1, b=B)
        bm25.index(Tokenized(ids=rows, vocab=terms), show_progress=False, create_empty_token=False)
        return cls(bm25, terms, dict(surfaces), synonyms)

    def analysed(self, text: str) -> list[Term]:
        """The query's terms that the index knows: typos mended, compounds split and joined, synonyms added."""
        found = words(text)
        terms = [Term(stem(word), word) for original in found for word in self._mended(original)]
        joined = (a + b for a, b in pairwise(found))
        terms += [Term(stem(word), word) for word in joined if word in self._surfaces]
        extra = [Term(number, word, EXPANDED) for word in found for number in parts(word)]
        said = f" {' '.join(found)} "
        for phrase, others in self._synonyms.items():
            if f" {phrase} " in said:
                extra += [Term(stem(word), phrase, EXPANDED) for other in others for word in words(other)]
        unique: dict[str, Term] = {}
        for term in [*terms, *extra]:
            if term.stem in self._terms:
                unique.setdefault(term.stem, term)
        return list(unique.values())

    def scores(self, terms: Sequence[Term]) -> Scores:
        """BM25 of every document; zeros when no term is known."""
        total: Scores = np.zeros(self._bm25.scores["num_docs"], dtype=np.float32)
        for term in terms:
            postings, values = self._postings(term.stem)
            total[postings] += values * np.float32(term.weight)
        return total

    def rows_with(self, term: Term) -> npt.NDArray[np.int32]:
        """The documents that contain the term."""
        return self._postings(term.stem)[0]

    def _postings(self, stemmed: str) -> tuple[npt.NDArray[np.int32], Scores]:
        # A term's postings name each document once, so plain indexing adds them up; bm25s' own np.add.at is slower.
        token = self._terms[stemmed]
        start, end = self._bm25.scores["indptr"][token : token + 2]
        return self._bm25.scores["indices"][start:end], self._bm25.scores["data"][start:end]

    def _mended(self, word: str) -> Iterator[str]:
        if stem(word) in self._terms:
            yield word
        else:
            yield from self._speller.mended(word)

    def save(self, folder: Path) -> None:
        """Write into an existing folder."""
        matrix = self._bm25.scores
        for name in ("data", "indices", "indptr"):
            np.save(folder / f"bm25.{name}.npy", matrix[name])
        table = {
            "terms": list(self._terms),
            "surfaces": self._surfaces,
            "synonyms": self._groups,
            "count": matrix["num_docs"],
        }
        (folder / "terms.json").write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what ``save`` wrote; the postings stay on disk until they are used."""
        table = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        bm25 = bm25s.BM25(k1=K1, b=B)
        bm25.scores = {
            name: np.load(folder / f"bm25.{name}.npy", mmap_mode="r")
            for name in ("data", "indices", "indptr")
        }
        bm25.scores["num_docs"] = table["count"]
        return cls(
            bm25, {term: i for i, term in enumerate(table["terms"])}, table["surfaces"], table["synonyms"]
        )


def _indexed(found: Sequence[str]) -> Iterator[str]:
    for word in found:
        yield stem(word)
        yield from parts(word)


def _synonym_map(groups: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    others: dict[str, list[str]] = {}
    for group in groups:
        for phrase in group:
            key = " ".join(words(phrase))
            others.setdefault(key, []).extend(other for other in group if other != phrase)
    others.pop("", None)
    return others
