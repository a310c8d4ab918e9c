"""Secrets that an operator didn't set: made once, kept in the state folder, readable by its owner alone."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Final

FILE_NAME: Final = "secrets.json"
PLACEHOLDERS: Final = frozenset({"change-me", "changeme", "secret", "placeholder"})


def stored_secrets(folder: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Return a secret for each name, making those that `folder/secrets.json` lacks.

    Two processes that start at once agree: the file is created exclusively, and the loser reads the winner's.
    """
    path = folder / FILE_NAME
    folder.mkdir(parents=True, exist_ok=True)
    known = _read(path)
    if all(name in known for name in names):
        return known
    merged = {name: secrets.token_urlsafe(32) for name in names} | known
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(merged, file)
    if known:
        temporary.replace(path)
        return merged
    try:
        os.link(temporary, path)
    except FileExistsError:
        return _read(path)
    finally:
        temporary.unlink(missing_ok=True)
    return merged


def _read(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError:
        return {}
