"""The manifest beside the encoder's files: what they are, and the checksums that prove it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parley_encoder.errors import ArtifactCorrupt, ArtifactMissing

MANIFEST_NAME = "manifest.json"
MODEL_NAME = "model.onnx"
TOKENIZER_NAME = "tokenizer.json"
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """What an encoder folder holds.

    ``files`` maps each file name to its SHA-256 in hexadecimal. ``fingerprint`` identifies the encoder: whatever was
    computed with another fingerprint (an index, a classifier) must be computed anew.
    """

    model: str
    dimension: int
    max_tokens: int
    files: Mapping[str, str]
    fingerprint: str
    source: Mapping[str, Any]
    quantization: Mapping[str, Any]

    def to_json(self) -> str:
        fields = {"format": FORMAT, **self.__dict__}
        return json.dumps(fields, indent=2, sort_keys=True) + "\n"


def fingerprint_of(files: Mapping[str, str], max_tokens: int) -> str:
    """SHA-256 over the checksums and the truncation length, all that decides a vector's value."""
    lines = [f"{name} {checksum}" for name, checksum in sorted(files.items())]
    return hashlib.sha256("\n".join([*lines, f"max_tokens {max_tokens}"]).encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest and every file it names.

    Raises ArtifactMissing or ArtifactCorrupt; a manifest that was returned vouches for the files' content.
    """
    path = folder / MANIFEST_NAME
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise ArtifactMissing(path) from exc
    except (ValueError, OSError) as exc:
        raise ArtifactCorrupt(path, f"can't be read ({exc.__class__.__name__})") from exc
    manifest = _parsed(raw, path)
    for name, expected in manifest.files.items():
        _check(folder / name, expected)
    return manifest


def _parsed(raw: Any, path: Path) -> Manifest:
    try:
        if raw.pop("format") != FORMAT:
            raise ArtifactCorrupt(path, f"has another format than {FORMAT}")
        manifest = Manifest(**raw)
        files = {str(name): str(checksum) for name, checksum in manifest.files.items()}
        consistent = manifest.fingerprint == fingerprint_of(files, manifest.max_tokens)
    except (AttributeError, KeyError, TypeError) as exc:
        raise ArtifactCorrupt(path, f"lacks or misnames a field ({exc})") from exc
    if not consistent or not {MODEL_NAME, TOKENIZER_NAME} <= files.keys():
        raise ArtifactCorrupt(path, "contradicts itself")
    return manifest


def _check(path: Path, expected: str) -> None:
    try:
        found = sha256_of(path)
    except FileNotFoundError as exc:
        raise ArtifactMissing(path) from exc
    if found != expected:
        raise ArtifactCorrupt(path, f"has SHA-256 {found[:12]}…, expected {expected[:12]}…")


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
