"""Secrets that an operator didn't set: made once, kept in the state folder, readable by its owner alone."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from parley.errors import SettingsError

FILE_NAME: Final = "secrets.json"
PLACEHOLDERS: Final = frozenset({"change-me", "changeme", "secret", "placeholder"})


def stored_secrets(folder: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Return a secret for each name, making those that `folder/secrets.json` lacks.

    Two processes that start at once agree: the file is created exclusively, and the loser reads the winner's.
    Raises SettingsError when the file can't be understood; it is left as it is.
    """
    path = folder / FILE_NAME
    folder.mkdir(parents=True, exist_ok=True)
    known = _read(path)
    if all(name in known for name in names):
        return known
    merged = {name: secrets.token_urlsafe(32) for name in names} | known
    with NamedTemporaryFile("w", dir=folder, prefix="secrets.", delete=False) as file:  # mode 0600
        json.dump(merged, file)
    temporary = Path(file.name)
    try:
        if known:
            temporary.replace(path)
            return merged
        os.link(temporary, path)
    except FileExistsError:
        return _read(path)
    finally:
        temporary.unlink(missing_ok=True)
    return merged


def _read(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        known = None
    if not isinstance(known, dict) or not all(isinstance(value, str) for value in known.values()):
        raise SettingsError(
            f"{path} is damaged. Restore it from a backup, or delete it: new secrets are made, and customers begin "
            "new chats."
        )
    return known
