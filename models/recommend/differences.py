"""What two products share and where one is better: evidence for "like this", "cheaper" and "an upgrade"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.reasons import claims
from models.recommend.evidence import Evidence, EvidenceKind
from models.search.query import Query
from models.vocabulary import AttributeValue, Product, Vocabulary, money_text

PRICE = "price"

SAME, BETTER, SAVED, EXTRA, ANSWERS = 0.05, 0.12, 0.3, 0.15, 0.1
"""Weights beside a cosine of at most 1: per shared highlight, per doubling of a better number, per share of the price
that is saved or has to be added, and per wish that is answered."""

HARDLY = 1e-6
"""Weight of what is said for the sentence's sake."""

WITHIN_BUDGET = 0.11
"""A little more than another wish, so that a budget that was named is among what is said."""

_MOST_GAIN = 1.0
_ANSWERING: dict[str, EvidenceKind] = {
    "use": "use",
    "wish": "wish",
    "liked": "liked",
    "named": "named",
    "budget": "budget",
}


def shared(product: Product, other: Product, vocabulary: Vocabulary) -> Iterator[Evidence]:
    """The highlights of their category that both have alike."""
    category = vocabulary.categories.get(product.category)
    for name in category.highlights if category else ():
        value, attribute = product.attributes.get(name), vocabulary.get(name)
        if value is None or attribute is None or value != other.attributes.get(name):
            continue
        if text := attribute.describe(value):
            yield Evidence("same", f"also {text}", SAME, sku=other.sku, field=name, value=value)


def better(product: Product, other: Product, vocabulary: Vocabulary) -> Iterator[Evidence]:
    """Numbers in which ``product`` is better than ``other``, the larger gains weighing more."""
    for name, value, before, gain in _compared(product, other, vocabulary):
        attribute = vocabulary[name]
        if gain > 0 and (now := attribute.describe(value)) and (then := attribute.describe(before)):
            weight = BETTER * min(gain, _MOST_GAIN)
            text = f"{now} instead of {then}"
            yield Evidence("compared", text, weight, sku=other.sku, field=name, value=value)


def worse(product: Product, other: Product, vocabulary: Vocabulary) -> Iterator[Evidence]:
    """Numbers in which ``product`` is worse than ``other``, against it on the scale of ``better``."""
    for name, value, before, gain in _compared(product, other, vocabulary):
        attribute = vocabulary[name]
        if gain < 0 and (now := attribute.describe(value)) and (then := attribute.describe(before)):
            weight = -BETTER * min(-gain, _MOST_GAIN)
            text = f"{now} instead of {then}"
            yield Evidence("worse", text, weight, sku=other.sku, field=name, value=value)


def priced(product: Product, other: Product) -> Iterator[Evidence]:
    """The difference in price, if there is one: a saving speaks for the product, more to pay against it."""
    difference = product.price - other.price
    if not difference or not other.price:
        return
    share = float(abs(difference) / other.price)
    amount = money_text(abs(difference), product.currency)
    if difference < 0:
        text = f"{amount} cheaper"
        yield Evidence(
            "cheaper", text, SAVED * min(share, 1.0), sku=other.sku, field=PRICE, value=product.price
        )
    else:
        text, weight = f"for {amount} more", -EXTRA * min(share, 1.0)
        yield Evidence("dearer", text, weight, sku=other.sku, field=PRICE, value=product.price)


def answers(product: Product, query: Query, vocabulary: Vocabulary) -> Iterator[Evidence]:
    """The customer's wishes that the product fulfils."""
    for claim in claims(product, query, vocabulary):
        if (kind := _ANSWERING.get(claim.kind)) is not None:
            weight = WITHIN_BUDGET if kind == "budget" else ANSWERS
            yield Evidence(kind, claim.text, weight, field=claim.field, value=claim.value)


def told(
    product: Product, vocabulary: Vocabulary, but: Sequence[str] = (), *, limit: int = 1
) -> Iterator[Evidence]:
    """Plain facts for a sentence that would say little else; they weigh almost nothing."""
    category = vocabulary.categories.get(product.category)
    found = []
    for name in category.highlights if category else ():
        value, attribute = product.attributes.get(name), vocabulary.get(name)
        if value is None or value is False or attribute is None or name in but:
            continue
        if text := attribute.describe(value):
            found.append(Evidence("fact", text, HARDLY, field=name, value=value))
    yield from found[:limit]


def _compared(
    product: Product, other: Product, vocabulary: Vocabulary
) -> Iterator[tuple[str, AttributeValue, AttributeValue, float]]:
    """Numbers of both: name, value, the other's value, and the gain as a share of the smaller one."""
    for name, value in product.attributes.items():
        attribute, before = vocabulary.get(name), other.attributes.get(name)
        if attribute is None or attribute.better is None or before is None:
            continue
        if not _is_number(value) or not _is_number(before):
            continue
        now, then = float(value), float(before)  # type: ignore[arg-type]  # both are numbers: just checked
        smaller = min(abs(now), abs(then))
        gain = (now - then) / smaller if smaller else (now > then) - (now < then)
        yield name, value, before, gain if attribute.better == "higher" else -gain


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
