"""`parley catalogue import`, without its command line: check the file, write the products, keep the record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crm import storage
from crm.catalogue_import import FileMapping, Notes, Spool, check_file, write
from crm.database import Database
from crm.services.catalogue import ImportReport
from crm.shop import load_shop
from models import catalogue_files
from models.catalogue_files import CatalogueFileError
from models.vocabulary import Vocabulary
from parley.catalogue import record
from parley.errors import SettingsError
from parley.settings import Settings

Advance = Callable[[str, int, int], None]
"""Told a step's name, how much of it is done, and how much it is in all."""


@dataclass(frozen=True)
class Imported:
    """What an import did, and what an operator should know of the file."""

    report: ImportReport
    notes: Notes


def read_vocabulary(settings: Settings) -> Vocabulary:
    """The shop's vocabulary. Raises SettingsError naming file, key and fix."""
    try:
        return catalogue_files.read(settings.shop)
    except CatalogueFileError as exc:
        raise SettingsError(str(exc)) from exc


async def import_file(
    settings: Settings,
    path: Path,
    *,
    mapping: Path | None = None,
    withdraw_missing: bool = False,
    keep_stock: bool = False,
    problems_shown: int = 20,
    advance: Advance = lambda step, done, total: None,
) -> Imported:
    """Import a catalogue file into the configured shop, all of it or nothing.

    Raises CrmError (CatalogueRefused with the rows to put right) or ParleyError; nothing was written then.
    """
    policy = load_shop(settings.shop).policy
    vocabulary = read_vocabulary(settings)
    columns = FileMapping() if mapping is None else FileMapping.read(mapping)
    with Spool() as spool:
        notes = await asyncio.to_thread(
            check_file,
            path,
            spool,
            mapping=columns,
            currency=policy.currency,
            categories=vocabulary.categories.values(),
            attributes=dict(vocabulary.attributes),
            progress=lambda done, size: advance("Checking", done, size),
            problems_shown=problems_shown,
        )
        if not await storage.is_current(settings.database_url):
            await storage.migrate(settings.database_url)
        database = Database.connect(settings.database_url, policy=policy)
        try:
            report = await _written(database, spool, withdraw_missing, keep_stock, advance)
        finally:
            await database.close()
        record.write(
            settings.state,
            record.ImportRecord(
                file=path.name,
                at=datetime.now(UTC),
                products=len(spool),
                added=report.added,
                changed=report.changed,
                withdrawn=report.withdrawn,
                unchanged=report.unchanged,
            ),
        )
    return Imported(report, notes)


async def _written(
    database: Database, spool: Spool, withdraw_missing: bool, keep_stock: bool, advance: Advance
) -> ImportReport:
    done = 0

    def count(products: int) -> None:
        nonlocal done
        done += products
        step, of_step = ("Comparing", done) if done <= len(spool) else ("Writing", done - len(spool))
        advance(step, of_step, len(spool))

    return await write(
        database, spool, withdraw_missing=withdraw_missing, keep_stock=keep_stock, progress=count
    )
