"""The demo shop with orders made up from a seed, and vectors of its words instead of the encoder's."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from crm.views import Product
from models.recommend import Recommender
from models.search.documents import dense_text
from models.vocabulary import Vocabulary

DIMENSION = 128


class WordVectors:
    """A text's words, hashed to a unit vector: alike texts are near each other, without a trained model."""

    dimension = DIMENSION
    fingerprint = "words"

    def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> npt.NDArray[np.float32]:
        vectors = np.full((len(texts), DIMENSION), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.encode()) % DIMENSION] += 1.0
        lengths: npt.NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / lengths


@pytest.fixture(scope="session")
def words() -> WordVectors:
    return WordVectors()


@pytest.fixture(scope="session")
def orders(products: list[Product]) -> list[tuple[str, ...]]:
    """300 orders: any product, and often the next category's cheapest with it."""
    choose = random.Random(7)  # noqa: S311 - not for secrets
    skus = [product.sku for product in products]
    made = []
    for _ in range(300):
        first = choose.choice(skus[:40])
        extra = choose.sample(skus, choose.choice((0, 0, 1, 2)))
        usual = (
            ["CHA-0001"] if first.startswith("LAP") and choose.random() < 0.5 and "CHA-0001" in skus else []
        )
        made.append((first, *usual, *extra))
    return made


@pytest.fixture(scope="session")
def recommender(
    products: list[Product], vocabulary: Vocabulary, words: WordVectors, orders: list[tuple[str, ...]]
) -> Recommender:
    vectors = words.encode([dense_text(product, vocabulary) for product in products])
    return Recommender.build(products, vectors, vocabulary, orders=orders)


@pytest.fixture(scope="session")
def by_sku(products: list[Product]) -> dict[str, Product]:
    return {product.sku: product for product in products}
