"""Where the built models lie.

`PARLEY_ARTIFACTS` names the folder; without it the repository's own `models/artifacts` is used, so that `rasa
train` and `rasa data validate` work from `bot/` without any setting.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parley_encoder import Encoder

DEFAULT_ARTIFACTS = Path(__file__).resolve().parents[2] / "models" / "artifacts"
DEFAULT_GAZETTEER = Path(__file__).resolve().parents[2] / "var" / "gazetteer.json"


def artifacts() -> Path:
    """The folder of the built models."""
    return Path(os.environ.get("PARLEY_ARTIFACTS") or DEFAULT_ARTIFACTS)


def gazetteer_path() -> Path:
    """The file that names what the catalogue holds (`PARLEY_GAZETTEER`)."""
    return Path(os.environ.get("PARLEY_GAZETTEER") or DEFAULT_GAZETTEER)


@functools.lru_cache(maxsize=4)
def _load(folder: Path) -> Encoder:
    from parley_encoder import Encoder

    return Encoder.load(folder, threads=1)


def encoder() -> Encoder:
    """The sentence encoder, loaded once per process.

    Raises:
        RuntimeError: the encoder has not been built; the message says how to build it.
    """
    folder = artifacts() / "encoder"
    if not (folder / "manifest.json").exists():
        raise RuntimeError(
            f"no sentence encoder in {folder}: build it with `python -m models.export_encoder --to {folder}`"
        )
    return _load(folder)


def adapted_encoder() -> Encoder | None:
    """The encoder that was adapted to this bot's intents, loaded once per process; None where none was built."""
    folder = artifacts() / "adapted"
    return _load(folder) if (folder / "manifest.json").exists() else None
