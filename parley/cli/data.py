"""`parley migrate` and `parley import-shop`: the database by hand, for operators who don't start by `make run`."""

from __future__ import annotations

import asyncio

import typer

from crm import storage
from parley import preparation
from parley.settings import Settings


def register(app: typer.Typer) -> None:
    app.command()(migrate)
    app.command(name="import-shop")(import_shop)


def migrate() -> None:
    """Bring the database to this version's schema."""
    asyncio.run(storage.migrate(Settings.load().database_url))
    typer.echo("The database is up to date.")


def import_shop() -> None:
    """Import the shop's folder (catalogue, FAQ, customers) into the database now, all or nothing."""
    done = asyncio.run(preparation.prepare(Settings.load(), force=True))
    typer.echo(done)
