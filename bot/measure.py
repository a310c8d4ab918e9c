"""Trains a pipeline on a set of sentences and lets it read others, for the evaluation.

    python measure.py --texts texts.json --to readings.json --model bot.tar.gz [--train set.json --config config.yml]

`texts.json` is `{"<part>": ["text", …]}`; the answer holds the same parts with one reading a text: the intents best
first, what was found, and the milliseconds of the whole parse. `evaluation/understanding.py` runs it in this
environment.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")

from components.large_pages import use_large_pages  # noqa: E402 - the threads are set first
from components.lean import leave_out_tensorflow  # noqa: E402

WARM_UP = 20
PROGRESS_EVERY = 50


def main() -> None:
    """The command line; each line on standard output is the number of texts that have been read."""
    options = _options()
    if not options.tensorflow:  # as `serve.py` begins
        use_large_pages()
        leave_out_tensorflow()
    warnings.simplefilter("ignore")
    logging.basicConfig(level="ERROR")
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    seconds = _train(options) if options.train else None
    parts: dict[str, list[str]] = json.loads(options.texts.read_text(encoding="utf-8"))
    readings = asyncio.run(_read(options.model, parts, as_served=not options.tensorflow))
    answer = {"train_seconds": seconds, "parts": readings}
    options.to.write_text(json.dumps(answer), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("texts", "to", "model"):
        parser.add_argument(f"--{name}", type=lambda p: Path(p).resolve(), required=True)
    for name in ("train", "config"):
        parser.add_argument(f"--{name}", type=lambda p: Path(p).resolve())
    parser.add_argument("--tensorflow", action="store_true", help="the pipeline has components that need it")
    return parser.parse_args()


def _train(options: argparse.Namespace) -> float:
    from rasa.model_training import train_nlu

    began = time.monotonic()
    model = train_nlu(
        config=str(options.config),
        nlu_data=str(options.train),
        output=str(options.model.parent),
        fixed_model_name=options.model.name.removesuffix(".tar.gz"),
    )
    if not model:
        sys.exit(f"{options.train} could not be trained on")
    return time.monotonic() - began


async def _read(
    model: Path, parts: dict[str, list[str]], *, as_served: bool
) -> dict[str, list[dict[str, Any]]]:
    from rasa.core.agent import Agent

    from components import overrides

    if as_served:  # by `serve.py`; a peer is read as Rasa serves it
        overrides.apply_to_reading()
    agent = Agent.load(str(model))
    if not agent.is_ready():
        sys.exit(f"{model} can't be loaded")
    for number in range(WARM_UP):
        await agent.parse_message(f"good morning number {number}")
    if as_served:
        overrides.settle()
    done = 0
    answer: dict[str, list[dict[str, Any]]] = {}
    for part, texts in parts.items():
        answer[part] = []
        for text in texts:
            began = time.perf_counter()
            parsed = await agent.parse_message(text)
            took = (time.perf_counter() - began) * 1000
            answer[part].append({**_kept(parsed), "ms": round(took, 3)})
            done += 1
            if done % PROGRESS_EVERY == 0:
                sys.stdout.write(f"{done}\n")
                sys.stdout.flush()
    every = [reading["ms"] for readings in answer.values() for reading in readings]
    sys.stderr.write(f"parse p50 {statistics.median(every):.2f} ms\n" if every else "")
    return answer


def _kept(parsed: dict[str, Any]) -> dict[str, Any]:
    return {
        "intent": parsed["intent"].get("name"),
        "ranking": [[one["name"], one["confidence"]] for one in parsed.get("intent_ranking", [])],
        "known": parsed["intent"].get("known"),
        "entities": [
            {key: one[key] for key in ("start", "end", "entity", "value", "role") if key in one}
            for one in parsed.get("entities", [])
        ],
        "sentiment": parsed.get("sentiment"),
    }


if __name__ == "__main__":
    main()
