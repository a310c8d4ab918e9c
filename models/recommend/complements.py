"""What goes with a product: from orders, from orders of its category, and from fields that say that both fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from models.reasons import USES
from models.recommend.evidence import Evidence
from models.recommend.history import History
from models.search.analysis import stem, words
from models.vocabulary import AttributeValue, Product, Vocabulary

SOCKETS = ("ports", "connection")
"""Attributes whose values name what a product plugs into; a value of one fits the same value of the other."""

WORKS_WITH, SYSTEM = "works_with", "os"
"""What a product works with, and what the other one runs."""

ACCESSORY, SMALL_ACCESSORY = Decimal("0.5"), Decimal("0.25")
"""An accessory costs at most this share of what it belongs to; the smaller where only the use is the same."""

OFTEN = 3
"""Orders from which "often" is said."""

TOGETHER, CATEGORY, MADE_FOR, CONNECTS, SAME_USE = 1.0, 0.4, 0.3, 0.1, 0.05
"""Weights: of a pair's learned score at most, of two categories always ordered together, and of the three
ways to fit."""


def bought_with(product: Product, others: Sequence[Product], history: History) -> Iterator[Evidence]:
    """The product of ``others`` that it shares the largest part of its orders with; the count is what is said."""
    counted = [(history.together(product.sku, other.sku), other) for other in others]
    count, other = max(counted, key=lambda pair: pair[0], default=(0, None))
    if other is None or not count:
        return
    # A share of all orders of the rarer one, damped like co-occurrence is, so that one order proves little.
    least = min(history.orders_of(product.sku), history.orders_of(other.sku))
    weight = TOGETHER * count / (least + OFTEN)
    how = "often bought with" if count >= OFTEN else "bought before with"
    yield Evidence("bought_with", f"{how} the {other.name}", weight, sku=other.sku, count=count)


def category_pair(
    product: Product, others: Sequence[Product], history: History, vocabulary: Vocabulary
) -> Iterator[Evidence]:
    """How often its category is ordered together with that of one of ``others``."""
    best: tuple[float, int, Product] | None = None
    for other in others:
        count = history.categories_together(product.category, other.category)
        of_all = history.categories_together(other.category, other.category)
        if product.category == other.category or count < OFTEN:
            continue
        share = count / (of_all + OFTEN)
        if best is None or share > best[0]:
            best = (share, count, other)
    if best is not None:
        share, count, other = best
        mine, its = vocabulary.singular(product.category), vocabulary.singular(other.category)
        text = f"{count} orders had a {mine} with a {its}"
        yield Evidence("category_pair", text, CATEGORY * share, sku=other.sku, count=count)


def for_kind(product: Product, slug: str, history: History, vocabulary: Vocabulary) -> Iterator[Evidence]:
    """What makes it an accessory of things of this category, whichever one the customer has: made for it by its own
    account, or of a category that is ordered together with it.
    """
    category = vocabulary.categories.get(slug)
    if category is None or product.category == slug:
        return
    names = [_stems(name) for name in (category.singular, category.name, *category.synonyms)]
    use = next((use for use in _uses(product) if _stems(use) in names), None)
    if use is not None:
        yield Evidence("made_for", f"good for a {category.singular}", MADE_FOR, field=USES, value=use)
    count, of_all = (
        history.categories_together(product.category, slug),
        history.categories_together(slug, slug),
    )
    if count >= OFTEN:
        text = f"{count} orders had a {vocabulary.singular(product.category)} with a {category.singular}"
        yield Evidence("category_pair", text, CATEGORY * count / (of_all + OFTEN), count=count)


def fits(product: Product, others: Sequence[Product], vocabulary: Vocabulary) -> Iterator[Evidence]:
    """What makes it an accessory of one of ``others``: made for its kind, plugs into it, or is for the same use.

    An accessory is of another category and costs at most a part of what it belongs to.
    """
    for other in others:
        if other.category == product.category or not other.price:
            continue
        share = product.price / other.price
        if share <= ACCESSORY:
            yield from _made_for(product, other, vocabulary)
            yield from _connects(product, other)
        if share <= SMALL_ACCESSORY:
            yield from _same_use(product, other)


def _made_for(product: Product, other: Product, vocabulary: Vocabulary) -> Iterator[Evidence]:
    """One of its uses is the other's category ("for a laptop")."""
    category = vocabulary.categories.get(other.category)
    if category is None:
        return
    names = [_stems(name) for name in (category.singular, category.name, *category.synonyms)]
    for use in _uses(product):
        if _stems(use) in names:
            text = f"good for a {category.singular}"
            yield Evidence("made_for", text, MADE_FOR, sku=other.sku, field=USES, value=use)
            return


def _connects(product: Product, other: Product) -> Iterator[Evidence]:
    """A socket, plug or radio that both have, or a system that one runs and the other works with."""
    theirs = dict(_values(other, SOCKETS))
    for value, name in _values(product, SOCKETS):
        if value in theirs:
            text = f"has {value}, as the {other.name} has"
            yield Evidence("connects", text, CONNECTS, sku=other.sku, field=name, value=value)
            return
    for one, another in ((WORKS_WITH, SYSTEM), (SYSTEM, WORKS_WITH)):
        theirs = dict(_values(other, (another,)))
        for value, name in _values(product, (one,)):
            if value in theirs:
                text = f"works with {value}, as on the {other.name}" if one == WORKS_WITH else f"runs {value}"
                yield Evidence("connects", text, CONNECTS, sku=other.sku, field=name, value=value)
                return


def _same_use(product: Product, other: Product) -> Iterator[Evidence]:
    theirs = _uses(other)
    for use in _uses(product):
        if use in theirs:
            text = f"for {use}, like the {other.name}"
            yield Evidence("same_use", text, SAME_USE, sku=other.sku, field=USES, value=use)
            return


def _values(product: Product, names: Sequence[str]) -> list[tuple[str, str]]:
    """(value, attribute) of the product's attributes of these names."""
    return [(item, name) for name in names for item in _texts(product.attributes.get(name))]


def _uses(product: Product) -> list[str]:
    return _texts(product.attributes.get(USES))


def _texts(value: AttributeValue | None) -> list[str]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


@lru_cache(maxsize=4096)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text))
