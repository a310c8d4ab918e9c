"""Why a product fits, in a sentence made of its own fields and nothing else.

Each claim carries the field it rests on, so that a test can check it against the product.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from models.search.analysis import stem, words
from models.search.conditions import satisfies
from models.search.preferences import Preferences
from models.search.query import Query
from models.vocabulary import AttributeValue, Product, Vocabulary, money_text

ClaimKind = Literal["use", "wish", "liked", "named", "budget", "cheaper", "compared", "fact"]

USES = "uses"
_LEAST, _MOST = 2, 3


@dataclass(frozen=True, slots=True)
class Claim:
    """Something true of the product. ``field`` is an attribute's name or "price"; ``value`` what the claim rests on."""

    kind: ClaimKind
    text: str
    field: str
    value: AttributeValue | Decimal


def reason(
    product: Product, query: Query, vocabulary: Vocabulary, *, looked_at: Product | None = None
) -> str:
    """One sentence, without its full stop, on why ``product`` answers ``query``.

    With ``looked_at`` it also says what is better than there. Products of one answer get different wordings.
    """
    found = claims(product, query, vocabulary, looked_at=looked_at)
    money = [claim.text for claim in found if claim.field == "price"][:1]
    uses = [claim.text for claim in found if claim.kind == "use"][:1]
    rest = [claim.text for claim in found if claim.field != "price" and claim.kind != "use"][:_MOST]
    if len([*uses, *rest, *money]) < _LEAST:
        rest = [*rest, *(fact for fact in facts(product, vocabulary, limit=_LEAST) if fact not in rest)][
            :_LEAST
        ]
    if not (rest or uses or money):
        return _capitalised(f"{vocabulary.singular(product.category)} by {product.brand}")
    return _capitalised(_worded(uses, rest, money, variant=zlib.crc32(product.sku.encode())))


def facts(product: Product, vocabulary: Vocabulary, limit: int = 3) -> list[str]:
    """The product's most telling attributes as people read them: its category's highlights first."""
    category = vocabulary.categories.get(product.category)
    highlights = category.highlights if category else ()
    names = dict.fromkeys([*highlights, *(name for name in vocabulary if name != USES)])
    texts: dict[str, None] = {}
    for name in names:
        value = product.attributes.get(name)
        if value is None or value is False:
            continue
        if text := vocabulary[name].describe(value):
            texts.setdefault(text)
        if len(texts) >= limit:
            break
    return list(texts)


def claims(
    product: Product, query: Query, vocabulary: Vocabulary, *, looked_at: Product | None = None
) -> list[Claim]:
    """All that can be said for ``product`` in answer to ``query``, the strongest first, each field once."""
    unique: dict[tuple[str, str], Claim] = {}
    for claim in _all(product, query, vocabulary, looked_at):
        unique.setdefault((claim.field, claim.text if claim.field == USES else ""), claim)
    return list(unique.values())


def _all(
    product: Product, query: Query, vocabulary: Vocabulary, looked_at: Product | None
) -> Iterator[Claim]:
    if looked_at is not None:
        yield from _better(product, looked_at, vocabulary)
    said, liked = _heard(query.text, tuple(query.prefer), _Same(vocabulary))
    yield from _uses(product, said)
    for wish in query.attributes:
        value = product.attributes.get(wish.name)
        if wish.name != USES and value is not None and satisfies(value, wish):
            yield from _describing("wish", wish.name, value, vocabulary)
    for name in liked:
        value = product.attributes.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield from _describing("liked", name, value, vocabulary)
    for name, value in product.attributes.items():
        if name in vocabulary and name != USES and _named(name, value, said, vocabulary):
            yield from _describing("named", name, value, vocabulary)
    if query.price_max is not None and product.price <= query.price_max:
        budget = f"within your {money_text(query.price_max, product.currency)} budget"
        yield Claim("budget", query.price_words or budget, "price", product.price)


