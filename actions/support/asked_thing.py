"""What thing a sentence asks for: of "a sofa for the living room" the sofa, whatever else the words may fit."""

from __future__ import annotations

import re
from collections.abc import Collection

_ARTICLE = r"(?:an?|some|any|new|need|want|wanna|buy|sell|get|got|find|have|show me|looking for|search for)"
_END = (
    r"(?=\s+(?:for|to|with|without|that|which|who|under|up|below|around|about|in|on|at|of|from|where|so|because"
    r"|cause|when|and|or|but|i|my|please|pls)\b|\s*[,.;:!?]|\s*$)"
)
_THING = re.compile(rf"\b{_ARTICLE}\s+(?:[\w'-]+\s+){{0,3}}?(?P<thing>[\w'-]+){_END}", re.IGNORECASE)
# Names of anything: what is meant is told by the rest of the sentence.
_ANYTHING = frozenset(
    {
        *(
            "something",
            "anything",
            "thing",
            "things",
            "stuff",
            "one",
            "ones",
            "device",
            "devices",
            "gadget",
            "gadgets",
        ),
        *(
            "machine",
            "product",
            "products",
            "present",
            "gift",
            "solution",
            "setup",
            "gear",
            "item",
            "items",
            "way",
        ),
        *("idea", "it", "that", "this", "you", "we", "people"),
    }
)
_STEM = 4


def is_among(text: str, words: Collection[str]) -> bool:
    """Whether the thing that a text asks for is one of `words`, or is left open ("something to read on").

    Words count as one thing when their first letters agree, so that number and small endings don't matter.
    """
    found = _THING.search(text)
    if found is None:
        return True
    thing = found["thing"].lower()
    if thing in _ANYTHING or not thing.isalpha():
        return True
    return any(word.lower()[:_STEM] == thing[:_STEM] for word in words)
