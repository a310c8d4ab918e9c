"""Writing artifacts so that a reader finds the old one or the new one, never half of one."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write ``content`` beside ``path`` and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def mapped(path: Path) -> npt.NDArray[Any]:
    """An .npy file's array, read when it is used; processes that map the same file share its memory.

    A plain array: NumPy's own memmap class does work of its own with each slice.
    """
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


@contextmanager
def folder_swapped_in(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends without an error it replaces ``target``.

    A failure leaves ``target`` as it was and removes the unfinished folder.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        yield unfinished
        unfinished.chmod(0o755)
        retired = unfinished.with_name(unfinished.name + ".old")
        if target.exists():
            target.replace(retired)
        unfinished.replace(target)
        shutil.rmtree(retired, ignore_errors=True)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
