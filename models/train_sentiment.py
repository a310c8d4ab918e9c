"""Trains the sentiment head on the shop's labelled texts.

python -m models.train_sentiment --data data/sentiment --to models/artifacts/sentiment
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console
from rich.progress import Progress
from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]  # ships no types
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from models.sentiment import (
    Examples,
    SentimentError,
    expected_calibration_error,
    read_examples,
    save,
    softmax,
)
from parley_encoder import Encoder, EncoderError
from parley_encoder.sentiment import LABELS, SentimentHead, Terms, dense_features, terms_of

STRENGTHS = (0.5, 1.0, 2.0, 4.0)
"""Inverse regularisation strengths that are tried."""

TEMPERATURES = tuple(round(0.2 * 1.02**step, 4) for step in range(163))
"""From 0.2 to 5 in steps of 2 %."""

FEWEST_TEXTS = 2
"""A word or pair of words counts when it stands in so many texts."""

FOLDS = 5
Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


def train(examples: Examples, middle: Floats, fingerprint: str) -> SentimentHead:
    """Fit multinomial logistic regression; strength and temperature are chosen by cross-validation.

    Each fold keeps whole files back, a file being about one kind of thing: what is chosen must hold for things that
    nobody wrote about.
    ``middle`` holds what the encoder of this fingerprint knows of each example. The same input gives the same head.
    """
    truth = np.array([LABELS.index(label) for label in examples.labels])
    terms = known_terms(examples.texts)
    dense = dense_features(examples.texts, middle)
    features = hstack([csr_matrix(dense), _term_matrix(examples.texts, terms)]).tocsr()
    held_out = {s: _held_out_logits(features, truth, examples.files, s) for s in STRENGTHS}
    temperatures = {strength: _temperature(logits, truth) for strength, logits in held_out.items()}
    losses = {s: _losses(held_out[s] / temperatures[s], truth) for s in STRENGTHS}
    strength = simplest(losses)
    probabilities = softmax(held_out[strength] / temperatures[strength])
    weights = _fitted(features, truth, strength)
    coefficients = weights.coef_.T.astype(np.float32)
    facts = {
        "data_sha256": examples.sha256,
        "examples": examples.counts,
        "strength": strength,
        "cross_validated": {
            "folds": FOLDS,
            "accuracy": round(float((probabilities.argmax(axis=1) == truth).mean()), 4),
            "sign_accuracy": round(_sign_accuracy(probabilities, truth), 4),
            "log_loss": round(float(losses[strength].mean()), 4),
            "calibration_error": round(expected_calibration_error(probabilities, truth), 4),
        },
    }
    return SentimentHead(
        weights=coefficients[: dense.shape[1]].copy(),
        term_weights=coefficients[dense.shape[1] :].copy(),
        bias=weights.intercept_.astype(np.float32),
        terms=terms,
        temperature=temperatures[strength],
        encoder=fingerprint,
        facts=facts,
    )


def known_terms(texts: Sequence[str]) -> Terms:
    """The words and pairs that stand in FEWEST_TEXTS of the texts or more, with their smoothed rarity."""
    counts = Counter(term for text in texts for term in terms_of(text))
    names = sorted(term for term, count in counts.items() if count >= FEWEST_TEXTS)
    rarity = [math.log((1 + len(texts)) / (1 + counts[name])) + 1 for name in names]
    return Terms({name: row for row, name in enumerate(names)}, np.array(rarity, np.float32))


def _term_matrix(texts: Sequence[str], terms: Terms) -> csr_matrix:
    found = [terms.of(text) for text in texts]
    ends = np.cumsum([0, *(len(rows) for rows, _ in found)])
    columns = [row for rows, _ in found for row in rows]
    values = np.concatenate([shares for _, shares in found])
    return csr_matrix((values, columns, ends), shape=(len(texts), len(terms.rows)))


def _fitted(features: csr_matrix, truth: Numbers, strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=300).fit(features, truth)


def _held_out_logits(
    features: csr_matrix, truth: Numbers, files: Sequence[str], strength: float
) -> npt.NDArray[np.float64]:
    logits = np.empty((len(truth), len(LABELS)))
    folds = GroupKFold(min(FOLDS, len(set(files))))
    for kept, held_out in folds.split(truth, truth, files):
        fitted = _fitted(features[kept], truth[kept], strength)
        logits[held_out] = fitted.decision_function(features[held_out])
    return logits


def _sign_accuracy(probabilities: npt.NDArray[np.float64], truth: Numbers) -> float:
    """How often the score's sign is right where the text isn't neutral."""
    positive = probabilities[:, 2] > probabilities[:, 0]
    told = truth != LABELS.index("neutral")
    return float((positive == (truth == LABELS.index("positive")))[told].mean())


def _temperature(logits: npt.NDArray[np.float64], truth: Numbers) -> float:
    return min(TEMPERATURES, key=lambda temperature: _log_loss(logits / temperature, truth))


def _log_loss(logits: npt.NDArray[np.float64], truth: Numbers) -> float:
    return float(_losses(logits, truth).mean())


def _losses(logits: npt.NDArray[np.float64], truth: Numbers) -> npt.NDArray[np.float64]:
    losses: npt.NDArray[np.float64] = -np.log(softmax(logits)[np.arange(len(truth)), truth] + 1e-12)
    return losses


def simplest(losses: Mapping[float, npt.NDArray[np.float64]]) -> float:
    """The strongest regularisation whose loss is within one standard error of the least (the rule of Breiman et al.,
    1984): what is no better for certain isn't worth fitting our own phrases more closely.
    """
    least = min(losses.values(), key=lambda one: float(one.mean()))
    bound = float(least.mean() + least.std() / math.sqrt(len(least)))
    return min(strength for strength, one in losses.items() if float(one.mean()) <= bound)


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
            middle = loaded.middle(examples.texts, progress=lambda done: progress.advance(task, done))
        # These products are small: on a busy machine BLAS threads wait for each other longer than they work.
        with console.status("Fitting and calibrating …"), threadpool_limits(1):
            head = train(examples, middle, loaded.fingerprint)
        save(head, to)
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
