"""Trains the mini bot: `python -m tests.mini.train <target>`."""

from __future__ import annotations

import sys
from pathlib import Path

from train import train

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    train(Path(sys.argv[1]), domain=HERE / "domain.yml", config=HERE / "config.yml", data=(HERE / "data",))
