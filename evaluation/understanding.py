"""What the product's pipeline understands of data that it has never seen, beside its peers.

    python -m evaluation.understanding BENCHMARKS [--only NAME …] [--stock]

Trains the pipeline of `bot/config.yml` on every intent set of the folder, as `make train` does, and lets the product's
trained bot read the sentiment sets and the own test set. Prints a table, writes `var/evaluation/understanding.json` and
pictures beside it. The layout and each figure: docs/how-to/evaluate.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped]  # ships no types
    SentimentIntensityAnalyzer,
)

from evaluation import metrics, plots
from evaluation.intent_sets import IntentSet, SetUnreadable, intent_sets, sentiment_sets
from evaluation.own_set import OwnSet, own_set
from evaluation.pipeline import ARTIFACTS, PipelineFailed, Reading, read, timed, train_and_read, value_of
from models.files import write_atomically
from parley.settings import ROOT

TARGET = ROOT / "var" / "evaluation"
WORK = TARGET / "understanding"
RESULT = TARGET / "understanding.json"
STOCK = Path(__file__).with_name("stock_pipeline.yml")
STOCK_SET = "banking77_10"
TIMED, TURNS = 400, 5
"""At most so many texts of the test part are parsed by both bots in each of so many turns."""
VADER_POSITIVE = 0.05
"""From this compound score VADER's authors call a text positive."""

console = Console(highlight=False)
PEERS = {"stock_": "Rasa's default", "vader_": "VADER"}
Figures = dict[str, float]
Advance = Callable[[int], None]


@contextmanager
def counted(progress: Progress, title: str, total: int) -> Any:
    """A line of progress; yields what takes the number done."""
    task = progress.add_task(title, total=total)
    yield lambda done: progress.update(task, completed=done)
    progress.update(task, completed=total)


def intent_figures(data: IntentSet, parts: Mapping[str, Sequence[Reading]]) -> Figures:
    """The figures of one set, without those that the set has no data for."""
    if "test" not in data.parts:
        return {}
    examples, readings = data.parts["test"], parts["test"]
    truth, heard = [e.intent for e in examples], [r.intent for r in readings]
    right = [a == b for a, b in zip(truth, heard, strict=True)]
    figures = {
        "accuracy": metrics.accuracy(truth, heard),
        "f1": metrics.weighted_f1(truth, heard),
        "ece": metrics.calibration([r.confidence for r in readings], right).error,
    }
    if kinds := data.entity_kinds:
        said = [e.entities for e in examples]
        found = [[entity for entity in r.entities if entity.kind in kinds] for r in readings]
        figures["entity_f1"] = metrics.token_f1([e.text for e in examples], said, found)
        figures["entity_span_f1"] = metrics.span_f1(said, found)
    if "oos_test" in data.parts:
        figures |= _scope_figures(data, parts, right)
    figures["parse_ms_p50"] = statistics.median(r.ms for r in readings)
    return figures


def _scope_figures(data: IntentSet, parts: Mapping[str, Sequence[Reading]], right: Sequence[bool]) -> Figures:
    known = [r.known for r in parts["test"]]
    unknown = [r.known for r in parts["oos_test"]]
    rejected, others = [r.rejected for r in parts["test"]], [r.rejected for r in parts["oos_test"]]
    if "valid" in data.parts and "oos_valid" in data.parts:
        tuned = [e.intent == r.intent for e, r in zip(data.parts["valid"], parts["valid"], strict=True)]
        threshold = metrics.best_threshold(
            [r.known for r in parts["valid"]], tuned, [r.known for r in parts["oos_valid"]]
        )
        rejected, others = [score < threshold for score in known], [score < threshold for score in unknown]
    accepted = [hit and not away for hit, away in zip(right, rejected, strict=True)]
    return {
        "auroc": metrics.auroc(known, unknown),
        "in_scope_accuracy": sum(accepted) / len(accepted),
        "oos_recall": sum(others) / len(others),
    }


def sentiment_figures(rows: Sequence[tuple[str, str]], scores: Sequence[float]) -> Figures:
    """Ours and VADER's. Two classes are decided by the sign of the score, three by a third of the scale each."""
    vader = SentimentIntensityAnalyzer()
    truth = [label for _, label in rows]
    if "neutral" in truth:
        ours = [_of_three(score, 1 / 3) for score in scores]
        peers = [_of_three(vader.polarity_scores(text)["compound"], VADER_POSITIVE) for text, _ in rows]
    else:
        ours = ["positive" if score > 0 else "negative" for score in scores]
        compounds = [vader.polarity_scores(text)["compound"] for text, _ in rows]
        peers = ["positive" if compound >= VADER_POSITIVE else "negative" for compound in compounds]
    return {
        "accuracy": metrics.accuracy(truth, ours),
        "macro_f1": metrics.macro_f1(truth, ours),
        "vader_accuracy": metrics.accuracy(truth, peers),
        "vader_macro_f1": metrics.macro_f1(truth, peers),
    }


