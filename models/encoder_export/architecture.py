"""What the published model looks like: the numbers that decide the graph, and what its weights are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Weights = Mapping[str, npt.NDArray[np.float32]]
"""By their published names."""


@dataclass(frozen=True)
class Architecture:
    """The numbers of the published config.json that decide the graph's shape."""

    hidden: int
    layers: int
    heads: int
    max_tokens: int
    epsilon: float
