"""A stored index answers as the one that was built, or refuses to answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.search import IndexCorrupt, IndexMissing, IndexStale, ProductIndex, Query
from models.vocabulary import Vocabulary
from parley_encoder import Encoder

QUERIES = [
    Query(text="light laptop"),
    Query(text="hedphones"),
    Query(category="phones"),
    Query(text="64 GB", sort="price"),
]


class _AnotherEncoder:
    """The same vectors under another name, as after an update of the weights."""

    def __init__(self, encoder: Encoder) -> None:
        self.dimension, self.encode, self.fingerprint = encoder.dimension, encoder.encode, "another"


def test_a_stored_index_answers_as_before(
    index: ProductIndex, encoder: Encoder, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    index.save(tmp_path / "index")
    stored = ProductIndex.load(tmp_path / "index", encoder, vocabulary)
    assert stored.version == index.version == 3
    assert [stored.search(query) for query in QUERIES] == [index.search(query) for query in QUERIES]


def test_storing_again_replaces_the_old_index_and_leaves_nothing_beside_it(
    index: ProductIndex, encoder: Encoder, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    ProductIndex.build([], encoder, vocabulary, version=1).save(tmp_path / "index")
    index.save(tmp_path / "index")
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
    assert len(ProductIndex.load(tmp_path / "index", encoder, vocabulary)) == len(index)


def test_an_empty_index_survives_the_round_trip(
    encoder: Encoder, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    ProductIndex.build([], encoder, vocabulary).save(tmp_path / "index")
    assert ProductIndex.load(tmp_path / "index", encoder, vocabulary).search(Query(text="laptop")) == []


def test_an_index_of_another_encoder_is_refused(
    index: ProductIndex, encoder: Encoder, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    index.save(tmp_path / "index")
    with pytest.raises(IndexStale, match="another encoder"):
        ProductIndex.load(tmp_path / "index", _AnotherEncoder(encoder), vocabulary)


def test_nothing_stored_is_said_so(encoder: Encoder, vocabulary: Vocabulary, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        ProductIndex.load(tmp_path / "index", encoder, vocabulary)


@pytest.mark.parametrize(
    "name", ["vectors.npy", "columns.npz", "columns.json", "terms.json", "postings.weights.npy"]
)
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_index_is_refused(
    index: ProductIndex, encoder: Encoder, vocabulary: Vocabulary, tmp_path: Path, name: str, damage: str
) -> None:
    index.save(tmp_path / "index")
    path = tmp_path / "index" / name
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if damage == "cut" else b"x" + content[1:])
    with pytest.raises(IndexCorrupt):
        ProductIndex.load(tmp_path / "index", encoder, vocabulary)
