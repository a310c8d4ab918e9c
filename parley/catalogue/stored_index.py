"""The search index on disk, shared by every process that serves it: one builds, the others read what it stored."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog

from models.search import IndexMissing, IndexUnusable, ProductIndex
from models.search.dense import TextEncoder
from models.search.documents import Digests
from models.search.storage import content_of
from models.vocabulary import Product, Vocabulary

log = structlog.get_logger()


class StoredIndex:
    """An index folder. Without a folder (`None`) indexes live in memory alone."""

    def __init__(self, folder: Path | None, encoder: TextEncoder) -> None:
        self._folder = folder
        self._encoder = encoder
        self._digests = Digests()

    @contextmanager
    def built(
        self,
        products: Sequence[Product],
        vocabulary: Vocabulary,
        *,
        version: int,
        previous: ProductIndex | None,
    ) -> Iterator[ProductIndex]:
        """An index of `products`, with what `previous` or the stored one has of it already.

        It is stored when its texts are new, after the block: customers needn't wait for the disk. A disk that is full
        or refuses costs the next start its time, no search.
        """
        digests = self._digests.of(products, vocabulary)

        def build(base: ProductIndex | None) -> ProductIndex:
            return ProductIndex.build(
                products, self._encoder, vocabulary, version=version, previous=base, digests=digests
            )

        if self._folder is None or (previous is not None and previous.content == digests.all):
            yield build(previous)
            return
        with self._one_builder(self._folder):
            wanted = previous is None or content_of(self._folder) == digests.all
            stored = self._load(self._folder, vocabulary) if wanted else None
            kept = stored is not None and stored.content == digests.all
            index = build(stored if kept or previous is None else previous)
            yield index
            if not kept:
                self._save(self._folder, index)

    def _load(self, folder: Path, vocabulary: Vocabulary) -> ProductIndex | None:
        try:
            return ProductIndex.load(folder, self._encoder, vocabulary)
        except IndexMissing:
            return None
        except IndexUnusable as exc:
            log.warning("search_index_built_anew", reason=str(exc))
            return None

    @staticmethod
    def _save(folder: Path, index: ProductIndex) -> None:
        try:
            index.save(folder)
        except OSError as exc:
            log.warning("search_index_not_stored", folder=str(folder), reason=exc.strerror)

    @staticmethod
    @contextmanager
    def _one_builder(folder: Path) -> Iterator[None]:
        """Wait while another process builds; its index is then there to be read."""
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            lock = folder.with_name(folder.name + ".lock").open("a")
        except OSError:  # then nothing is stored either
            yield
            return
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
