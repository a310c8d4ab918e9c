"""Finding known phrases: exactly with spaCy's PhraseMatcher, and single words with a typo by edit distance."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import spacy
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

KnownWord = Callable[[str], bool]
_SHORTEST_FUZZY = 4
_REMEMBERED = 4096
_ASKED = 6
_COMMONER = 3
_PIECE = re.compile(r"[^\W\d_]+|\d+")
_TALKING = re.compile(
    r"(?:(?:by|on the|over the|via|per) )?\b(?:phone|mobile|telephone|cell)"
    r"(?: (?:numbers?|calls?|bills?|conversation|lines?|me|us))?"
    r"(?:(?: is| ?:|:| =)? ?(?=[+(]?\d{3})|\b)"
)
"""Phones that one talks on, which nobody asks the shop for: "by phone", "phone number", "phone me"."""
_VERBS = frozenset({"watch", "monitor", "screen", "display"})
_DOING = re.compile(r"\b(?:to|can|could|will|i|you|we|they|she|he|who|and) $")
_CONTRACTED = frozenset(
    ("arent", "cant", "couldnt", "didnt", "doesnt", "dont", "hadnt", "hasnt", "havent", "isnt", "thats", "theres",
     "theyre", "wasnt", "werent", "whats", "wheres", "wont", "wouldnt", "youd", "youll", "youre", "youve")
)  # fmt: skip
"""Written without their apostrophes, as people type; "cant" is no typo of "cans"."""


@functools.lru_cache(maxsize=1)
def tokenizer() -> Language:
    """spaCy's rule-based English tokenizer; no trained pipeline is needed."""
    return spacy.blank("en")


def tokens_of(lower: str) -> Doc:
    """Tokens of lower-cased text."""
    return tokenizer().make_doc(lower)


class Tokens:
    """Lower-cased text, tokenised only where a phrase may be in it: most messages name nothing of the catalogue."""

    def __init__(self, lower: str) -> None:
        self.lower = lower
        self.pieces = frozenset(_PIECE.findall(lower))

    @functools.cached_property
    def doc(self) -> Doc:
        return tokens_of(self.lower)


def is_talk(lower: str, start: int, end: int) -> bool:
    """Whether a word for phones means talking on one."""
    return any(
        m.start() <= start and end <= m.end() and m[0] != lower[start:end] for m in _TALKING.finditer(lower)
    )


def is_done(lower: str, start: int, end: int) -> bool:
    """Whether a word for a kind of thing is a verb here: "to watch films"."""
    return lower[start:end] in _VERBS and _DOING.search(lower[:start]) is not None


class Phrases:
    """Phrases that stand for values: `found` yields (start, end, value) in characters, longest first at each place."""

    def __init__(self, phrases: dict[str, Any]) -> None:
        """`phrases` maps lower-cased phrases to what they mean."""
        self._values = phrases
        self._matcher = PhraseMatcher(tokenizer().vocab, attr="LOWER")
        docs = list(map(tokens_of, phrases))
        self._keys = [doc.text for doc in docs]
        self._telling = {max(pieces, key=len) for key in self._keys if (pieces := _PIECE.findall(key))}
        """The longest piece of each phrase: a text without any has none of the phrases."""
        self._signs = any(not _PIECE.search(key) for key in self._keys)
        for number, doc in enumerate(docs):
            if len(doc):
                self._matcher.add(str(number), [doc])

    def found(self, tokens: Tokens, *, read: Doc | None = None) -> Iterator[tuple[int, int, Any]]:
        """All places, overlapping ones too. `read` is the same text with words mended, token by token."""
        if read is None and not self._signs and self._telling.isdisjoint(tokens.pieces):
            return
        doc = tokens.doc
        for key, start, end in self._matcher(doc if read is None else read):
            span = doc[start:end]
            number = int(doc.vocab.strings[key])
            yield span.start_char, span.end_char, self._values[self._keys[number]]


class Spelling:
    """Single words of a vocabulary, found in spite of a typo.

    A word that English knows (`known`) is never taken for a typo, so a "table" isn't a tablet. One edit is
    allowed in words of 4 to 6 letters, two from 7 on; the first letter must agree unless the first two are
    swapped; a tie finds nothing, or the word that is much commoner where `often` says how common they are.
    """

    def __init__(
        self, words: dict[str, Any], *, known: KnownWord, often: Mapping[str, int] | None = None
    ) -> None:
        self._values = {
            word: value for word, value in words.items() if len(word) >= _SHORTEST_FUZZY and word.isalpha()
        }
        self._words = list(self._values)
        self._known = known
        self._often = often or {}
        self.corrected = functools.lru_cache(_REMEMBERED)(self._corrected)
        """The vocabulary's word that is meant by a word, or None. Most words of a message were in others before."""

    def _corrected(self, word: str) -> str | None:
        if word in self._values:
            return word
        if len(word) < _SHORTEST_FUZZY or not word.isalpha() or word in _CONTRACTED or self._known(word):
            return None
        allowed = 1 if len(word) <= 6 else 2
        near = extract(word, self._words, scorer=OSA.distance, score_cutoff=allowed, limit=_ASKED)
        near = [(w, d) for w, d, _ in near if w[0] == word[0] or sorted(w[:2]) == sorted(word[:2])]
        best = [w for w, d in near if d == near[0][1]]
        meanings = {repr(self._values[w]) for w in best}
        if len(meanings) < 2 or not self._often:
            return best[0] if len(meanings) == 1 else None
        first, second = sorted((self._often.get(w, 0) for w in best), reverse=True)[:2]
        return max(best, key=lambda w: self._often.get(w, 0)) if first >= _COMMONER * second else None

    def value(self, word: str) -> Any:
        """What a corrected word means."""
        return self._values[word]

    def mended(self, tokens: Tokens) -> Doc | None:
        """The same tokens with their typos mended, or None when there is none."""
        if all(self.corrected(piece) in (None, piece) for piece in tokens.pieces):
            return None
        doc = tokens.doc
        corrected = [self.corrected(token.text) or token.text for token in doc]
        return Doc(doc.vocab, words=corrected, spaces=[bool(token.whitespace_) for token in doc])
