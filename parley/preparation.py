"""What must be right before the processes start: artifacts, database, the imported shop and the gazetteer."""

from __future__ import annotations

import hashlib
from pathlib import Path

from crm import storage
from crm.database import Database
from crm.seed import seed
from crm.services import catalogue
from crm.shop import load_shop
from models import catalogue_files
from parley.catalogue import record
from parley.catalogue.discovered import completed
from parley.catalogue.gazetteer_file import GazetteerFile
from parley.errors import NotReady, SettingsError
from parley.settings import Settings


def check_artifacts(settings: Settings) -> None:
    """Raises NotReady naming what `make setup` has to build."""
    for path in (settings.bot_python, settings.bot_model, settings.artifacts / "encoder" / "manifest.json"):
        if not path.exists():
            raise NotReady(f"{path} is missing. Build it with: make setup")


async def prepare(settings: Settings, *, force: bool = False) -> str:
    """Bring database and gazetteer up to date; returns what was done in words, or nothing when all was.

    The shop's files are imported when they have changed since the last time, so that stock and prices kept in the
    database aren't set back at every start; `force` imports them anyhow. Where the catalogue came from
    `parley catalogue import`, the folder's products and customers stay out, and only its staff is entered.
    """
    done = []
    if not settings.shop.is_dir():
        raise SettingsError(
            f"PARLEY_SHOP: {settings.shop} is no folder; name one like data/shop, with catalogue.jsonl and shop.toml"
        )
    settings.state.mkdir(parents=True, exist_ok=True)
    if not await storage.is_current(settings.database_url):
        await storage.migrate(settings.database_url)
        done.append("migrated")
    database = Database.connect(settings.database_url)
    try:
        digest = _digest(settings.shop)
        stamp = settings.state / "shop.sha256"
        async with database.read() as uow:
            empty = (await catalogue.counts(uow)).for_sale == 0
        if force or empty or not stamp.exists() or stamp.read_text() != digest:
            # What only the processes read is read here too, so that a slip in it stops the import, not a process.
            load_shop(settings.shop)
            catalogue_files.read(settings.shop)
            async with database.write() as uow:
                # A record beside an empty shop is another database's.
                own = record.read(settings.state) is not None and not (force or empty)
                report = await seed(uow, settings.shop, staff_only=own)
                await uow.commit()
            stamp.write_text(digest)
            if force:
                record.forget(settings.state)
            done.append(str(report))
        if done or not settings.gazetteer.exists():
            await write_gazetteer(database, settings)
    finally:
        await database.close()
    return ", ".join(done)


async def write_gazetteer(database: Database, settings: Settings) -> None:
    """Tell the bot what is in the catalogue: it reads the file again when it changes."""
    async with database.read() as uow:
        version = await catalogue.version(uow)
        products = await catalogue.all_active(uow)
    vocabulary = completed(catalogue_files.read(settings.shop), products)
    GazetteerFile(settings.gazetteer).follow(products, vocabulary, version=version)


def _digest(folder: Path) -> str:
    sha = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()
