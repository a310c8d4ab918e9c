"""The vote of a text's neighbours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from parley_encoder.neighbours import ASKED, SHARE, SHARPNESS, Neighbours

Floats = npt.NDArray[np.float32]


def unit(*rows: tuple[float, ...]) -> Floats:
    found = np.array(rows, np.float32)
    lengths: Floats = np.linalg.norm(found, axis=-1, keepdims=True)
    return found / lengths


def test_a_class_with_two_centres_is_found_at_both() -> None:
    """The mean of the first class lies where the second one is."""
    vectors = unit((1, 0.2, 0), (1, -0.2, 0), (-1, 0.2, 0), (-1, -0.2, 0), (0, 1, 0), (0, 1, 0.1))
    near = Neighbours.of(vectors, np.array([0, 0, 0, 0, 1, 1]))
    texts = unit((1, 0, 0), (-1, 0, 0), (0, 1, 0))
    assert near.logits(texts, np.zeros((3, 2), np.float32)).argmax(axis=1).tolist() == [0, 0, 1]


def test_a_vote_is_the_mean_of_the_examples_votes() -> None:
    vectors, text = unit((1, 0), (1, 1), (0, 1)), unit((3, 1))[0]
    near = Neighbours.of(vectors, np.array([0, 1, 0]))
    votes = np.exp(SHARPNESS * vectors @ text)
    expected = SHARE * np.log([votes[[0, 2]].mean(), votes[1]])
    np.testing.assert_allclose(near.logits(text, np.zeros(2, np.float32)), expected, rtol=1e-5)


def test_classes_that_the_head_finds_unlikely_are_not_asked_and_follow_it() -> None:
    random = np.random.default_rng(2)
    vectors = unit(*random.normal(0, 1, (40, 4)))
    near = Neighbours.of(vectors, np.arange(40) % 20)
    heard = np.arange(20, dtype=np.float32)[::-1]
    found = near.logits(vectors[0], heard)
    assert found[:ASKED].argmax() == 0
    np.testing.assert_allclose(
        found[ASKED:], found[:ASKED].min() + heard[ASKED:] - heard[ASKED - 1], rtol=1e-5
    )


def test_no_text_has_no_votes() -> None:
    near = Neighbours.of(unit((1, 0), (0, 1)), np.array([0, 1]))
    assert near.logits(np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)).shape == (0, 2)


def test_neighbours_are_stored() -> None:
    near = Neighbours.of(unit((1, 0), (0, 1)), np.array([0, 1]))
    text, heard = unit((1, 2)), np.zeros((1, 2), np.float32)
    again = Neighbours(**near.tensors())  # type: ignore[arg-type]  # as they are read
    np.testing.assert_array_equal(again.logits(text, heard), near.logits(text, heard))
