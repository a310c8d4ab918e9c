"""What of a product is indexed: weighted fields for the lexical side, one text for the dense side."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.vocabulary import Product, Vocabulary

NAME, BRAND, CATEGORY, ATTRIBUTES, DESCRIPTION = 4, 2, 3, 2, 1
"""How often a field's terms count: BM25F's weights, with which term frequencies are multiplied before saturation."""


DIGEST = 16
"""Bytes of a digest that are kept."""


def fields(product: Product, vocabulary: Vocabulary) -> Iterator[tuple[str, int]]:
    """The product's texts with their weights."""
    yield product.name, NAME
    if product.brand:
        yield product.brand, BRAND
    category = vocabulary.categories.get(product.category)
    if category is not None:
        yield f"{category.name} {category.singular}", CATEGORY
        # Known to the spelling correction, but no evidence for a product: cables are in the power banks' category.
        yield " ".join(category.synonyms), 0
    if stated := ". ".join(attribute_texts(product, vocabulary)):
        yield stated, ATTRIBUTES
    if product.description:
        yield product.description, DESCRIPTION


def dense_text(product: Product, vocabulary: Vocabulary) -> str:
    """The text whose vector stands for the product: what it is first, since the encoder reads 256 tokens."""
    sentences = [product.name]
    if product.category in vocabulary.categories:
        sentences.append(vocabulary.singular(product.category))
    uses = product.attributes.get("uses")
    if isinstance(uses, list) and uses:
        sentences.append("for " + ", ".join(uses))
    sentences.extend(attribute_texts(product, vocabulary, but=("uses",)))
    if product.description:
        sentences.append(product.description)
    return ". ".join(sentences)


class Contents(NamedTuple):
    """What identifies the texts of a catalogue: a digest for each product, and one of all in their order.

    Prices and stock leave them as they are; a change of the vocabulary changes all.
    """

    products: npt.NDArray[np.bytes_]
    all: str


def contents(products: Sequence[Product], vocabulary: Vocabulary) -> Contents:
    """Digests of all that the texts of ``products`` are made of."""
    return Digests().of(products, vocabulary)


class Digests:
    """Makes contents and remembers them: a product that is the very object of the last time isn't digested again."""

    def __init__(self) -> None:
        self._common = hashlib.sha256()
        self._known: dict[str, tuple[Product, bytes]] = {}

    def of(self, products: Sequence[Product], vocabulary: Vocabulary) -> Contents:
        """Digests of all that the texts of ``products`` are made of."""
        described = repr((vocabulary.attributes, vocabulary.categories, vocabulary.synonyms))
        common = hashlib.sha256(described.encode("utf-8", "replace"))
        if common.digest() != self._common.digest():
            self._common, self._known = common, {}
        self._known = {product.sku: (product, self._digest(product)) for product in products}
        digests = [self._known[product.sku][1] for product in products]
        whole = common.copy()
        whole.update(b"".join(digests))
        # NumPy drops zero bytes at the end, on both sides of a comparison alike: equal still means equal.
        return Contents(np.array(digests, dtype=f"S{DIGEST}"), whole.hexdigest())

    def _digest(self, product: Product) -> bytes:
        known = self._known.get(product.sku)
        if known is not None and known[0] is product:
            return known[1]
        texts = (product.sku, product.name, product.brand, product.category, product.description)
        sha = self._common.copy()
        sha.update(repr((texts, product.attributes)).encode("utf-8", "replace"))
        return sha.digest()[:DIGEST]


def attribute_texts(product: Product, vocabulary: Vocabulary, *, but: tuple[str, ...] = ()) -> list[str]:
    """The product's attributes as people read them. What it lacks is left out: "no GPS" must not be found for "GPS"."""
    texts = []
    for name, value in product.attributes.items():
        if name in but or value is False:
            continue
        attribute = vocabulary.get(name)
        text = attribute.describe(value) if attribute else _plain(name, value)
        if text:
            texts.append(text)
    return texts


def _plain(name: str, value: object) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return name.replace("_", " ") if value is True else f"{name.replace('_', ' ')} {shown}"
