"""Trains the sentiment head on the shop's labelled texts.

python -m models.train_sentiment --data data/sentiment --to models/artifacts/sentiment
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console
from rich.progress import Progress
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from models.search.dense import TextEncoder, Vectors
from models.sentiment import (
    LABELS,
    Examples,
    SentimentError,
    SentimentHead,
    expected_calibration_error,
    read_examples,
    softmax,
)
from parley_encoder import Encoder, EncoderError

STRENGTHS = (1.0, 3.0, 10.0, 30.0)
"""Inverse regularisation strengths that are tried."""

TEMPERATURES = tuple(round(0.2 * 1.02**step, 4) for step in range(163))
"""From 0.2 to 5 in steps of 2 %."""

FOLDS = 5
SEED = 7


def train(examples: Examples, vectors: Vectors, encoder: TextEncoder) -> SentimentHead:
    """Fit multinomial logistic regression; strength and temperature are chosen by cross-validation.

    ``vectors`` has one unit vector per example. The same input gives the same head.
    """
    truth = np.array([LABELS.index(label) for label in examples.labels])
    held_out = {strength: _held_out_logits(vectors, truth, strength) for strength in STRENGTHS}
    temperatures = {strength: _temperature(logits, truth) for strength, logits in held_out.items()}
    losses = {s: _log_loss(held_out[s] / temperatures[s], truth) for s in STRENGTHS}
    strength = min(STRENGTHS, key=lambda s: losses[s])
    probabilities = softmax(held_out[strength] / temperatures[strength])
    model = _fitted(vectors, truth, strength)
    facts = {
        "data_sha256": examples.sha256,
        "examples": examples.counts,
        "strength": strength,
        "cross_validated": {
            "folds": FOLDS,
            "accuracy": round(float((probabilities.argmax(axis=1) == truth).mean()), 4),
            "log_loss": round(losses[strength], 4),
            "calibration_error": round(expected_calibration_error(probabilities, truth), 4),
        },
    }
    return SentimentHead(
        weights=model.coef_.T.astype(np.float32).copy(),
        bias=model.intercept_.astype(np.float32),
        temperature=temperatures[strength],
        encoder=encoder.fingerprint,
        facts=facts,
    )


def _fitted(vectors: Vectors, truth: npt.NDArray[np.int64], strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=2000).fit(vectors, truth)


def _held_out_logits(
    vectors: Vectors, truth: npt.NDArray[np.int64], strength: float
) -> npt.NDArray[np.float64]:
    logits = np.empty((len(vectors), len(LABELS)))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for kept, held_out in folds.split(vectors, truth):
        logits[held_out] = _fitted(vectors[kept], truth[kept], strength).decision_function(vectors[held_out])
    return logits


def _temperature(logits: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> float:
    return min(TEMPERATURES, key=lambda temperature: _log_loss(logits / temperature, truth))


def _log_loss(logits: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> float:
    return float(-np.log(softmax(logits)[np.arange(len(truth)), truth] + 1e-12).mean())


def main(
    data: Annotated[Path, typer.Option(help="Folder of .tsv files: label, tab, text.")] = Path(
        "data/sentiment"
    ),
    to: Annotated[Path, typer.Option(help="Folder to write.")] = Path("models/artifacts/sentiment"),
    encoder: Annotated[Path, typer.Option(help="Folder of the encoder.")] = Path("models/artifacts/encoder"),
) -> None:
    """Train the sentiment head and store it."""
    console = Console(stderr=True)
    try:
        examples = read_examples(data)
        loaded = Encoder.load(encoder, threads=1)
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("Encoding", total=len(examples.texts))
            vectors = loaded.encode(examples.texts, progress=lambda done: progress.advance(task, done))
        # These products are small: on a busy machine BLAS threads wait for each other longer than they work.
        with console.status("Fitting and calibrating …"), threadpool_limits(1):
            head = train(examples, vectors, loaded)
        head.save(to)
    except (SentimentError, EncoderError, OSError) as exc:
        console.print(f"[red]The sentiment head was not trained:[/red] {exc}", highlight=False)
        raise typer.Exit(1) from exc
    measured = head.facts["cross_validated"]
    console.print(
        f"Sentiment head written to {to}: {sum(examples.counts.values())} examples, "
        f"accuracy {measured['accuracy']:.3f}, calibration error {measured['calibration_error']:.3f} in {FOLDS} folds."
    )


if __name__ == "__main__":
    typer.run(main)
