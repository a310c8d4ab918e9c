"""The vote of a text's neighbours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from parley_encoder.neighbours import MOST, SHARE, SHARPNESS, Neighbours

Floats = npt.NDArray[np.float32]


def unit(*rows: tuple[float, ...]) -> Floats:
    found = np.array(rows, np.float32)
    lengths: Floats = np.linalg.norm(found, axis=-1, keepdims=True)
    return found / lengths


def test_a_class_with_two_centres_is_found_at_both() -> None:
    """The mean of the first class lies where the second one is."""
    vectors = unit((1, 0.2, 0), (1, -0.2, 0), (-1, 0.2, 0), (-1, -0.2, 0), (0, 1, 0), (0, 1, 0.1))
    near = Neighbours.of(vectors, np.array([0, 0, 0, 0, 1, 1]))
    assert near.logits(unit((1, 0, 0), (-1, 0, 0), (0, 1, 0))).argmax(axis=1).tolist() == [0, 0, 1]


def test_a_vote_is_the_mean_of_the_examples_votes() -> None:
    vectors, text = unit((1, 0), (0, 1), (1, 1)), unit((3, 1))[0]
    near = Neighbours.of(vectors, np.array([0, 0, 1]))
    votes = np.exp(SHARPNESS * vectors @ text)
    expected = SHARE * np.log([votes[:2].mean(), votes[2]])
    np.testing.assert_allclose(near.logits(text), expected, rtol=1e-5)


def test_many_sentences_are_stood_for_by_a_few_that_count_as_many() -> None:
    random = np.random.default_rng(2)
    vectors = unit(*random.normal((3, 0, 0, 0), 1, (90, 4)), *random.normal((0, 3, 0, 0), 1, (9, 4)))
    labels = np.repeat([0, 1], [90, 9])
    near = Neighbours.of(vectors, labels)
    assert near.starts.tolist() == [0, len(near.examples) - 9]
    assert len(near.examples) <= MOST + 9
    np.testing.assert_allclose(np.add.reduceat(np.exp(near.shares), near.starts), [1, 1], rtol=1e-5)
    assert (near.logits(vectors).argmax(axis=1) == labels).mean() > 0.9


def test_neighbours_are_stored() -> None:
    near = Neighbours.of(unit((1, 0), (0, 1)), np.array([0, 1]))
    again = Neighbours(**near.tensors())  # type: ignore[arg-type]  # as they are read
    np.testing.assert_array_equal(again.logits(unit((1, 2))), near.logits(unit((1, 2))))
