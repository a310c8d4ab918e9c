"""Several wishes in one message, and what a correction really means: found where the words may hold them, told by the
same classifier.

Most messages hold neither, and cost a look by a regular expression. A message is cut at sentence ends and where a
conjunction begins a clause of its own; "video editing and gaming" stays whole. The parts count only when at least two
of them are something to do, each of them surely.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WISHES, MEANT, ASIDE = "wishes", "meant", "aside"
FEWEST_WORDS = 5
MOST_PARTS = 3
SURE = 0.6
SURE_ASIDE = 0.8
LIKELY = 0.5
# Said beside a wish these are manners; they are no wish of their own.
MANNERS = frozenset(
    {
        "greet",
        "goodbye",
        "thanks",
        "praise",
        "deny",
        "inform",
        "stop",
        "correct",
        "bot_challenge",
        "nlu_fallback",
    }
)
# One more or less of what is looked for belongs to the wish beside it.
ONE_KIND = {"refine_search": "find_product"}
_CLAUSE = (
    r"(?:what|where|when|how|why|who|which|can|could|do|does|did|is|are|will|would|should|i|i'd|id|i'm|im|i've|we|please"
    r"|pls|show|add|put|remove|take|delete|cancel|book|subscribe|swap|reserve|tell|give|send|call|find|make|change|compare|let|my|what's|whats|where's"
    r"|wheres|how's|check|checkout|pay|order|buy|track|return|get|have|you|there|it)"
)
_CUT = re.compile(
    r"(?<=[.!?;])\s+|\s*\n+\s*"
    rf"|\s*[,;]?\s+(?:and|also|plus|but|then|btw|by the way|oh and)\s+"
    rf"(?:also |then |first |please |btw |by the way )*(?={_CLAUSE}\b)"
    rf"|\s*,\s+(?=(?:what|where|when|how|which|can|could|do|does|is|are|add|put|remove|show|compare|call|where's)\b)",
    re.IGNORECASE,
)
# "The second one, is it in stock?": what the next clause is about, and no wish.
_TOPIC = re.compile(
    r"^\W*(?:and |about |as for |regarding )?(?:the|that|this|these|those|number|my|it)\b(?:[^\w,]+\w+){0,4}\W*$",
    re.IGNORECASE,
)
_DOING = re.compile(rf"\b(?:{_CLAUSE}|want|need|wanna|take|like)\b", re.IGNORECASE)
_CORRECTION = re.compile(
    r"^\W*(?:(?:no+|nope|nah|sorry|oops|ups|wrong|actually|wait|hm+|well|correction)\b[\s,.!:-]*)*"
    r"(?:(?:i|we)\s+(?:ment|meant|mean|said|say|asked (?:for|about)|was (?:asking|talking) (?:for|about))"
    r"|what i (?:meant|said) was"
    r"|i wanted(?: to)?|scratch that,?(?: i meant)?|correction:?)\b[\s,:]*",
    re.IGNORECASE,
)
_NO_THE = re.compile(
    r"^\W*(?:no+|nope|nah|wrong|not that(?: one)?)\b[\s,.!-]+(?=(?:the|it's|its|my)\b)", re.IGNORECASE
)

Rank = Callable[[Any], tuple[list[dict[str, Any]], float]]
Encode = Callable[[Sequence[str]], Sequence[Any]]


@dataclass(frozen=True)
class Part:
    """A piece of a message: `text[start:end]`."""

    start: int
    end: int
    text: str


def parts_of(text: str) -> list[Part]:
    """The pieces of a message that may be wishes of their own; empty when it is one."""
    if len(text.split()) < FEWEST_WORDS:
        return []
    found, start = [], 0
    for cut in _CUT.finditer(text):
        if _is_topic(text[start : cut.start()]):
            continue
        found.append((start, cut.start()))
        start = cut.end()
    found.append((start, len(text)))
    pieces = [Part(a, b, text[a:b].strip()) for a, b in found if re.search(r"\w", text[a:b])]
    return pieces[:MOST_PARTS] if len(pieces) > 1 else []


def _is_topic(piece: str) -> bool:
    words = piece.split(None, 1)
    return bool(_TOPIC.match(piece)) and not _DOING.search(words[1] if len(words) > 1 else "")


def remainder_of(text: str) -> Part | None:
    """What a correction says instead ("no, I meant the tablet" → "the tablet"); None when it says nothing."""
    lead = _CORRECTION.match(text) or _NO_THE.match(text)
    if lead is None or not re.search(r"\w", text[lead.end() :]):
        return None
    return Part(lead.end(), len(text), text[lead.end() :].strip())


def find_wishes(
    text: str, *, encode: Encode, rank: Rank, unsure: Callable[[list[dict[str, Any]], float], bool]
) -> dict[str, Any]:
    """What the message's pieces mean: `wishes` (two or more), `meant` (a correction's), `aside` (one beside pieces that
    are none, such as the answer to a form's question), or nothing.

    `encode` gives for each text what `rank` takes; `rank` orders the intents for it and says how far it is in scope;
    `unsure` tells whether that is too little.
    """
    remainder = remainder_of(text)
    pieces = [remainder] if remainder else parts_of(text)
    if not pieces:
        return {}
    read = []
    for piece, seen in zip(pieces, encode([piece.text for piece in pieces]), strict=True):
        ranking, known = rank(seen)
        read.append((piece, ranking, ranking[0] if ranking and not unsure(ranking, known) else None))
    if remainder:
        piece, ranking, best = read[0]
        return {MEANT: _told(piece, ranking, best)}
    wishes = [
        _told(*one)
        for one in read
        if one[2] and one[2]["confidence"] >= SURE and one[2]["name"] not in MANNERS
    ]
    kinds = [ONE_KIND.get(wish["intent"], wish["intent"]) for wish in wishes]
    if len(wishes) == 1 and wishes[0]["confidence"] >= SURE_ASIDE:
        return {ASIDE: wishes[0]}
    if len(set(kinds)) < 2 or "affirm" in kinds[1:]:
        return {}
    return {WISHES: [wish for place, wish in enumerate(wishes) if kinds[place] not in kinds[:place]]}


def outweighs(whole: Mapping[str, Any], wishes: Sequence[Mapping[str, Any]]) -> bool:
    """True where the whole message is likelier than not something else than any of its parts: it is that one thing."""
    others = MANNERS.union(wish["intent"] for wish in wishes)
    return bool(wishes) and whole["name"] not in others and whole["confidence"] >= LIKELY


def _told(piece: Part, ranking: list[dict[str, Any]], best: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "start": piece.start,
        "end": piece.end,
        "intent": best["name"] if best else "nlu_fallback",
        "confidence": best["confidence"] if best else 0.0,
        "ranking": ranking,
    }
