"""Every document's words in their order, as numbers: what postings, word counts and compounds are made of.

When the catalogue changes only new texts are analysed; the words of the others are copied from the index before. To
analyse texts takes most of an index's time, so 100,000 products follow a change in seconds (docs/adr/0025).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]  # scipy ships no types

from models.files import mapped
from models.search.analysis import words

Rows = npt.NDArray[np.int64]
Fields = Iterable[tuple[str, int]]
"""A document's texts, each with its whole-number weight."""

BREAK = 0
"""Ends a field: words on its two sides are no neighbours."""


class Tokens:
    """``ids`` number the ``words``, ``weights`` are those of the fields; ``starts`` say where each document begins."""

    def __init__(
        self,
        words: list[str],
        ids: npt.NDArray[np.int32],
        weights: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.int64],
    ) -> None:
        self.words = words
        self.ids = ids
        self.weights = weights
        self.starts = starts

    @classmethod
    def build(cls, fields: Callable[[int], Fields], kept: Rows, previous: Tokens | None = None) -> Tokens:
        """The words of documents: each has its row in ``previous`` in ``kept``, or -1 where ``fields`` gives it."""
        known = {word: number for number, word in enumerate(previous.words if previous else [""])}
        fresh = np.flatnonzero(kept < 0)
        ids, weights, ends = array("i"), array("B"), array("q", [0])
        for row in fresh.tolist():
            for text, weight in fields(row):
                found = [known.setdefault(word, len(known)) for word in words(text)]
                ids.extend([*found, BREAK])
                weights.extend([weight] * len(found) + [0])
            ends.append(len(ids))
        lengths = np.zeros(len(kept), dtype=np.int64)
        lengths[fresh] = np.diff(_array(ends, np.int64))
        same = np.flatnonzero(kept >= 0)
        if previous is not None:
            lengths[same] = np.diff(previous.starts)[kept[same]]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        all_ids = np.empty(starts[-1], dtype=np.int32)
        all_weights = np.empty(starts[-1], dtype=np.uint8)
        there = _spans(starts[fresh], lengths[fresh])
        all_ids[there], all_weights[there] = _array(ids, np.int32), _array(weights, np.uint8)
        if previous is not None:
            here, there = (
                _spans(previous.starts[kept[same]], lengths[same]),
                _spans(starts[same], lengths[same]),
            )
            all_ids[there], all_weights[there] = previous.ids[here], previous.weights[here]
        return cls._compact(list(known), all_ids, all_weights, starts)

    @classmethod
    def _compact(
        cls,
        known: list[str],
        ids: npt.NDArray[np.int32],
        weights: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.int64],
    ) -> Tokens:
        """Without the words that no document has any more."""
        used = np.bincount(ids, minlength=len(known)) > 0
        used[BREAK] = True
        if not used.all():
            ids = (np.cumsum(used) - 1).astype(np.int32)[ids]
            known = [word for word, stays in zip(known, used.tolist(), strict=True) if stays]
        return cls(known, ids, weights, starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def documents(self) -> npt.NDArray[np.int32]:
        """For each token the document that it is in."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))

    def holders(self) -> npt.NDArray[np.int64]:
        """For each word how many documents have it."""
        ones = np.ones(len(self.ids), dtype=np.int8)
        starts: npt.NDArray[np.int32] = by_column(self.documents(), self.ids, ones, self._shape()).indptr
        return np.diff(starts).astype(np.int64)

    def neighbours(self, weight: int) -> list[tuple[str, str, int]]:
        """Alphabetic words side by side in fields of ``weight`` and more, and how often, if twice at least."""
        alphabetic = np.array([word.isalpha() and len(word) >= 2 for word in self.words])
        usable = alphabetic[self.ids] & (np.asarray(self.weights) >= weight)
        left = np.flatnonzero(usable[:-1] & usable[1:])
        keys, counts = np.unique(
            self.ids[left].astype(np.int64) * len(self.words) + self.ids[left + 1], return_counts=True
        )
        keys, counts = keys[counts >= 2], counts[counts >= 2]
        first, second = keys // len(self.words), keys % len(self.words)
        return [
            (self.words[a], self.words[b], count)
            for a, b, count in zip(first.tolist(), second.tolist(), counts.tolist(), strict=True)
        ]

    def first_fields(self, longest: int) -> npt.NDArray[np.int32]:
        """The words of each document's first field, of shape (documents, longest), filled up with -1."""
        columns = np.arange(longest)
        places = self.starts[:-1, np.newaxis] + columns
        inside = places < self.starts[1:, np.newaxis]
        found = np.where(inside, self.ids[np.minimum(places, max(len(self.ids) - 1, 0))], BREAK)
        ended = np.cumsum(found == BREAK, axis=1) > 0
        return np.where(ended, -1, found).astype(np.int32)

    def _shape(self) -> tuple[int, int]:
        return len(self), len(self.words)

    def save(self, folder: Path) -> None:
        for name, values in (("ids", self.ids), ("weights", self.weights), ("starts", self.starts)):
            np.save(folder / f"tokens.{name}.npy", values)
        (folder / "tokens.txt").write_text("\n".join(self.words), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Tokens:
        """Read what ``save`` wrote; the numbers stay on disk until the catalogue changes."""
        ids, weights, starts = (
            mapped(folder / f"tokens.{name}.npy") for name in ("ids", "weights", "starts")
        )
        return cls((folder / "tokens.txt").read_text(encoding="utf-8").split("\n"), ids, weights, starts)


def by_column(
    rows: npt.NDArray[np.integer],
    columns: npt.NDArray[np.integer],
    values: npt.NDArray[np.number],
    shape: tuple[int, int],
) -> sparse.csc_matrix:
    """Sums of the values at each place, by column and within it by row."""
    table = sparse.coo_matrix((values, (rows, columns)), shape=shape).tocsc()
    table.sum_duplicates()
    return table


def _array(values: array[int], kind: type[np.integer]) -> npt.NDArray[np.integer]:
    return np.frombuffer(values, dtype=kind) if values else np.empty(0, dtype=kind)


def _spans(starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The places of spans one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(total)
