"""`parley sales`: what reps follow up: quotes and appointments."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from babel.numbers import format_currency
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crm.database import Database, UnitOfWork
from crm.sales_views import QuoteStatus, QuoteView
from crm.services import appointments, quotes, users
from crm.shop import load_shop
from parley.errors import SettingsError
from parley.settings import Settings

app = typer.Typer(no_args_is_help=True, help="For sales reps: quotes and appointments.")
console = Console(highlight=False)
T = TypeVar("T")

EVERY: tuple[QuoteStatus, ...] = ("open", "expired", "accepted", "withdrawn")
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The quote's number, such as QU-1234-5674.")]
Staff = Annotated[
    str, typer.Option("--as", envvar="PARLEY_AGENT", help="Your e-mail, as the shop's staff list has it.")
]


@app.command(name="quotes")
def list_quotes(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Expired, accepted and withdrawn ones too.")
    ] = False,
) -> None:
    """Open quotes, the newest first: who was offered what, and until when."""
    found = _with(lambda uow: quotes.listed(uow, statuses=EVERY if everything else ("open",)))
    if not found:
        console.print("There are no quotes." if everything else "There are no open quotes.")
        return
    table = Table("number", "status", "valid until", "total", "for", "company", "what")
    for one in found:
        table.add_row(
            one.number,
            one.status,
            f"{one.valid_until}",
            _money(one, "total"),
            escape(f"{one.name} <{one.email}>" if one.email else ""),
            escape(one.company or ""),
            escape(", ".join(f"{line.quantity} × {line.name}" for line in one.lines)),
        )
    console.print(table)


@app.command()
def quote(number: Number) -> None:
    """One quote with its lines and sums."""
    found = _with(lambda uow: quotes.get(uow, number.strip().upper()))
    console.print(f"[bold]{found.number}[/bold]  {found.status}, valid until {found.valid_until}")
    console.print(escape(f"{found.name} <{found.email}>{f', {found.company}' if found.company else ''}"))
    for line in found.lines:
        off = f" (list {line.list_price})" if line.unit_price != line.list_price else ""
        console.print(escape(f"{line.quantity} × {line.name} at {line.unit_price}{off} = {line.line_total}"))
    sums = f"delivery {_money(found, 'delivery')}, total {_money(found, 'total')}, without VAT {_money(found, 'net')}"
    console.print(f"{sums}{f', order {found.order}' if found.order else ''}")


@app.command()
def withdraw(number: Number, staff: Staff) -> None:
    """Take an open quote back; the customer can't accept it any more."""

    async def act(uow: UnitOfWork) -> QuoteView:
        user = await users.by_email(uow, staff)
        if user is None or not user.active:
            raise SettingsError(f"--as: nobody works here as {staff!r}")
        return await quotes.withdraw(uow, number.strip().upper(), actor=f"user:{user.id}")

    found = _with(act, write=True)
    console.print(f"{found.number} is withdrawn.")


@app.command(name="appointments")
def list_appointments() -> None:
    """Booked appointments that aren't over, the next first, in the shop's time."""
    opening = load_shop(Settings.load().shop).policy.selling.opening
    found = _with(appointments.upcoming)
    if not found:
        console.print("Nothing is booked.")
        return
    table = Table("when", "who", "reach", "about", "conversation")
    for one in found:
        table.add_row(
            f"{opening.local(one.starts_at):%a %Y-%m-%d %H:%M}–{opening.local(one.ends_at):%H:%M}",
            escape(one.name),
            escape(", ".join(filter(None, (one.phone, one.email)))),
            escape(one.topic[:80]),
            (one.conversation_id or "")[:8],
        )
    console.print(table)


def _money(found: QuoteView, what: str) -> str:
    return str(format_currency(getattr(found, what), found.currency, locale="en"))


def _with(act: Callable[[UnitOfWork], Awaitable[T]], *, write: bool = False) -> T:
    """Run one unit of work against the configured database; committed when `write`."""

    async def run() -> T:
        settings = Settings.load()
        database = Database.connect(settings.database_url, policy=load_shop(settings.shop).policy)
        try:
            async with database.write() if write else database.read() as uow:
                result = await act(uow)
                if write:
                    await uow.commit()
                return result
        finally:
            await database.close()

    return asyncio.run(run())
