"""Which of a product's attributes a question is about: "how long does the battery last?", "is it waterproof?".

What is found comes from the shop's own vocabulary, so an attribute that an operator adds can be asked for at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from actions.support.need import Wish
from actions.support.turn import Turn
from crm.views import Product
from models.search.analysis import stem
from models.search.conditions import satisfies
from models.search.stopwords import STOP_WORDS
from models.vocabulary import Attribute, Vocabulary

QUESTION = re.compile(
    r"\?\s*$|^\W*(and |but |so |ok |hi |hello )?(what|which|how|is|are|does|do|has|have|can|whats|hows)\b"
    r"|\b(how (many|much|long|big|heavy|large|loud|bright|fast|good))\b"
    r"|\b(what (is|are|size|kind|colou?r)|tell me (its|the))\b",
    re.IGNORECASE,
)
# "The one with the big screen" points at a product and asks for nothing.
POINTS = re.compile(r"\bones? (with|that has|which has|having) (the |a |an )?(\w+ )?$")
# "How long" is about time here, not about a cable.
LASTS = re.compile(
    r"\bhow (long|many hours|many days)\b(?=.*\b(last|lasts|charge|battery|run|runs|go|use)\b)"
)
RUNTIME = re.compile(r"\b(last|lasts|on one charge|per charge|between charges)\b")
MANNER = re.compile(r"\bhow (\w+)")
SHORT = 4


def asked_about(turn: Turn, vocabulary: Vocabulary) -> tuple[Attribute, ...]:
    """The attributes that the message asks for, in the vocabulary's order; empty when it asks for all, or for none.

    Of words that name several attributes ("battery" in hours and in days) all are meant: a product has one of them.
    """
    if turn.pressed and not turn.words:
        return ()
    said = _without_names(turn)
    if not QUESTION.search(turn.wording) and len(said.split()) > SHORT:
        return ()
    longest: dict[tuple[int, int], list[Attribute]] = {}
    for attribute in vocabulary.values():
        for start, end in _mentions(attribute, said):
            longest.setdefault((start, end), []).append(attribute)
    kept = [
        attribute
        for (start, end), named in longest.items()
        if not any(
            first <= start and end <= last and (first, last) != (start, end) for first, last in longest
        )
        for attribute in named
    ]
    kept += [vocabulary[wish.name] for wish in _wishes(turn) if wish.name in vocabulary]
    if len(kept) > 1:
        # "What type of screen": the other word says what is asked for.
        kept = [attribute for attribute in kept if attribute.name != "type"]
    return tuple({attribute.name: attribute for attribute in kept}.values())


def told(product: Product, asked: Sequence[Attribute], turn: Turn) -> str | None:
    """The answer for one product, as a phrase ("13 h battery"); None when its data doesn't say."""
    wishes = {wish.name: wish for wish in _wishes(turn)}
    phrases: dict[str, None] = {}
    for attribute in asked:
        value = product.attributes.get(attribute.name)
        if value is None or not (phrase := attribute.describe(value)):
            continue
        if attribute.kind == "flag" or attribute.name in wishes:
            wish = wishes.get(attribute.name) or Wish(attribute.name, "is", True)
            phrase = f"{'yes' if satisfies(value, wish) else 'no'}, {phrase}"
        phrases.setdefault(phrase)
    return "; ".join(phrases) or None


def otherwise(product: Product, turn: Turn, vocabulary: Vocabulary) -> str:
    """ "Please note: it's mint.", when it isn't as it was wished ("that one in black"); else ""."""
    unlike = [
        f"it's {phrase}" if vocabulary[wish.name].kind == "word" else f"it has {phrase}"
        for wish in _wishes(turn)
        if wish.name in vocabulary
        and (value := product.attributes.get(wish.name)) is not None
        and not satisfies(value, wish)
        and (phrase := vocabulary[wish.name].describe(value))
    ]
    return f"Please note: {' and '.join(unlike)}." if unlike else ""


def name_of(asked: Sequence[Attribute]) -> str:
    """What was asked for, as the shop calls it."""
    return asked[0].words[0] if asked and asked[0].words else "that"


def _wishes(turn: Turn) -> list[Wish]:
    return [
        wish for entity in turn.each("attribute") if (wish := Wish.of(entity.value)) and wish.name != "uses"
    ]


def _without_names(turn: Turn) -> str:
    """The words in lower case; names of products and kinds are blanked ("memory card" asks for no memory)."""
    text = turn.wording.lower()
    if turn.pressed:
        return text
    for entity in turn.entities:
        if entity.name in ("product", "category") and entity.start >= 0:
            named = turn.text[entity.start : entity.end].lower()
            text = text.replace(named, " " * len(named), 1)
    return text


def _mentions(attribute: Attribute, said: str) -> Iterator[tuple[int, int]]:
    """Where the text names the attribute (words compared by their stems)."""
    if attribute.name == "uses":
        return
    timed = LASTS.search(said)
    if timed:
        said = said[: timed.start()] + " " * (timed.end() - timed.start()) + said[timed.end() :]
    spoken = [(match.start(), match.end(), stem(match[0])) for match in re.finditer(r"[\w-]+", said)]
    for phrase in _phrases(attribute.words):
        for first in range(len(spoken) - len(phrase) + 1):
            part = spoken[first : first + len(phrase)]
            if tuple(word for _, _, word in part) == phrase and not POINTS.search(said[: part[0][0]]):
                yield part[0][0], part[-1][1]
    if attribute.name.startswith("battery") and timed and (match := RUNTIME.search(said)):
        yield match.start(), match.end()
    for match in MANNER.finditer(said):
        if (stem(match[1]),) in _phrases((*attribute.more, *attribute.less)):
            yield match.start(1), match.end(1)


@lru_cache(maxsize=1024)
def _phrases(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Each phrase as stems; function words ("for") name nothing."""
    split = [re.findall(r"[\w-]+", phrase.lower()) for phrase in words]
    return tuple(
        tuple(stem(word) for word in phrase)
        for phrase in split
        if phrase and not all(word in STOP_WORDS for word in phrase)
    )
