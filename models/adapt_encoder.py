"""Adapts the sentence encoder to the bot's intents: training sentences in, a second int8 ONNX encoder out.

python -m models.adapt_encoder --data data/nlu --to models/artifacts/adapted
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.progress import Progress
from tokenizers import Tokenizer

from models.adaptation import AdaptationError
from models.adaptation.sentences import Sentences, read_sentences
from models.adaptation.tower import Tower, lower_states
from models.adaptation.training import Settings, adapt
from models.encoder_export.graph import Weights
from models.encoder_export.weights import Source, SourceUnusable, installed_source
from models.export_encoder import export


@dataclass(frozen=True)
class Adapted(Source):
    """The published model with its upper layers replaced."""

    learned: Weights = field(default_factory=dict)

    def weights(self) -> Weights:
        return {**super().weights(), **self.learned}


def adapted(source: Source, sentences: Sentences, settings: Settings, progress: Progress) -> Adapted:
    """Learn from the sentences and the intents' names."""
    every = sentences.with_names()
    names = list(sentences.names)
    weights, architecture = source.weights(), source.architecture()
    tokenizer = Tokenizer.from_file(str(source.tokenizer))
    states = lower_states(every.texts, tokenizer, weights, architecture, settings.frozen)
    tower = Tower(weights, architecture, settings.frozen)
    task = progress.add_task("Adapting the encoder", total=None)
    adapt(
        tower,
        states,
        [names.index(intent) for intent in every.intents],
        settings,
        progress=lambda done, total: progress.update(task, completed=done, total=total),
    )
    return Adapted(source.folder, source.version, tower.published())


def digest_of(sentences: Sentences) -> str:
    """SHA-256 of the sentences and intents, in order."""
    lines = (f"{intent}\t{text}" for intent, text in zip(sentences.intents, sentences.texts, strict=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def main(
    data: Annotated[Path, typer.Option(help="Folder of Rasa's NLU files, or one JSON file.")] = Path(
        "data/nlu"
    ),
    to: Annotated[Path, typer.Option(help="Folder to write.")] = Path("models/artifacts/adapted"),
    threads: Annotated[int, typer.Option(help="Cores to use.")] = 2,
) -> None:
    """Adapt the encoder and store it."""
    console = Console(stderr=True)
    torch.set_num_threads(threads)
    try:
        sentences = read_sentences(data)
        with Progress(console=console, transient=True) as progress:
            result = adapted(installed_source(), sentences, Settings(), progress)
        manifest = export(result, to)
    except (AdaptationError, SourceUnusable, OSError) as exc:
        console.print(f"[red]The encoder was not adapted:[/red] {exc}", highlight=False)
        raise typer.Exit(1) from exc
    console.print(
        f"Adapted to {len(sentences.names)} intents by {len(sentences.texts)} sentences; written to {to} "
        f"({manifest.fingerprint[:12]})."
    )


if __name__ == "__main__":
    typer.run(main)