def _of_three(score: float, edge: float) -> str:
    return "positive" if score >= edge else "negative" if score <= -edge else "neutral"


def evaluate_intents(data: IntentSet, progress: Progress, *, stock: bool) -> Figures:
    """One set's figures, and on the one set that the peer is trained on, the peer's beside them."""
    total = sum(map(len, data.parts.values()))
    with (
        counted(progress, f"{data.name}, learning, %", 100) as learning,
        counted(progress, data.name, total) as done,
    ):
        run = train_and_read(data, WORK, progress=done, learning=learning)
    ours = intent_figures(data, run.parts) | {"train_seconds": run.train_seconds or 0.0}
    _draw(data, run.parts)
    if stock and data.name == STOCK_SET:
        with counted(progress, f"{data.name}, Rasa's default pipeline", total) as done:
            run = train_and_read(data, WORK, progress=done, stock=STOCK)
        peer = intent_figures(data, run.parts) | {"train_seconds": run.train_seconds or 0.0}
        ours |= {f"stock_{figure}": value for figure, value in peer.items()}
        if "test" in data.parts:
            ours |= _parse_figures(data, progress)
    return ours


def _parse_figures(data: IntentSet, progress: Progress) -> Figures:
    """Both bots' median parse, by turns: what else goes on in the machine slows both down."""
    every = [example.text for example in data.parts["test"]]
    texts = every[:: -(-len(every) // TIMED)]
    took: dict[bool, list[float]] = {False: [], True: []}
    with counted(progress, f"{data.name}, parsing by turns", TURNS * len(took)) as done:
        for turn in range(TURNS):
            for stock, times in took.items():
                times += timed(data, WORK, texts, stock=stock)
                done(turn * len(took) + stock + 1)
    ours, peer = statistics.median(took[False]), statistics.median(took[True])
    return {"parse_ms_p50": ours, "stock_parse_ms_p50": peer, "parse_ratio": ours / peer}


def _draw(data: IntentSet, parts: Mapping[str, Sequence[Reading]]) -> None:
    if "test" not in data.parts:
        return
    truth, heard = [e.intent for e in data.parts["test"]], [r.intent for r in parts["test"]]
    plots.confusion(TARGET / f"{data.name}_confusion.png", data.name, truth, heard)
    right = [a == b for a, b in zip(truth, heard, strict=True)]
    measured = metrics.calibration([r.confidence for r in parts["test"]], right)
    plots.reliability(TARGET / f"{data.name}_calibration.png", data.name, measured)


def evaluate_with_the_bot(
    sentiments: Mapping[str, Sequence[tuple[str, str]]], progress: Progress
) -> tuple[dict[str, Figures], Figures]:
    """Sentiment by set and the own test set, read by the product's trained bot."""
    own = own_set(ROOT / "data" / "nlu_test")
    texts = {f"sentiment:{name}": [text for text, _ in rows] for name, rows in sentiments.items()}
    texts |= {"own": [text for text, _ in own.intents], "outside": own.outside}
    texts |= {"entities": [text for text, _ in own.entities]}
    with counted(progress, "the product's bot", sum(map(len, texts.values()))) as done:
        run = read(ARTIFACTS / "rasa" / "bot.tar.gz", texts, WORK / "bot", progress=done)
    figures = {
        name: sentiment_figures(rows, [r.sentiment for r in run.parts[f"sentiment:{name}"]])
        for name, rows in sentiments.items()
    }
    return figures, _own_figures(own, run.parts)


def _own_figures(own: OwnSet, parts: Mapping[str, Sequence[Reading]]) -> Figures:
    truth = [intent for _, intent in own.intents]
    said = [[value_of(entity) for entity in entities] for _, entities in own.entities]
    readings, outside = parts["own"], parts["outside"]
    heard = [r.intent for r in readings]
    right = [a == b for a, b in zip(truth, heard, strict=True)]
    measured = metrics.calibration([r.confidence for r in readings], right)
    plots.confusion(TARGET / "own_confusion.png", "own test set", truth, heard)
    plots.reliability(TARGET / "own_calibration.png", "own test set", measured)
    accepted = [hit and not r.rejected for hit, r in zip(right, readings, strict=True)]
    return {
        "accuracy": metrics.accuracy(truth, heard),
        "f1": metrics.weighted_f1(truth, heard),
        "entity_f1": metrics.value_f1(said, [r.values for r in parts["entities"]]),
        "ece": measured.error,
        "auroc": metrics.auroc([r.known for r in readings], [r.known for r in outside]),
        "in_scope_accuracy": sum(accepted) / len(accepted),
        "oos_recall": sum(r.rejected for r in outside) / len(outside),
        "parse_ms_p50": statistics.median(r.ms for r in readings),
    }


def show(title: str, rows: Mapping[str, Mapping[str, float]]) -> None:
    """A table with a row a figure and a column a set, its peer's beside it: as narrow as a terminal."""
    columns = {
        column: own for name, figures in rows.items() for column, own in _beside_peers(name, figures).items()
    }
    figures = list(dict.fromkeys(name for own in columns.values() for name in own))
    if not figures:
        return
    table = Table(
        Column("figure", no_wrap=True),
        *(Column(name.replace("_", " "), overflow="fold", min_width=_longest_word(name)) for name in columns),
        title=title,
        padding=(0, 1, 0, 0),
    )
    for figure in figures:
        table.add_row(figure, *(_cell(figure, own) for own in columns.values()))
    console.print(table)


def _longest_word(name: str) -> int:
    return max(map(len, name.replace("_", " ").split()))


def _beside_peers(name: str, figures: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """The set's figures by column: ours, and those of each peer that was measured on it."""
    found: dict[str, dict[str, float]] = {name: {}}
    for figure, value in figures.items():
        prefix = next((prefix for prefix in PEERS if figure.startswith(prefix)), "")
        column = f"{name}: {PEERS[prefix]}" if prefix else name
        found.setdefault(column, {})[figure.removeprefix(prefix)] = value
    return found


def _cell(figure: str, figures: Mapping[str, float]) -> str:
    if figure not in figures:
        return ""
    return (
        f"{figures[figure]:.1f}" if figure in ("train_seconds", "parse_ms_p50") else f"{figures[figure]:.3f}"
    )


def run(benchmarks: Path, only: Sequence[str] | None, *, stock: bool) -> dict[str, Any]:
    """Measure and print; each set's figures are stored as soon as they are there, beside those that other runs gave.

    Returns:
        What this run has measured.

    Raises:
        SetUnreadable: a file is malformed.
        PipelineFailed: training or reading failed.
    """
    intents = [data for data in intent_sets(benchmarks) if not only or data.name in only]
    sentiments = {name: rows for name, rows in sentiment_sets(benchmarks).items() if not only or name in only}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    figures: dict[str, Any] = {"intent": {}, "sentiment": {}, "own": {}}
    with Progress(*columns, console=console) as progress:
        for data in intents:
            figures["intent"][data.name] = evaluate_intents(data, progress, stock=stock)
            store(figures)
        if sentiments or not only or "own" in only:
            figures["sentiment"], figures["own"] = evaluate_with_the_bot(sentiments, progress)
            store(figures)
    show("Intents, entities, scope", figures["intent"] | ({"own": figures["own"]} if figures["own"] else {}))
    show("Sentiment", figures["sentiment"])
    return figures


def store(figures: Mapping[str, Any]) -> None:
    """Write them; what the file holds of other sets stays."""
    before = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.is_file() else {}
    kept = {
        "intent": before.get("intent", {}) | figures["intent"],
        "sentiment": before.get("sentiment", {}) | figures["sentiment"],
        "own": figures["own"] or before.get("own", {}),
    }
    write_atomically(RESULT, json.dumps(kept, indent=2) + "\n")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measures what the product's pipeline understands.")
    parser.add_argument("benchmarks", type=Path, help="folder with intent/<set>/ and sentiment/<set>.tsv")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="these sets only; `own` is the own test set"
    )
    parser.add_argument("--stock", action="store_true", help=f"Rasa's default pipeline on {STOCK_SET} too")
    options = parser.parse_args()
    if not options.benchmarks.is_dir():
        sys.exit(f"There is no folder {options.benchmarks}: see docs/how-to/evaluate.md.")
    try:
        run(options.benchmarks, options.only, stock=options.stock)
    except (SetUnreadable, PipelineFailed) as error:
        sys.exit(str(error))
    console.print(f"Written to {RESULT}, with pictures beside it.")


if __name__ == "__main__":
    main()
