"""An index that follows a change is the index that would be built anew, and reads only what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from crm.views import Product
from models.search import ProductIndex, Query, tokens
from models.search.clusters import Clusters
from models.search.tokens import Tokens
from models.vocabulary import Vocabulary

NEEDS = ("light laptop 16 gb", "noice cancelling hedphones", "4k screen 27 inch", "power bank", "zzz")


class Numbers:
    """An encoder that counts texts; a text's vector follows from its letters."""

    dimension, fingerprint = 16, "numbers"

    def __init__(self) -> None:
        self.texts = 0

    def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> npt.NDArray[np.float32]:
        self.texts += len(texts)
        vectors = np.array(
            [np.bincount([ord(c) % 16 for c in text], minlength=16) + 1e-3 for text in texts], np.float32
        )
        unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def changed(products: list[Product]) -> list[Product]:
    """One renamed, one gone, one new, all in another order."""
    renamed = replace(products[3], name="Entirely other 16GB thing")
    new = replace(products[5], sku="NEW-0001", description="A quokka's favourite ultrabook.")
    return sorted([renamed, new, *products[:3], *products[6:]], key=lambda product: product.sku[::-1])


def found(searched: ProductIndex) -> list[list[tuple[str, float]]]:
    hits = [searched.search(Query(text=need), limit=20) for need in NEEDS]
    return [[(hit.sku, round(hit.score, 3)) for hit in answer] for answer in hits]


def test_a_followed_index_is_the_one_built_anew(products: list[Product], vocabulary: Vocabulary) -> None:
    encoder = Numbers()
    before = ProductIndex.build(products, encoder, vocabulary)
    encoder.texts = 0
    followed = ProductIndex.build(changed(products), encoder, vocabulary, previous=before)
    assert encoder.texts <= 2
    anew = ProductIndex.build(changed(products), Numbers(), vocabulary)
    assert followed.content == anew.content
    assert found(followed) == found(anew)


def test_a_stored_index_is_followed_as_well(
    products: list[Product], vocabulary: Vocabulary, tmp_path: Path
) -> None:
    encoder = Numbers()
    ProductIndex.build(products, encoder, vocabulary).save(tmp_path / "index")
    stored = ProductIndex.load(tmp_path / "index", encoder, vocabulary)
    encoder.texts = 0
    followed = ProductIndex.build(changed(products), encoder, vocabulary, previous=stored)
    assert encoder.texts <= 2
    assert found(followed) == found(ProductIndex.build(changed(products), Numbers(), vocabulary))


def test_only_new_texts_are_analysed(
    products: list[Product], vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ProductIndex.build(products, Numbers(), vocabulary)
    read: list[str] = []

    def noted(text: str) -> list[str]:
        read.append(text)
        return text.split()

    monkeypatch.setattr(tokens, "words", noted)
    ProductIndex.build(changed(products), Numbers(), vocabulary, previous=before)
    assert {"Entirely other 16GB thing", "A quokka's favourite ultrabook."} <= set(read)
    assert len(read) <= 12


def test_words_that_no_product_has_any_more_are_forgotten(
    products: list[Product], vocabulary: Vocabulary
) -> None:
    rows = np.full(2, -1, dtype=np.int64)
    first = Tokens.build(lambda row: [(("unicorn lamp", "plain lamp")[row], 4)], rows)
    second = Tokens.build(lambda row: [("other shade", 4)], np.array([1, -1]), first)
    assert set(second.words) == {"", "plain", "lamp", "other", "shade"}
    assert second.first_fields(3).tolist() == [
        [second.words.index("plain"), second.words.index("lamp"), -1],
        [second.words.index("other"), second.words.index("shade"), -1],
    ]


def test_words_side_by_side_are_counted_within_a_field_only() -> None:
    texts = [("claw foot tub", 4), ("foot claw", 1)]
    made = Tokens.build(lambda row: texts, np.full(2, -1, dtype=np.int64))
    assert sorted(made.neighbours(2)) == [("claw", "foot", 2), ("foot", "tub", 2)]


def test_an_emptied_catalogue_and_one_filled_again_are_followed(
    products: list[Product], vocabulary: Vocabulary
) -> None:
    full = ProductIndex.build(products, Numbers(), vocabulary)
    empty = ProductIndex.build([], Numbers(), vocabulary, previous=full)
    assert empty.search(Query(text="laptop")) == []
    again = ProductIndex.build(products, Numbers(), vocabulary, previous=empty)
    assert found(again) == found(full)


def test_clusters_of_a_changed_catalogue_keep_their_centres() -> None:
    random = np.random.default_rng(3)
    vectors = random.standard_normal((3000, 24), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    first = Clusters.build(vectors[:2500])
    second = Clusters.build(vectors, first)
    assert len(second) == 3000
    assert np.allclose(second.vectors(np.arange(3000)), vectors, atol=1e-3)
    hits = [int(second.nearest(vector, 1)[0][0]) for vector in vectors[2500:2600]]
    assert hits == list(range(2500, 2600))
