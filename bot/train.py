"""Trains the bot: domain, sentences and rules in, one model file with a fixed name out.

    python train.py [--to ../models/artifacts/rasa/bot.tar.gz]

What has changed neither in data nor in code is taken from Rasa's cache. The same as `rasa train`, without loading
TensorFlow.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import shutil
import sys
import time
import warnings
from pathlib import Path

import structlog

from components.lean import leave_out_tensorflow

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data"
ENCODER = HERE.parent / "models" / "encoder" / "parley_encoder"


def train(
    target: Path,
    *,
    domain: Path = HERE / "domain",
    config: Path = HERE / "config.yml",
    data: tuple[Path, ...] = (DATA / "nlu", DATA / "rules", DATA / "stories"),
) -> Path:
    """Trains to `target`; an existing model is replaced only by a complete one.

    Raises:
        SystemExit: the training data or the configuration is wrong; Rasa has said what.
    """
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(_cache(HERE.parent / "var" / "rasa-cache")))
    leave_out_tensorflow()
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning)
    warnings.filterwarnings("ignore", message="Slot auto-fill has been removed")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    import rasa

    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.parent / "staging"
    result = rasa.train(
        domain=str(domain),
        config=str(config),
        training_files=[str(folder) for folder in data if folder.exists()],
        output=str(staging),
        fixed_model_name=target.name.removesuffix(".tar.gz"),
    )
    if result.code != 0 or not result.model:
        sys.exit("The bot could not be trained.")
    Path(result.model).replace(target)
    staging.rmdir()
    return target


def _cache(folder: Path) -> Path:
    """Rasa's cache for the components as they are now; what older code has learned is deleted.

    Rasa knows a component by its own module alone. What it learned before would be taken for what it would learn with
    other code below it.
    """
    code = hashlib.sha256()
    for path in sorted([*(HERE / "components").rglob("*.py"), *ENCODER.glob("*.py")]):
        code.update(path.read_bytes())
    own = folder / code.hexdigest()[:16]
    for other in folder.glob("*") if folder.is_dir() else ():
        if other != own:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    own.mkdir(parents=True, exist_ok=True)
    return own


def main() -> None:
    """The command line."""
    artifacts = Path(os.environ.get("PARLEY_ARTIFACTS") or HERE.parent / "models" / "artifacts")
    parser = argparse.ArgumentParser(description="Trains the bot.")
    parser.add_argument("--to", type=Path, default=artifacts / "rasa" / "bot.tar.gz")
    target = parser.parse_args().to.resolve()
    os.chdir(HERE)
    started = time.monotonic()
    train(target)
    sys.stdout.write(f"trained {target.name} in {time.monotonic() - started:.1f} s\n")


if __name__ == "__main__":
    main()
