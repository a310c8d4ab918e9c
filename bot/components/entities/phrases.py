"""Finding known phrases: exactly with spaCy's PhraseMatcher, and single words with a typo by edit distance."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import spacy
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

KnownWord = Callable[[str], bool]
_SHORTEST_FUZZY = 4
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
        for number, doc in enumerate(docs):
            if len(doc):
                self._matcher.add(str(number), [doc])

    def found(self, doc: Doc, *, read: Doc | None = None) -> Iterator[tuple[int, int, Any]]:
        """All places, overlapping ones too. `read` is the same text with words mended, token by token."""
        if not self._keys:
            return
        for key, start, end in self._matcher(doc if read is None else read):
            span = doc[start:end]
            number = int(doc.vocab.strings[key])
            yield span.start_char, span.end_char, self._values[self._keys[number]]


class Spelling:
    """Single words of a vocabulary, found in spite of a typo.

    A word that English knows (`known`) is never taken for a typo, so a "table" isn't a tablet. One edit is
    allowed in words of 4 to 6 letters, two from 7 on; the first letter must agree unless the first two are
    swapped; a tie finds nothing.
    """

    def __init__(self, words: dict[str, Any], *, known: KnownWord) -> None:
        self._values = {
            word: value for word, value in words.items() if len(word) >= _SHORTEST_FUZZY and word.isalpha()
        }
        self._words = list(self._values)
        self._known = known

    def corrected(self, word: str) -> str | None:
        """The vocabulary's word that is meant, or None."""
        if word in self._values:
            return word
        if len(word) < _SHORTEST_FUZZY or not word.isalpha() or word in _CONTRACTED or self._known(word):
            return None
        allowed = 1 if len(word) <= 6 else 2
        near = extract(word, self._words, scorer=OSA.distance, score_cutoff=allowed, limit=3)
        near = [(w, d) for w, d, _ in near if w[0] == word[0] or sorted(w[:2]) == sorted(word[:2])]
        best = [w for w, d in near if d == near[0][1]]
        meanings = {repr(self._values[w]) for w in best}
        return best[0] if len(meanings) == 1 else None

    def value(self, word: str) -> Any:
        """What a corrected word means."""
        return self._values[word]

    def mended(self, doc: Doc) -> Doc | None:
        """The same tokens with their typos mended, or None when there is none."""
        words = [token.text for token in doc]
        corrected = [self.corrected(word) or word for word in words]
        if corrected == words:
            return None
        return Doc(doc.vocab, words=corrected, spaces=[bool(token.whitespace_) for token in doc])
