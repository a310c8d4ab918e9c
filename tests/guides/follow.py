"""Following a guide to the letter: its files written and its commands run on a copy of the project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADED = re.compile(
    r"^## [^\n]*?: (?P<path>\S+/\S+\.\w+)\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
# Built or installed, and read only: a copy shares them.
SHARED = (".venv", ".tools", "bot/.venv", "models/artifacts/encoder", "models/artifacts/sentiment")
COMMAND_SECONDS = 1500


@dataclass(frozen=True)
class Guide:
    """What a guide tells its reader to write and to type, in order."""

    files: dict[str, str]
    commands: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Guide:
        """A file's name ends its heading; the first block below is its content. Commands stand in `sh` blocks."""
        text = path.read_text(encoding="utf-8")
        files = {}
        for section in HEADED.finditer(text):
            block = BLOCK.search(section["body"])
            assert block is not None, f"{path.name}: no block below the heading of {section['path']}"
            files[section["path"]] = block["text"]
        commands = [
            line
            for block in BLOCK.finditer(text)
            if block["kind"] == "sh"
            for line in block["text"].splitlines()
        ]
        return cls(files, tuple(line for line in commands if line.strip()))


def copy_of_the_project(folder: Path) -> Path:
    """The tracked and new files, with environments and the encoders' artifacts shared."""
    git = shutil.which("git") or "git"
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for name in SHARED:
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(ROOT / name)
    if (ROOT / "var" / "setup").exists():
        shutil.copytree(ROOT / "var" / "setup", folder / "var" / "setup")
    return folder


def run(command: str, folder: Path) -> None:
    """Run a line as a reader types it. Raises AssertionError with its output's end."""
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
