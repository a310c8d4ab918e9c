"""Pictures of what was measured: which intents are taken for which, and whether confidence means what it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from evaluation.metrics import Calibration

LABELLED = 80
"""Above so many classes names can't be read, and are left out."""


def confusion(path: Path, title: str, truth: Sequence[str], read: Sequence[str]) -> None:
    """Rows are the truth, each adding up to 1; columns are the readings."""
    names = sorted({*truth, *read})
    row = {name: number for number, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for said, heard in zip(truth, read, strict=True):
        counts[row[said], row[heard]] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = min(18.0, 4 + 0.18 * len(names))
    figure, axes = plt.subplots(figsize=(size, size))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set(title=title, xlabel="read", ylabel="meant")
    if len(names) <= LABELLED:
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=6)
        axes.set_yticks(range(len(names)), names, fontsize=6)
    _save(figure, path)


def reliability(path: Path, title: str, measured: Calibration) -> None:
    """Confidence against the share that was right; the diagonal is perfect."""
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1)
    axes.scatter(measured.confidence, measured.right, s=20 + 600 * measured.share, alpha=0.7)
    axes.set(
        title=f"{title}: calibration error {measured.error:.3f}",
        xlabel="confidence",
        ylabel="share right",
        xlim=(0, 1),
        ylim=(0, 1.02),
    )
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)
