"""Follows the catalogue's version: search index, vocabulary and gazetteer are brought in step with each change.

Only what changed is read. The new index is built aside, in a thread, and swapped in whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from crm.database import Database
from crm.services import catalogue
from crm.views import Product
from models.search import ProductIndex
from models.search.dense import TextEncoder
from models.vocabulary import Vocabulary
from parley.catalogue.discovered import completed
from parley.catalogue.gazetteer_file import GazetteerFile
from parley.catalogue.stored_index import StoredIndex

log = structlog.get_logger()


@dataclass(frozen=True)
class Shelf:
    """The catalogue as of `version`: what is for sale, by SKU, with the index made of exactly that."""

    version: int
    products: tuple[Product, ...]
    vocabulary: Vocabulary
    index: ProductIndex


class CatalogueFollower:
    """Holds the current `shelf`; `refresh` looks for a change. One caller at a time."""

    def __init__(
        self,
        database: Database,
        vocabulary: Vocabulary,
        encoder: TextEncoder,
        *,
        index_folder: Path | None = None,
        gazetteer: Path | None = None,
        serve: Callable[[Shelf], None] = lambda shelf: None,
    ) -> None:
        """`serve` is given each new shelf at once, in a thread: storing the index and telling the bot come later."""
        self._database = database
        self._vocabulary = vocabulary
        self._serve = serve
        self._stored = StoredIndex(index_folder, encoder)
        self._gazetteer = None if gazetteer is None else GazetteerFile(gazetteer)
        self.shelf: Shelf | None = None

    async def refresh(self) -> bool:
        """Bring all in step with the database; tells whether there was a change. Raises StorageError."""
        version, products = await self._read()
        changed = products is not None
        if products is not None:
            await asyncio.to_thread(self._stock, version, products)
        elif self._gazetteer is not None and self._gazetteer.disturbed():
            await asyncio.to_thread(self._tell_bot)
        return changed

    async def _read(self) -> tuple[int, tuple[Product, ...] | None]:
        """The catalogue's version and, when it is another than the shelf's, what is for sale."""
        async with self._database.read() as uow:
            version = await catalogue.version(uow)
            if self.shelf is None or version < self.shelf.version:
                return version, tuple(await catalogue.all_active(uow))
            if version == self.shelf.version:
                return version, None
            moved = await catalogue.changed_since(uow, self.shelf.version)
        return version, await asyncio.to_thread(_merged, self.shelf.products, moved)

    def _stock(self, version: int, products: tuple[Product, ...]) -> None:
        """The new shelf serves as soon as it is made; the bot is told, and the index stored, after that."""
        vocabulary = completed(self._vocabulary, products)
        previous = None if self.shelf is None else self.shelf.index
        with self._stored.built(products, vocabulary, version=version, previous=previous) as index:
            self.shelf = Shelf(version, products, vocabulary, index)
            self._serve(self.shelf)
            log.info("search_index_built", version=version, products=len(products))
            self._tell_bot()

    def _tell_bot(self) -> None:
        if self._gazetteer is None or self.shelf is None:
            return
        shelf = self.shelf
        try:
            written = self._gazetteer.follow(
                shelf.products, shelf.vocabulary, version=shelf.version, content=shelf.index.content
            )
        except OSError as exc:  # tried again with the next look; search is right meanwhile
            log.warning("gazetteer_not_written", reason=exc.strerror)
        else:
            if written:
                log.info("gazetteer_written", version=shelf.version)


def _merged(known: tuple[Product, ...], moved: list[Product]) -> tuple[Product, ...]:
    by_sku = {product.sku: product for product in known}
    for product in moved:
        if product.active:
            by_sku[product.sku] = product
        else:
            by_sku.pop(product.sku, None)
    return tuple(by_sku[sku] for sku in sorted(by_sku))
