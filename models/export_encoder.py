"""Builds the sentence encoder: published weights in, a verified int8 ONNX folder out.

python -m models.export_encoder --to models/artifacts/encoder
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.encoder_export import graph, quantization
from models.encoder_export.weights import PACKAGE, WEIGHTS_SHA256, Source, SourceUnusable, installed_source
from models.files import folder_swapped_in, sha256_of
from parley_encoder import ArtifactCorrupt, ArtifactMissing, Manifest
from parley_encoder.manifest import (
    MANIFEST_NAME,
    MODEL_NAME,
    TOKENIZER_NAME,
    fingerprint_of,
    read_manifest,
)


def export(source: Source, target: Path) -> Manifest:
    """Write model, tokenizer and manifest to ``target``, replacing what was there in one step.

    The same source gives the same bytes. Nothing is left behind when it fails.
    """
    architecture = source.architecture()
    model = graph.build(source.weights(), architecture)
    with folder_swapped_in(target) as folder:
        (folder / MODEL_NAME).write_bytes(model.SerializeToString(deterministic=True))
        shutil.copyfile(source.tokenizer, folder / TOKENIZER_NAME)
        files = {name: sha256_of(folder / name) for name in (MODEL_NAME, TOKENIZER_NAME)}
        manifest = Manifest(
            model="all-MiniLM-L6-v2",
            dimension=architecture.hidden,
            max_tokens=architecture.max_tokens,
            files=files,
            fingerprint=fingerprint_of(files, architecture.max_tokens),
            source={
                "package": PACKAGE,
                "version": source.version,
                "weights_sha256": WEIGHTS_SHA256,
                "recipe": recipe(),
            },
            quantization=quantization.DESCRIPTION,
        )
        (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def recipe() -> str:
    """SHA-256 of the modules that decide the graph, so that a change of them is seen as a stale encoder."""
    digest = hashlib.sha256()
    for module in sorted(Path(str(graph.__file__)).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()


def main(
    to: Annotated[Path, typer.Option(help="Folder to write.")] = Path("models/artifacts/encoder"),
    force: Annotated[bool, typer.Option(help="Build even when the encoder is up to date.")] = False,
) -> None:
    """Build the sentence encoder from the installed weights."""
    console = Console(stderr=True)
    if not force and (present := _present(to)) is not None:
        console.print(
            f"The encoder in {to} is up to date ({present.fingerprint[:12]}); --force builds it anew."
        )
        return
    try:
        with console.status("Verifying the weights, quantising and writing the graph …"):
            manifest = export(installed_source(), to)
    except (SourceUnusable, OSError) as exc:
        console.print(f"[red]The encoder was not built:[/red] {exc}", highlight=False)
        raise typer.Exit(1) from exc
    size = sum((to / name).stat().st_size for name in manifest.files) / 1e6
    console.print(f"Encoder {manifest.fingerprint[:12]} written to {to} ({size:.0f} MB).")


def _present(folder: Path) -> Manifest | None:
    try:
        manifest = read_manifest(folder)
    except (ArtifactMissing, ArtifactCorrupt):
        return None
    return manifest if manifest.source.get("recipe") == recipe() else None


if __name__ == "__main__":
    typer.run(main)
