"""Runs the bot's pipeline, or a peer's, in the bot's environment: train on a set, read texts, hand back readings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.intent_sets import Entity, IntentSet
from evaluation.own_set import shop_gazetteer
from parley.settings import ROOT

BOT = ROOT / "bot"
PYTHON = BOT / ".venv" / "bin" / "python"
ARTIFACTS = ROOT / "models" / "artifacts"
FALLBACK = "nlu_fallback"


class PipelineFailed(Exception):
    """The bot's environment reported an error; the message holds its last lines."""


@dataclass(frozen=True)
class Reading:
    """What the pipeline makes of one text.

    `intent` and `confidence` are the best reading, also where the bot would ask; `known` is how sure it is that the
    text is in scope; `values` are the entities as `value_of` writes them; `ms` is the time of the whole parse.
    """

    intent: str
    confidence: float
    known: float
    rejected: bool
    entities: tuple[Entity, ...]
    values: tuple[str, ...]
    sentiment: float
    ms: float

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Reading:
        ranking = [(name, value) for name, value in raw["ranking"] if name != FALLBACK]
        intent, confidence = ranking[0] if ranking else (FALLBACK, 0.0)
        known = raw["known"] if raw["known"] is not None else confidence
        entities = tuple(Entity(e["start"], e["end"], e["entity"]) for e in raw["entities"])
        values = tuple(value_of(e) for e in raw["entities"])
        score = (raw["sentiment"] or {"score": 0.0})["score"]
        return cls(intent, confidence, known, raw["intent"] == FALLBACK, entities, values, score, raw["ms"])


def value_of(entity: Mapping[str, Any]) -> str:
    """An entity's type, value and role as one comparable word."""
    return json.dumps([entity["entity"], entity["value"], entity.get("role")], sort_keys=True)


@dataclass(frozen=True)
class Run:
    """Readings by part; `train_seconds` covers everything from sentences to the trained bot, None without training."""

    train_seconds: float | None
    parts: Mapping[str, Sequence[Reading]]


def train_and_read(
    data: IntentSet,
    work: Path,
    *,
    progress: Callable[[int], None],
    learning: Callable[[int], None] = lambda per_cent: None,
    stock: Path | None = None,
) -> Run:
    """Train the product's pipeline on `data` as `make train` does, or the pipeline of the file `stock`, and let it
    read every part. `progress` takes the number of texts read, `learning` the per cent of the encoder's adaptation that
    is done. Raises PipelineFailed.
    """
    folder = work / data.name / ("stock" if stock else "parley")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "train.json").write_text(json.dumps(data.as_rasa()), encoding="utf-8")
    began = time.monotonic()
    artifacts = ARTIFACTS if stock else _learned(folder, learning)
    before = time.monotonic() - began
    texts = {part: [example.text for example in examples] for part, examples in data.parts.items()}
    answer = _measure(
        folder,
        texts,
        artifacts,
        progress,
        ["--train", folder / "train.json", "--config", stock or BOT / "config.yml"]
        + (["--tensorflow"] if stock else []),
    )
    return Run(before + answer["train_seconds"], _parts(answer))


def timed(data: IntentSet, work: Path, texts: Sequence[str], *, stock: bool) -> list[float]:
    """The milliseconds that the bot trained on `data` takes for each of these texts. Raises PipelineFailed."""
    folder = work / data.name / ("stock" if stock else "parley")
    artifacts = ARTIFACTS if stock else folder / "artifacts"
    options = ["--tensorflow"] if stock else []
    beside = folder / "timed"
    beside.mkdir(exist_ok=True)
    model = folder / "bot.tar.gz"
    answer = _measure(beside, {"timed": texts}, artifacts, lambda read: None, options, model=model)
    return [reading["ms"] for reading in answer["parts"]["timed"]]


def read(
    model: Path, texts: Mapping[str, Sequence[str]], work: Path, *, progress: Callable[[int], None]
) -> Run:
    """Let the trained bot in `model` read. Raises PipelineFailed."""
    work.mkdir(parents=True, exist_ok=True)
    return Run(None, _parts(_measure(work, texts, ARTIFACTS, progress, [], model=model)))


def _learned(folder: Path, learning: Callable[[int], None]) -> Path:
    """The artifacts folder of this set: what is shared by all bots, and what is learned from the sentences."""
    artifacts = folder / "artifacts"
    artifacts.mkdir()
    for shared in ("encoder", "sentiment"):
        (artifacts / shared).symlink_to(ARTIFACTS / shared)
    adapt(folder / "train.json", artifacts / "adapted", folder / "adapt.log", learning)
    return artifacts


def adapt(data: Path, target: Path, log: Path, learning: Callable[[int], None]) -> None:
    """Adapt the encoder as `make train` does. Raises PipelineFailed."""
    command = [sys.executable, "-m", "models.adapt_encoder", "--shares"]
    command += ["--data", str(data), "--to", str(target)]
    with (
        log.open("wb") as errors,
        subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - piped above
        for line in process.stdout:
            if line.strip().isdigit():
                learning(int(line))
    if process.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace")[-1000:]
        raise PipelineFailed(f"the encoder could not be adapted to {data}:\n{tail}")


def _parts(answer: Mapping[str, Any]) -> dict[str, list[Reading]]:
    return {part: [Reading.of(raw) for raw in readings] for part, readings in answer["parts"].items()}


def _measure(
    folder: Path,
    texts: Mapping[str, Sequence[str]],
    artifacts: Path,
    progress: Callable[[int], None],
    options: Sequence[object],
    *,
    model: Path | None = None,
) -> dict[str, Any]:
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    target = folder / "readings.json"
    command = [PYTHON, "measure.py", "--texts", folder / "texts.json", "--to", target]
    command += ["--model", model or folder / "bot.tar.gz", *options]
    log = folder / "measure.log"
    environment = {
        **os.environ,
        "PARLEY_ARTIFACTS": str(artifacts),
        "PARLEY_GAZETTEER": str(shop_gazetteer(ROOT / "data" / "shop", folder / "gazetteer.json")),
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    with (
        log.open("wb") as errors,
        subprocess.Popen(  # noqa: S603 - our own script
            [str(word) for word in command],
            cwd=BOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - piped above
        for line in process.stdout:
            if line.strip().isdigit():
                progress(int(line))
    if process.returncode:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
        raise PipelineFailed(f"the pipeline failed in {folder}:\n{tail}")
    answer: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return answer
