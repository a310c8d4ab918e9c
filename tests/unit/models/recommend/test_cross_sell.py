"""The cross-sell model learns what goes together, keeps it on disk, and stays quiet about what it can't know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse  # type: ignore[import-untyped]  # scipy ships no types

from models.recommend import CrossSell, ModelCorrupt, ModelMissing
from models.recommend.cross_sell import LARGEST_BASKET
from models.recommend.ease import item_weights

BASKETS = [("camera", "card")] * 8 + [("camera", "case")] * 3 + [("card", "printer")] + [("pen", "ink")] * 6
SKUS = ["camera", "card", "case", "ink", "new", "pen", "printer"]


def best(model: CrossSell, basket: list[str]) -> str:
    return SKUS[int(np.argmax(model.over(SKUS).scores(basket)))]


def test_what_was_ordered_together_most_often_is_found_first() -> None:
    model = CrossSell.learn(BASKETS)
    assert best(model, ["camera"]) == "card"
    assert best(model, ["pen"]) == "ink"


def test_the_basket_itself_is_never_the_answer() -> None:
    scores = CrossSell.learn(BASKETS).over(SKUS).scores(["camera", "card"])
    assert np.isneginf(scores[:2]).all()
    assert np.isfinite(scores[2:]).all()


def test_a_product_without_orders_is_found_by_likeness() -> None:
    vectors = np.eye(len(SKUS), dtype=np.float32)
    vectors[SKUS.index("new")] = vectors[SKUS.index("pen")]
    scores = CrossSell.learn(BASKETS).over(SKUS, vectors).scores(["new"])
    assert SKUS[int(np.argmax(scores))] == "pen"


def test_without_likeness_nothing_is_said_about_a_product_without_orders() -> None:
    assert not CrossSell.learn(BASKETS).over(SKUS).contributions(["new"]).any()


def test_no_orders_give_no_opinion() -> None:
    assert not CrossSell.learn([]).over(SKUS).contributions(["camera"]).any()


def test_an_unknown_product_in_the_basket_changes_nothing() -> None:
    ranker = CrossSell.learn(BASKETS).over(SKUS)
    assert np.array_equal(ranker.scores(["camera", "gone"]), ranker.scores(["camera"]))


def test_a_withdrawn_product_is_no_candidate() -> None:
    remaining = [sku for sku in SKUS if sku != "card"]
    scores = CrossSell.learn(BASKETS).over(remaining).scores(["camera"])
    assert len(scores) == len(remaining)
    assert remaining[int(np.argmax(scores))] == "case"


def test_a_retailers_order_teaches_nothing() -> None:
    large = [f"item-{number}" for number in range(LARGEST_BASKET + 1)]
    assert CrossSell.learn([large]).skus == ()
    assert len(CrossSell.learn([large[:-1]]).skus) == LARGEST_BASKET


def test_the_order_of_baskets_does_not_matter() -> None:
    forth, back = CrossSell.learn(BASKETS).over(SKUS), CrossSell.learn(BASKETS[::-1]).over(SKUS)
    assert np.allclose(forth.contributions(SKUS), back.contributions(SKUS))


def test_a_stored_model_answers_as_before(tmp_path: Path) -> None:
    model = CrossSell.learn(BASKETS)
    model.save(tmp_path / "model")
    again = CrossSell.load(tmp_path / "model")
    assert again.skus == model.skus
    assert np.array_equal(again.over(SKUS).scores(["camera"]), model.over(SKUS).scores(["camera"]))


def test_a_damaged_model_is_noticed(tmp_path: Path) -> None:
    CrossSell.learn(BASKETS).save(tmp_path / "model")
    weights = tmp_path / "model" / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:-9])
    with pytest.raises(ModelCorrupt):
        CrossSell.load(tmp_path / "model")


def test_an_unreadable_manifest_is_noticed(tmp_path: Path) -> None:
    CrossSell.learn(BASKETS).save(tmp_path / "model")
    (tmp_path / "model" / "manifest.json").write_text("{}")
    with pytest.raises(ModelCorrupt):
        CrossSell.load(tmp_path / "model")


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="nowhere"):
        CrossSell.load(tmp_path / "nowhere")


def test_weights_are_those_of_the_closed_form() -> None:
    random = np.random.default_rng(3)
    held = (random.random((60, 9)) < 0.3).astype(np.float64)
    gram = held.T @ held + 20.0 * np.eye(9)
    inverse = np.linalg.inv(gram)
    expected = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(expected, 0.0)
    found = item_weights(sparse.csr_matrix(held), kept=9).toarray()
    assert np.allclose(found, expected, atol=1e-6)


def test_seldom_bought_items_get_the_first_order_weights() -> None:
    held = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]], dtype=np.float64)
    found = item_weights(sparse.csr_matrix(held), regularisation=2.0, head=0).toarray()
    assert np.allclose(found, [[0, 2 / 5, 1 / 5], [2 / 4, 0, 0], [1 / 3, 0, 0]])


def test_only_the_strongest_weights_are_kept() -> None:
    random = np.random.default_rng(3)
    held = sparse.csr_matrix((random.random((60, 9)) < 0.5).astype(np.float64))
    full, kept = item_weights(held, kept=9).toarray(), item_weights(held, kept=2).toarray()
    assert ((kept != 0).sum(axis=1) == 2).all()
    assert np.allclose(np.abs(kept).max(axis=1), np.abs(full).max(axis=1))


def test_vectors_of_another_catalogue_are_refused() -> None:
    with pytest.raises(ValueError, match="vectors"):
        CrossSell.learn(BASKETS).over(SKUS, np.zeros((2, 4), dtype=np.float32))
