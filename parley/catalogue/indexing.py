"""Building the stored index right after an import, where the operator sees how far it is.

A running action server finds it finished, and one that starts later needn't encode for minutes before it is ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from crm.database import Database
from crm.services import catalogue
from crm.views import Product
from parley.catalogue.discovered import completed
from parley.catalogue.importing import read_vocabulary
from parley.catalogue.stored_index import StoredIndex
from parley.settings import Settings
from parley_encoder import ArtifactMissing, Encoder


class Reporting:
    """An encoder that tells how many texts it has done, and of how many."""

    def __init__(self, encoder: Encoder, tell: Callable[[int, int], None]) -> None:
        self._encoder = encoder
        self._tell = tell

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> Any:
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            self._tell(done, len(texts))

        return self._encoder.encode(texts, batch_size=batch_size, progress=count)


def index_catalogue(
    settings: Settings, tell: Callable[[int, int], None] = lambda done, total: None, *, threads: int = 1
) -> int | None:
    """Store an index of what is for sale; gives how many products, or None when the encoder isn't built yet.

    It works in the calling thread, so that an interrupt ends it at once; what was stored before stays.
    """
    try:
        encoder = Encoder.load(settings.artifacts / "encoder", threads=threads)
    except ArtifactMissing:
        return None
    version, products = asyncio.run(_for_sale(settings))
    vocabulary = completed(read_vocabulary(settings), products)
    stored = StoredIndex(settings.search_index, Reporting(encoder, tell))
    with stored.built(products, vocabulary, version=version, previous=None) as index:
        return len(index)


async def _for_sale(settings: Settings) -> tuple[int, list[Product]]:
    database = Database.connect(settings.database_url)
    try:
        async with database.read() as uow:
            return await catalogue.version(uow), await catalogue.all_active(uow)
    finally:
        await database.close()
