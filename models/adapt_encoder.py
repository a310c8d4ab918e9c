"""Adapts the sentence encoder to the bot's sentences: a second tower for its intents and entities, beside the published
one in one ONNX graph.

python -m models.adapt_encoder --data data/nlu --to models/artifacts/adapted

Towers are trained side by side, each without another tenth of the sentences, and averaged: two, on a core each, or
three where many types of entity are to be told apart.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console
from rich.progress import Progress
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from models.adaptation import AdaptationError, Settings
from models.adaptation.sentences import Sentences, read_sentences
from models.adaptation.tag_head import TagHead, fit_tag_head
from models.adaptation.tagging import tags_of
from models.adaptation.wording import rules_of
from models.encoder_export import graph, quantization
from models.encoder_export.weights import PACKAGE, WEIGHTS_SHA256, Source, SourceUnusable, installed_source
from models.files import folder_swapped_in, sha256_of
from parley_encoder import Manifest
from parley_encoder.manifest import MANIFEST_NAME, MODEL_NAME, TOKENIZER_NAME, fingerprint_of

HEADS, LABELS = "learned.safetensors", "learned.json"
Tensors = Mapping[str, npt.NDArray[np.float32]]


def learned_side_by_side(data: Path, towers: int, progress: Callable[[float], None]) -> list[Tensors]:
    """What each tower has learned; `progress` is called with the share that is done. Raises AdaptationError."""
    shares = [0.0] * towers

    def follow(part: int, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - piped below
        for line in process.stdout:
            done, total = map(int, line.split())
            shares[part] = done / total
            progress(sum(shares) / towers)

    with tempfile.TemporaryDirectory() as place:
        targets = [Path(place, f"{part}.safetensors") for part in range(towers)]
        logs = [target.with_suffix(".log") for target in targets]
        pairs = zip(targets, logs, strict=True)
        processes = [_started(data, part, *pair) for part, pair in enumerate(pairs)]
        threads = [Thread(target=follow, args=pair) for pair in enumerate(processes)]
        try:
            for thread in threads:
                thread.start()
            failed = [log.read_text() for process, log in zip(processes, logs, strict=True) if process.wait()]
        finally:
            for process, thread in zip(processes, threads, strict=True):
                process.kill()
                thread.join()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()
        if failed:
            raise AdaptationError(f"training a tower failed:\n{failed[0][-2000:]}")
        return [load_file(target) for target in targets]


def _started(data: Path, part: int, target: Path, log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "models.adaptation.learn", "--data", str(data)]
    with log.open("w") as errors:
        return subprocess.Popen(  # noqa: S603 - our own module
            [*command, "--part", str(part), "--to", str(target)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=Path(__file__).resolve().parents[1],
        )


def averaged(parts: Sequence[Tensors]) -> dict[str, npt.NDArray[np.float32]]:
    """The mean of all that both have; trained from one beginning, their weights may be averaged (docs/adr/0015)."""
    names = [name for name in parts[0] if not name.startswith("held.")]
    return {name: np.mean([part[name] for part in parts], axis=0, dtype=np.float32) for name in names}


def held_out(parts: Sequence[Tensors], texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.float32]]:
    """Sentences with the logits of a tower that didn't learn from them."""
    rows = [int(row) for part in parts for row in part["held.rows"]]
    return [texts[row] for row in rows], np.concatenate([part["held.logits"] for part in parts])


def export(source: Source, sentences: Sentences, parts: Sequence[Tensors], target: Path) -> Manifest:
    """Write graph, tokenizer, heads and manifest, replacing what was there in one step."""
    settings, learned = Settings(), averaged(parts)
    architecture = source.architecture()
    layers = {
        name.removeprefix("layers."): value for name, value in learned.items() if name.startswith("layers.")
    }
    tags = (
        TagHead(*(learned[f"tags.{name}"] for name in TagHead._fields)) if "tags.weight" in learned else None
    )
    model = graph.build_with_branch(
        source.weights(),
        architecture,
        graph.Branch(settings.frozen, layers, tags and (tags.weight, tags.bias)),
    )
    heads = {"head": np.ascontiguousarray(settings.scale * learned["head"].T)}
    if tags is not None:
        tokenizer = Tokenizer.from_file(str(source.tokenizer))
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length=architecture.max_tokens)
        head = fit_tag_head(model, tokenizer, sentences, tags, settings.seed)
        graph.replace_tag_head(model, head.weight, head.bias)
        look, first, step = rules_of(tokenizer, sentences, settings.seed)
        heads["first"], heads["step"] = head.first + first, head.step + step
        heads["looks"] = look.astype(np.float16)
    texts, heads["said"] = held_out(parts, sentences.texts)
    with folder_swapped_in(target) as folder:
        (folder / MODEL_NAME).write_bytes(model.SerializeToString(deterministic=True))
        shutil.copyfile(source.tokenizer, folder / TOKENIZER_NAME)
        save_file(heads, folder / HEADS)
        labels = {"intents": sentences.names, "tags": tags_of(sentences.kinds), "held_out": texts}
        (folder / LABELS).write_text(json.dumps(labels, indent=1, ensure_ascii=False), encoding="utf-8")
        files = {name: sha256_of(folder / name) for name in (MODEL_NAME, TOKENIZER_NAME, HEADS, LABELS)}
        manifest = Manifest(
            model="all-MiniLM-L6-v2 with a second tower",
            dimension=architecture.hidden,
            max_tokens=architecture.max_tokens,
            files=files,
            fingerprint=fingerprint_of(files, architecture.max_tokens),
            source={"package": PACKAGE, "version": source.version, "weights_sha256": WEIGHTS_SHA256},
            quantization=quantization.DESCRIPTION,
        )
        (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def main(
    data: Annotated[Path, typer.Option(help="Folder of Rasa's NLU files, or one JSON file.")] = Path(
        "data/nlu"
    ),
    to: Annotated[Path, typer.Option(help="Folder to write.")] = Path("models/artifacts/adapted"),
    shares: Annotated[bool, typer.Option(help="Print the share done, a line each per cent.")] = False,
) -> None:
    """Adapt the encoder and store it."""
    console = Console(stderr=True)
    try:
        sentences, source = read_sentences(data), installed_source()
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Adapting the encoder", total=1.0)
            said = -1

            def progress(share: float) -> None:
                nonlocal said
                bar.update(task, completed=share)
                if shares and (per_cent := int(share * 100)) > said:
                    said = per_cent
                    sys.stdout.write(f"{per_cent}\n")
                    sys.stdout.flush()

            towers = Settings().towers_for(len(sentences.kinds))
            parts = learned_side_by_side(data.resolve(), towers, progress)
            manifest = export(source, sentences, parts, to)
    except (AdaptationError, SourceUnusable, OSError) as exc:
        console.print(f"[red]The encoder was not adapted:[/red] {exc}", highlight=False)
        raise typer.Exit(1) from exc
    console.print(
        f"Adapted to {len(sentences.names)} intents and {len(sentences.kinds)} entity types by "
        f"{len(sentences.texts)} sentences; written to {to} ({manifest.fingerprint[:12]})."
    )


if __name__ == "__main__":
    typer.run(main)
