"""An index on disk: a folder with a manifest that names its format, its encoder and its files' checksums."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from models.files import folder_swapped_in, sha256_of
from models.search.errors import IndexCorrupt, IndexMissing, IndexStale

_T = TypeVar("_T")

FORMAT = 4
"""Raised with every change of what is stored or of how texts become words: an older index is built anew."""
MANIFEST = "manifest.json"


@contextmanager
def writing(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Path]:
    """Give a folder to write the index to; with its manifest it replaces ``folder`` when the block ends well."""
    with folder_swapped_in(folder) as unfinished:
        yield unfinished
        files = {path.name: sha256_of(path) for path in sorted(unfinished.iterdir())}
        content = {"format": FORMAT, **manifest, "files": files}
        (unfinished / MANIFEST).write_text(
            json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8"
        )


def content_of(folder: Path) -> str | None:
    """What the manifest says of the content, unchecked; None where there is no index to speak of."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return None
    return str(manifest.get("content")) if isinstance(manifest, dict) else None


def reading(folder: Path, fingerprint: str, read: Callable[[dict[str, Any]], _T]) -> _T:
    """Check the manifest and the files, then ``read``. Raises IndexMissing, IndexStale or IndexCorrupt."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise IndexMissing(f"{folder} holds no search index") from exc
    except (ValueError, OSError) as exc:
        raise IndexCorrupt(f"{path} can't be read: {exc}") from exc
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise IndexStale(f"{folder} has another format than {FORMAT}")
    if manifest.get("encoder") != fingerprint:
        raise IndexStale(f"the index in {folder} was made with another encoder")
    try:
        for name, expected in manifest["files"].items():
            if sha256_of(folder / name) != expected:
                raise IndexCorrupt(f"{folder / name} differs from its checksum")
        return read(manifest)
    except (OSError, KeyError, ValueError, AttributeError) as exc:
        raise IndexCorrupt(f"the index in {folder} is damaged: {exc}") from exc
