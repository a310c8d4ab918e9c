"""`parley catalogue`: import the shop's own products, export them, and tell how catalogue and search are."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from crm import catalogue_import
from crm.catalogue_import import Notes
from crm.database import Database
from parley.catalogue import importing, status
from parley.catalogue.indexing import index_catalogue
from parley.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Your own products: import, export, status.")
console = Console(highlight=False)
SHOWN = 8


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Products as .csv or .jsonl.")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="YAML file that says which column is what; not needed for usual names."),
    ] = None,
    *,
    withdraw_missing: Annotated[
        bool, typer.Option("--withdraw-missing", help="Take what the file lacks off sale; orders keep it.")
    ] = False,
    keep_stock: Annotated[
        bool, typer.Option("--keep-stock", help="Leave the stock of products that are known already.")
    ] = False,
    errors: Annotated[int, typer.Option(min=1, help="How many refused cells to list at most.")] = 20,
) -> None:
    """Add and update products by SKU: all of the file, or, when a row is wrong, nothing.

    Search and the bot follow without a restart: within seconds, or for many new texts once they are indexed.
    """
    began = time.monotonic()
    with _bar() as progress:
        imported = asyncio.run(
            importing.import_file(
                Settings.load(),
                file,
                mapping=mapping,
                withdraw_missing=withdraw_missing,
                keep_stock=keep_stock,
                problems_shown=errors,
                advance=_Advance(progress),
            )
        )
    report = imported.report
    console.print(
        f"✓ {file.name}: {report.added:,} added, {report.changed:,} changed, {report.withdrawn:,} withdrawn, "
        f"{report.unchanged:,} as they were ({time.monotonic() - began:.1f} s)"
    )
    _tell(imported.notes)
    began = time.monotonic()
    try:
        with _bar() as progress:
            advance = _Advance(progress)
            indexed = index_catalogue(
                Settings.load(),
                lambda done, total: advance("Indexing", done, total),
                threads=os.cpu_count() or 1,
            )
    except KeyboardInterrupt:
        console.print(
            "The products are imported. The search index isn't built; a running shop builds it by itself."
        )
        raise typer.Exit(130) from None
    if indexed is not None:
        console.print(f"✓ search index: {indexed:,} products ({time.monotonic() - began:.1f} s)")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write: .csv or .jsonl.")],
) -> None:
    """Write what is for sale to a file that `import` takes back unchanged."""

    async def run() -> int:
        database = Database.connect(Settings.load().database_url)
        try:
            with _bar() as progress:
                advance = _Advance(progress)
                return await catalogue_import.export(
                    database, file, progress=lambda done, total: advance("Exporting", done, total)
                )
        finally:
            await database.close()

    console.print(f"✓ {file.name}: {asyncio.run(run()):,} products")


@app.command(name="status")
def status_() -> None:
    """How many products there are, where they came from, and whether search and the bot know them."""
    table = Table(show_header=False, box=None)
    for label, value in asyncio.run(status.lines(Settings.load())):
        table.add_row(label, value)
    console.print(table)


def _tell(notes: Notes) -> None:
    if notes.unused_columns:
        console.print(
            f"  Columns not used: {_listed(notes.unused_columns)}. "
            "To take one in, name it attributes.<name> or map it under attributes:."
        )
    if notes.unknown_categories:
        shown = [f"{slug} ({count:,})" for slug, count in notes.unknown_categories.items()]
        console.print(
            f"  Not in categories.yml: {_listed(shown)}. They work under this name; add them there for synonyms, "
            "or map them under categories:."
        )
    if notes.unknown_attributes:
        console.print(
            f"  Not in attributes.yml: {_listed(notes.unknown_attributes)}. Search finds their text; add them there "
            "for units, labels and comparisons."
        )


def _listed(items: tuple[str, ...] | list[str]) -> str:
    more = len(items) - SHOWN
    return ", ".join(items[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


class _Advance:
    """Moves a bar for each step, made when the step begins."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=total)
        self._progress.update(self._tasks[step], completed=done, total=total)
