"""What the bot's tests share: the mini bot, trained once, and a server that runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from components.lean import leave_out_tensorflow
from tests.mini.server import MiniBot, free_port, wait_until_ready

leave_out_tensorflow()

BOT = Path(__file__).resolve().parents[1]
ENCODER = BOT.parent / "models" / "artifacts" / "encoder"


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The real encoder, and a sentiment head that knows two directions only."""
    folder = tmp_path_factory.mktemp("artifacts")
    (folder / "encoder").symlink_to(ENCODER)
    (folder / "sentiment").mkdir()
    before = os.environ.get("PARLEY_ARTIFACTS")
    os.environ["PARLEY_ARTIFACTS"] = str(folder)
    from components.artifacts import encoder

    good, bad = encoder().middle(["this is wonderful, thank you", "this is terrible, I am furious"])
    directions = np.stack([bad, np.zeros_like(bad), good], axis=1) * 8
    tensors = {
        "weights": np.vstack([directions, np.zeros((4, 3), np.float32)]),
        "term_weights": np.zeros((1, 3), np.float32),
        "bias": np.array([0, 3, 0], np.float32),
        "rarity": np.ones(1, np.float32),
    }
    save_file(tensors, str(folder / "sentiment" / "head.safetensors"))
    (folder / "sentiment" / "terms.json").write_text('["wonderful"]', encoding="utf-8")
    manifest = {"format": 2, "files": {}, "temperature": 1.0, "encoder": encoder().fingerprint}
    (folder / "sentiment" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    yield folder
    if before is None:
        del os.environ["PARLEY_ARTIFACTS"]
    else:
        os.environ["PARLEY_ARTIFACTS"] = before


@pytest.fixture(scope="session")
def mini_model(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini bot's model, trained by train.py in a process of its own."""
    folder = tmp_path_factory.mktemp("model")
    environment = os.environ | {
        "PARLEY_ARTIFACTS": str(artifacts),
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
    }
    subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-m", "tests.mini.train", str(folder / "mini.tar.gz")],
        cwd=BOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=300,
    )
    return folder / "mini.tar.gz"


@pytest.fixture(scope="session")
def action_server() -> Iterator[int]:
    """The mini bot's action server; its port."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-m", "tests.mini.actions", str(port)], cwd=BOT
    )
    wait_until_ready(f"http://127.0.0.1:{port}/calls")
    yield port
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def bot(
    mini_model: Path, artifacts: Path, action_server: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MiniBot]:
    """A running mini bot that all tests share; each uses conversations of its own."""
    mini = MiniBot(mini_model, artifacts, action_server, tmp_path_factory.mktemp("state") / "bot.db")
    mini.start()
    yield mini
    mini.stop()
