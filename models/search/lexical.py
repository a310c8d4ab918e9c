"""The lexical side: BM25 over stemmed terms with weighted fields, and the query's words mended by the vocabulary."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.search.analysis import number_and_word, parts, stem, words
from models.search.postings import Postings
from models.search.spelling import Speller
from models.search.stopwords import STOP_WORDS
from models.search.tokens import BREAK, Tokens

Scores = npt.NDArray[np.float32]

SYNONYM = 0.4
"""Weight of a term that the customer didn't type: a synonym, a measure's number."""
COMPOUND = 0.5
"""Weight of the two halves of a word that the catalogue writes in both ways: "clawfoot", "claw foot"."""
MEANT = 0.7
"""Weight of a common word beside the rare one that was typed: "fluorescent" for a catalogue's own "flourescent"."""
JOINED = 0.6
"""Weight of two words of the query that the catalogue writes as one."""

_NAMING = 2
"""Compounds are read from fields of this weight and more: names, brands, attributes, not running text."""

_SPOKEN = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Term:
    """A stem of the query, the word it came from, and how much it counts."""

    stem: str
    word: str
    weight: float = 1.0


class LexicalIndex:
    """BM25 scores of every document for a query, in a dense array."""

    def __init__(
        self,
        postings: Postings,
        surfaces: dict[str, int],
        compounds: dict[str, int],
        synonyms: Sequence[Sequence[str]],
        is_word: Callable[[str], bool],
    ) -> None:
        self._postings = postings
        self._surfaces = surfaces
        self._compounds = compounds
        self._speller = Speller(surfaces)
        self._is_word = is_word
        self._synonyms = _synonym_map(synonyms)
        self._taught = {word for phrase in self._synonyms for word in phrase.split()}
        self._groups = [list(group) for group in synonyms]

    @classmethod
    def build(
        cls,
        tokens: Tokens,
        synonyms: Sequence[Sequence[str]] = (),
        is_word: Callable[[str], bool] = lambda word: False,
    ) -> LexicalIndex:
        """Index the documents whose words ``tokens`` holds. There must be one document at least.

        ``is_word`` tells which words are good English: these are never taken for a typo of a word of the catalogue.
        """
        surfaces = dict(zip(tokens.words, tokens.holders().tolist(), strict=True))
        del surfaces[tokens.words[BREAK]]
        return cls(
            Postings.build(tokens), surfaces, _compounds(tokens.neighbours(_NAMING)), synonyms, is_word
        )

    def analysed(self, text: str) -> list[Term]:
        """The query's terms that the index knows: typos mended, compounds split and joined, synonyms added."""
        found = words(text)
        terms = [Term(stem(word), word) for original in found for word in self._mended(original)]
        extra = [Term(stem(a + b), a + b, JOINED) for a, b in pairwise(found) if a + b in self._surfaces]
        extra += [Term(number, word, SYNONYM) for word in found for number in parts(word)]
        extra += [term for word in found for term in self._beside(word)]
        said = f" {' '.join(found)} "
        for phrase, others in self._synonyms.items():
            if f" {phrase} " in said:
                extra += [Term(stem(word), phrase, SYNONYM) for other in others for word in words(other)]
        unique: dict[str, Term] = {}
        for term in [*terms, *extra]:
            if term.stem in self._postings:
                unique.setdefault(term.stem, term)
        return list(unique.values())

    def mended(self, text: str) -> str:
        """The text with what the catalogue doesn't know put right, for the dense side; the rest stays as typed."""

        def put_right(match: re.Match[str]) -> str:
            word = match[0].casefold()
            if word in STOP_WORDS:
                return match[0]
            if word in self._synonyms and stem(word) not in self._postings:
                return ", ".join(self._synonyms[word])
            return " ".join(self._mended(word)) or match[0]

        return _SPOKEN.sub(put_right, text)

    def scores(self, terms: Sequence[Term]) -> tuple[Scores, Scores]:
        """BM25 of every document, and the share of the words typed that it has; zeros when no term is known."""
        total: Scores = np.zeros(self._postings.documents, dtype=np.float32)
        covered: Scores = np.zeros(self._postings.documents, dtype=np.float32)
        typed = sum(term.weight == 1 for term in terms)
        for term in terms:
            rows, values = self._postings.of(term.stem)
            total[rows] += values * np.float32(term.weight)
            if term.weight == 1:
                covered[rows] += np.float32(1 / typed)
        return total, covered

    def holders(self, documents: npt.NDArray[np.int32], terms: Sequence[Term]) -> npt.NDArray[np.bool_]:
        """Which of the documents contain which term: of shape (terms, documents)."""
        held = np.zeros((len(terms), len(documents)), dtype=np.bool_)
        for place, term in enumerate(terms):
            rows = self._postings.of(term.stem)[0]
            at = np.minimum(np.searchsorted(rows, documents), len(rows) - 1)
            held[place] = rows[at] == documents if len(rows) else False
        return held

    def _mended(self, word: str) -> Iterator[str]:
        if stem(word) in self._postings or word in self._taught:
            yield word
        elif at := self._compounds.get(word):
            yield from (word[:at], word[at:])
        elif split := number_and_word(word):
            yield split[0]
            yield from self._mended(split[1])
        elif not self._is_word(word):
            yield from self._speller.mended(word)

    def _beside(self, word: str) -> Iterator[Term]:
        """What a known word may stand for as well."""
        if stem(word) not in self._postings:
            return
        if at := self._compounds.get(word):
            yield Term(stem(word[:at]), word, COMPOUND)
            yield Term(stem(word[at:]), word, COMPOUND)
        if (commoner := self._speller.commoner(word)) is not None:
            yield Term(stem(commoner), word, MEANT)

    def save(self, folder: Path) -> None:
        """Write into an existing folder."""
        self._postings.save(folder)
        table = {"surfaces": self._surfaces, "compounds": self._compounds, "synonyms": self._groups}
        (folder / "words.json").write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, is_word: Callable[[str], bool] = lambda word: False) -> LexicalIndex:
        """Read what ``save`` wrote; the postings stay on disk until they are used."""
        table = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        return cls(Postings.load(folder), table["surfaces"], table["compounds"], table["synonyms"], is_word)


def _compounds(pairs: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """Where to split a word that the catalogue also writes as two; the commonest split wins."""
    ordered = sorted(pairs, key=lambda pair: (pair[2], pair[:2]))
    return {left + right: len(left) for left, right, _ in ordered}


def _synonym_map(groups: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    others: dict[str, list[str]] = {}
    for group in groups:
        for phrase in group:
            key = " ".join(words(phrase))
            others.setdefault(key, []).extend(other for other in group if other != phrase)
    others.pop("", None)
    return others