def _better(product: Product, other: Product, vocabulary: Vocabulary) -> Iterator[Claim]:
    if product.price < other.price:
        saved = money_text(other.price - product.price, product.currency)
        yield Claim("cheaper", f"{saved} cheaper than the {other.name}", "price", product.price)
    for name, value in product.attributes.items():
        attribute, before = vocabulary.get(name), other.attributes.get(name)
        if attribute is None or attribute.better is None or not _is_number(value) or not _is_number(before):
            continue
        gain = float(value) - float(before)  # type: ignore[arg-type]  # both are numbers: just checked
        if gain * (1 if attribute.better == "higher" else -1) > 0:
            text = f"{attribute.describe(value)} instead of {attribute.describe(before)}"  # type: ignore[arg-type]  # as above
            yield Claim("compared", text, name, value)


def _uses(product: Product, said: frozenset[str]) -> Iterator[Claim]:
    uses = product.attributes.get(USES)
    for use in uses if isinstance(uses, list) else []:
        stems = _stems(use)
        if stems and stems <= said:
            yield Claim("use", f"good for {use}", USES, use)


def _named(name: str, value: AttributeValue, said: frozenset[str], vocabulary: Vocabulary) -> bool:
    """True when the customer's words name the attribute's value ("black"), or the flag that is set ("waterproof")."""
    if value is True:
        phrases: Sequence[str] = vocabulary[name].words
    elif isinstance(value, str):
        phrases = [value]
    else:
        return False
    return any(stems <= said for phrase in phrases if (stems := _stems(phrase)))


@lru_cache(maxsize=16_384)
def _stems(phrase: str) -> frozenset[str]:
    """Of an attribute's value or a vocabulary's phrase: the same few thousand for every answer."""
    return frozenset(stem(word) for word in words(phrase))


class _Same:
    """A vocabulary as the key of a cache: the very object, since its content can't be hashed."""

    __slots__ = ("vocabulary",)

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def __hash__(self) -> int:
        return id(self.vocabulary)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.vocabulary is other.vocabulary


@lru_cache(maxsize=32)
def _heard(text: str, prefer: tuple[tuple[str, str], ...], same: _Same) -> tuple[frozenset[str], list[str]]:
    """What the words say, and the attributes that they like: the same for all products of an answer."""
    liked = [name for name, _ in _preferences(same).liked(text, prefer)]
    return _said(text, _synonyms(same)), liked


@lru_cache(maxsize=4)
def _preferences(same: _Same) -> Preferences:
    return Preferences(same.vocabulary)


@lru_cache(maxsize=4)
def _synonyms(same: _Same) -> tuple[tuple[tuple[str, ...], frozenset[str]], ...]:
    """Each group as the phrases to look for, and the stems that one of them stands for."""
    return tuple(
        (
            tuple(key for phrase in group if (key := " ".join(words(phrase)))),
            frozenset().union(*(_stems(phrase) for phrase in group)),
        )
        for group in same.vocabulary.synonyms
    )


def _said(text: str, synonyms: Sequence[tuple[Sequence[str], frozenset[str]]]) -> frozenset[str]:
    """The stems of what was said, and of what the shop's synonyms say it means."""
    spoken = words(text)
    running = f" {' '.join(spoken)} "
    stems = {stem(word) for word in spoken}
    for phrases, meant in synonyms:
        if any(f" {phrase} " in running for phrase in phrases):
            stems |= meant
    return frozenset(stems)


def _describing(kind: ClaimKind, name: str, value: AttributeValue, vocabulary: Vocabulary) -> Iterator[Claim]:
    attribute = vocabulary.get(name)
    if attribute is not None and (text := attribute.describe(value)):
        yield Claim(kind, text, name, value)


def _worded(uses: Sequence[str], rest: Sequence[str], money: Sequence[str], *, variant: int) -> str:
    if uses and rest and variant % 2:
        return f"{uses[0]}: {', '.join([*rest, *money])}"
    body = [*rest, *uses] if variant % 3 else [*uses, *rest]
    if money and body:
        return f"{_listed(body)}, {money[0]}"
    return _listed([*body, *money])


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
