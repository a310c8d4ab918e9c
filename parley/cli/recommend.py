"""`parley recommend report`: what was shown, opened, put into the cart and bought, for each strategy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.bar import Bar
from rich.console import Console
from rich.table import Table

from crm.database import Database
from crm.services import exposures
from crm.services.exposures import StrategyReport
from parley.cli.charts import Share, bar_chart
from parley.settings import Settings

app = typer.Typer(no_args_is_help=True, help="How the recommendations do.")
console = Console(highlight=False)

TITLE = "Recommendations"
SERIES = ("click-through", "conversion")
COLOURS = ("blue", "yellow")
BAR_WIDTH = 32

Day = typer.Option(metavar="YYYY-MM-DD", formats=["%Y-%m-%d"])


@app.callback()
def recommend() -> None:
    """How the recommendations do."""


@app.command()
def report(
    *,
    since: Annotated[datetime | None, Day] = None,
    until: Annotated[datetime | None, Day] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for other programs.")] = False,
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw a chart into this file too.")
    ] = None,
) -> None:
    """What customers were shown, and what they opened, put into the cart and bought, for each strategy.

    --since and --until are days in UTC, both included.
    """
    if since and until and since > until:
        raise typer.BadParameter(f"--until {until:%Y-%m-%d} is before --since {since:%Y-%m-%d}; swap them")
    if chart is not None and chart.suffix.lower() != ".svg":
        raise typer.BadParameter(f"--chart: {chart.name} would be an SVG file; name it {chart.stem}.svg")
    found = asyncio.run(_read(since, until))
    period = _period(since, until)
    if as_json:
        typer.echo(json.dumps({"since": _day(since), "until": _day(until), "strategies": _records(found)}))
    elif not found:
        console.print(f"Nothing was shown {period}.")
    else:
        console.print(_table(found, f"{TITLE} {period}"), _bars(found))
    if chart is not None:
        _draw(chart, found, period)
        if not as_json:
            console.print(f"Chart: {chart}")


async def _read(since: datetime | None, until: datetime | None) -> list[StrategyReport]:
    database = Database.connect(Settings.load().database_url)
    try:
        async with database.read() as uow:
            return await exposures.report(
                uow,
                since=since and since.replace(tzinfo=UTC),
                until=until and until.replace(tzinfo=UTC) + timedelta(days=1),
            )
    finally:
        await database.close()


def _shares(one: StrategyReport) -> tuple[Share, Share]:
    """Click-through and conversion, as `SERIES` names them."""
    return Share.of(one.opened, one.shown), Share.of(one.bought, one.shown)


def _label(one: StrategyReport) -> str:
    return one.strategy.replace("_", " ")


def _table(found: Sequence[StrategyReport], title: str) -> Table:
    table = Table("strategy", title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("shown", "opened", "in cart", "bought", *SERIES):
        table.add_column(name, justify="right")
    for one in found:
        counts = (one.shown, one.opened, one.carted, one.bought)
        rates = (f"{rate:.1%}" for rate in (one.click_through, one.conversion))
        table.add_row(_label(one), *(f"{count:,}" for count in counts), *rates)
    return table


def _bars(found: Sequence[StrategyReport]) -> Table:
    """A bar for each share, all on one scale, with its 95 % confidence interval."""
    shares = [_shares(one) for one in found]
    most = max((share.value for pair in shares for share in pair), default=0.0) or 1.0
    grid = Table.grid(padding=(0, 1))
    for one, pair in zip(found, shares, strict=True):
        for number, share in enumerate(pair):
            bar = Bar(most, 0, share.value, width=BAR_WIDTH, color=COLOURS[number])
            grid.add_row("" if number else f" {_label(one)}", f"[dim]{SERIES[number]}[/dim]", bar, share.text)
    return grid


def _records(found: Sequence[StrategyReport]) -> list[dict[str, Any]]:
    records = []
    for one in found:
        click_through, conversion = _shares(one)
        records.append(
            {
                "strategy": one.strategy,
                "shown": one.shown,
                "opened": one.opened,
                "carted": one.carted,
                "bought": one.bought,
                "click_through": round(click_through.value, 4),
                "click_through_95": [round(click_through.low, 4), round(click_through.high, 4)],
                "conversion": round(conversion.value, 4),
                "conversion_95": [round(conversion.low, 4), round(conversion.high, 4)],
            }
        )
    return records


def _draw(path: Path, found: Sequence[StrategyReport], period: str) -> None:
    note = f"Share of showings {period}; the lines are 95% confidence intervals"
    svg = bar_chart(TITLE, note, SERIES, [(f"{_label(one)} ({one.shown:,})", _shares(one)) for one in found])
    try:
        path.write_text(svg, encoding="utf-8")
    except OSError as exc:
        raise typer.BadParameter(f"--chart: {path} can't be written: {exc.strerror}") from exc


def _period(since: datetime | None, until: datetime | None) -> str:
    if since and until:
        return f"from {since:%Y-%m-%d} to {until:%Y-%m-%d}"
    if since:
        return f"since {since:%Y-%m-%d}"
    return f"until {until:%Y-%m-%d}" if until else "so far"


def _day(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d}" if moment else None
