"""The two Python environments and what is trained in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.steps import Runner, SetupError, Step, files

UV = "uv==0.13.9"
TORCH = "torch==2.13.0"
BOT_PYTHON = (3, 10)


def plan(root: Path) -> list[Step]:
    """Both environments: Parley's own (Python 3.11 or newer) and the bot's (Python 3.10, for Rasa)."""
    uv = root / ".tools" / "bin" / "uv"
    own, bot = root / ".venv", root / "bot" / ".venv"
    encoder = root / "models" / "encoder" / "pyproject.toml"
    return [
        Step("Installer", lambda run: _installer(run, root), keys=(UV, sys.executable), outputs=(uv,)),
        Step(
            "Parley's environment",
            lambda run: _own_environment(run, root, uv),
            inputs=(root / "requirements.lock", root / "pyproject.toml", encoder),
            outputs=(own / "bin" / "parley",),
        ),
        Step(
            "Bot's environment",
            lambda run: _bot_environment(run, root, uv),
            inputs=(root / "bot" / "requirements.lock", encoder),
            outputs=(bot / "bin" / "rasa",),
        ),
        # To adapt the encoder when the bot is trained; serving never needs it.
        Step(
            "PyTorch",
            lambda run: _torch(run, own, uv),
            keys=(TORCH,),
            inputs=(root / "requirements.lock",),
        ),
    ]


def models_plan(root: Path, *, draft: bool = False) -> list[Step]:
    """Encoder, sentiment, the encoder's tower for the bot, and the bot, each rebuilt only when what it is made from has
    changed. A draft of the bot does without the tower, which takes minutes.
    """
    python, bot_python = root / ".venv" / "bin" / "python", root / "bot" / ".venv" / "bin" / "python"
    artifacts = root / "models" / "artifacts"
    encoder, sentiment, adapted = (artifacts / name for name in ("encoder", "sentiment", "adapted"))
    bot_model = artifacts / "rasa" / "bot.tar.gz"
    locks = (root / "requirements.lock", root / "bot" / "requirements.lock")
    encoder_code = files(root, "models/encoder/parley_encoder/*.py", "models/export_encoder.py")
    built = [
        Step(
            "Encoder",
            lambda run: run.call(
                [python, "-m", "models.export_encoder", "--to", encoder], why="Exporting the encoder failed"
            ),
            inputs=(*encoder_code, *files(root, "models/encoder_export/*.py"), locks[0]),
            outputs=(encoder / "manifest.json",),
        ),
        Step(
            "Sentiment",
            lambda run: run.call(
                [
                    python,
                    "-m",
                    "models.train_sentiment",
                    "--data",
                    root / "data" / "sentiment",
                    "--to",
                    sentiment,
                ],
                why="Training the sentiment model failed",
            ),
            inputs=(
                *encoder_code,
                encoder / "manifest.json",
                *files(root, "data/sentiment/*", "models/sentiment.py", "models/train_sentiment.py"),
            ),
            outputs=(sentiment / "manifest.json",),
        ),
    ]
    tower = [
        Step(
            "Encoder adapted to the bot's sentences",
            lambda run: run.call(
                [
                    python,
                    "-m",
                    "models.adapt_encoder",
                    "--data",
                    root / "data" / "nlu",
                    "--to",
                    adapted,
                    "--shares",
                ],
                why="Adapting the encoder failed",
            ),
            inputs=(
                *encoder_code,
                *files(root, "data/nlu/**/*", "models/adaptation/*.py", "models/adapt_encoder.py"),
                *files(root, "models/encoder_export/*.py"),
                locks[0],
            ),
            outputs=(adapted / "manifest.json",),
        ),
    ]
    bot = [
        Step(
            "Bot",
            lambda run: run.call(
                [bot_python, "train.py"],
                cwd=root / "bot",
                env={"PARLEY_ARTIFACTS": str(artifacts)},
                why="Training the bot failed",
            ),
            inputs=(
                *encoder_code,
                adapted / "manifest.json",
                *files(root, "data/nlu/**/*", "data/rules/**/*", "data/stories/**/*", "data/sentiment/*"),
                *files(root, "bot/*.yml", "bot/*.py", "bot/domain/*", "bot/components/**/*.py"),
                locks[1],
            ),
            outputs=(bot_model,),
        ),
    ]
    return [*built, *([] if draft else tower), *bot]


def _installer(run: Runner, root: Path) -> None:
    folder = root / ".tools"
    run.call(
        [sys.executable, "-m", "venv", "--clear", folder],
        why="Making a virtual environment failed; on Debian: apt-get install python3-venv",
    )
    run.call([folder / "bin" / "python", "-m", "pip", "install", "--quiet", UV], why="Installing uv failed")


def _own_environment(run: Runner, root: Path, uv: Path) -> None:
    python = root / ".venv" / "bin" / "python"
    if not python.exists():
        base = sys.executable if sys.version_info >= (3, 11) else "3.11"
        run.call(
            [uv, "venv", "--python", base, root / ".venv"],
            why="Python 3.11 or newer is needed and could not be found or downloaded",
        )
    run.call(
        [uv, "pip", "install", "--python", python, "--require-hashes", "-r", root / "requirements.lock"],
        why="Installing Parley's requirements failed",
    )
    run.call(
        [
            uv,
            "pip",
            "install",
            "--python",
            python,
            "--no-deps",
            "-e",
            root / "models" / "encoder",
            "-e",
            root,
        ],
        why="Installing Parley failed",
    )


def _torch(run: Runner, environment: Path, uv: Path) -> None:
    """The CPU wheel: from pip's find-links where they are configured, else from PyTorch's own index."""
    command: list[object] = [
        uv,
        "pip",
        "install",
        "--no-config",
        "--python",
        environment / "bin" / "python",
        TORCH,
    ]
    links = os.environ.get("PIP_FIND_LINKS")
    if links:
        run.call(command, env={"UV_FIND_LINKS": links}, why="Installing PyTorch failed")
    else:
        run.call([*command, "--torch-backend=cpu"], why="Installing PyTorch failed")


def _bot_environment(run: Runner, root: Path, uv: Path) -> None:
    python = root / "bot" / ".venv" / "bin" / "python"
    if not python.exists():
        run.call(
            [uv, "venv", "--clear", "--python", _python_310(uv), root / "bot" / ".venv"],
            why="Making the bot's environment failed",
        )
    run.call(
        [
            uv,
            "pip",
            "install",
            "--python",
            python,
            "--require-hashes",
            "-r",
            root / "bot" / "requirements.lock",
        ],
        why="Installing Rasa failed",
    )
    run.call(
        [uv, "pip", "install", "--python", python, "--no-deps", "-e", root / "models" / "encoder"],
        why="Installing the encoder package failed",
    )


def _python_310(uv: Path) -> str:
    """Find Python 3.10, the last that Rasa runs on; raises SetupError with what to do when there is none."""
    on_path = shutil.which("python3.10")
    if on_path and _runs(on_path):
        return on_path
    if shutil.which("pyenv"):
        prefix = _output(["pyenv", "prefix", "3.10"])
        candidate = str(Path(prefix, "bin", "python3.10")) if prefix else ""
        if candidate and _runs(candidate):
            return candidate
    if _output([str(uv), "python", "install", "3.10"]) is not None:
        found = _output([str(uv), "python", "find", "--managed-python", "3.10"])
        if found and _runs(found):
            return found
    raise SetupError(
        "Python 3.10 is needed for the bot (Rasa runs on no newer one) and could not be found or downloaded. "
        "Install it so that `python3.10` runs, with pyenv for instance: pyenv install 3.10"
    )


def _runs(python: str) -> bool:
    """A pyenv shim is on the PATH even where its Python isn't installed, so ask it."""
    return _output([python, "-c", "import sys; print(sys.version_info[:2])"]) == str(BOT_PYTHON)


def _output(command: list[str]) -> str | None:
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return finished.stdout.strip() if finished.returncode == 0 else None
