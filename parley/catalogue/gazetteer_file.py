"""The bot's gazetteer on disk, kept in step with the catalogue whoever changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models import gazetteer
from models.vocabulary import Product, Vocabulary

Stamp = tuple[int, int, int]


class GazetteerFile:
    """Written when its words change, and not for a change of stock: the bot reads all of it again each time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._digest = ""
        self._content = ""

    def follow(
        self, products: Sequence[Product], vocabulary: Vocabulary, *, version: int, content: str = ""
    ) -> bool:
        """Bring the file in step with the catalogue's ``version``; tells whether it had to be written.

        ``content`` identifies the catalogue's texts, where known: the same again, as after a sale, costs nothing.
        Raises OSError, and then the file is as it was.
        """
        if content and content == self._content and not self.disturbed():
            return False
        self._content = ""
        wanted = gazetteer.build(products, vocabulary.categories, vocabulary.attributes, version=version)
        digest = _digest(wanted)
        if self.disturbed():
            self._digest = self._read()
        if digest == self._digest:
            self._stamp, self._content = _stamp(self._path), content
            return False
        self._stamp = None
        gazetteer.write(self._path, wanted)
        self._digest, self._stamp, self._content = digest, _stamp(self._path), content
        return True

    def disturbed(self) -> bool:
        """Whether the file isn't the one seen last: another process wrote it, or it is gone."""
        stamp = _stamp(self._path)
        return stamp is None or stamp != self._stamp

    def _read(self) -> str:
        try:
            return _digest(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, AttributeError):
            return ""


def _stamp(path: Path) -> Stamp | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _digest(content: dict[str, Any]) -> str:
    """Of the words alone: the version rises with each sale."""
    words = {key: value for key, value in content.items() if key != "version"}
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()
