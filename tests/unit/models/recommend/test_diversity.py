"""The best comes first; what only repeats it comes later."""

import numpy as np

from models.recommend.diversity import varied

ALIKE = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)


def test_a_repetition_gives_way_to_something_else() -> None:
    assert varied([1.0, 0.9, 0.8], ALIKE, 2, share=0.5) == [0, 2]


def test_relevance_alone_keeps_the_order() -> None:
    assert varied([1.0, 0.9, 0.8], ALIKE, 3, share=1.0) == [0, 1, 2]


def test_nothing_gives_nothing() -> None:
    assert varied([], np.zeros((0, 2), dtype=np.float32), 3) == []


def test_equal_scores_are_all_as_good() -> None:
    assert sorted(varied([0.5, 0.5, 0.5], ALIKE, 5)) == [0, 1, 2]
