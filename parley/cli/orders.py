"""`parley orders`: what staff do with orders after the chat: payment, parcels, returns, refunds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, TypeVar

import typer
from babel.numbers import format_currency
from rich.console import Console
from rich.markup import escape

from crm import order_number
from crm.aftersales_views import RefundView, ReturnView
from crm.database import Database, UnitOfWork
from crm.services import orders, refunds, returns
from crm.shop import load_shop
from crm.views import OrderView
from parley.settings import Settings

app = typer.Typer(
    no_args_is_help=True, help="Orders: show, pay, ship, deliver, cancel, receive returns, send refunds."
)
console = Console(highlight=False)
T = TypeVar("T")

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The order's number, such as PL-1234-5674.")]
ReturnNumber = Annotated[
    str, typer.Argument(metavar="RETURN", help="The return's number, such as RT-1234-5674.")
]
Reference = Annotated[str | None, typer.Option(help="The bank's or provider's reference.")]


@dataclass(frozen=True)
class _Whole:
    """An order with all that became of it."""

    order: OrderView
    backs: tuple[ReturnView, ...]
    owed: tuple[RefundView, ...]


@app.command()
def show(number: Number) -> None:
    """An order with its lines, returns and refunds."""
    _tell(_with(lambda uow: _whole(uow, _canonical(number))))


@app.command()
def pay(number: Number, reference: Reference = None) -> None:
    """The payment has arrived."""
    _change(number, lambda uow, which: orders.mark_paid(uow, which, reference=reference))


@app.command()
def ship(
    number: Number, tracking: Annotated[str | None, typer.Option(help="The courier's number.")] = None
) -> None:
    """The parcel is on its way; from now on the order can be neither changed nor cancelled."""
    _change(number, lambda uow, which: orders.ship(uow, which, tracking=tracking))


@app.command()
def deliver(number: Number) -> None:
    """The parcel has arrived: the time for returns and the warranty begin."""
    _change(number, orders.deliver)


@app.command()
def cancel(number: Number) -> None:
    """Cancel what isn't sent yet: stock goes back, and a refund is owed when it was paid."""
    _change(number, orders.cancel)


@app.command()
def receive(which: ReturnNumber) -> None:
    """A return is back in the shop: its refund is owed. Put good pieces back into stock yourself."""

    async def act(uow: UnitOfWork) -> _Whole:
        back = await returns.receive(uow, which.strip().upper())
        return await _whole(uow, back.order_number)

    _tell(_with(act, write=True))


@app.command()
def withdraw(which: ReturnNumber) -> None:
    """The customer keeps it after all."""

    async def act(uow: UnitOfWork) -> _Whole:
        back = await returns.withdraw(uow, which.strip().upper())
        return await _whole(uow, back.order_number)

    _tell(_with(act, write=True))


@app.command()
def refunded(number: Number, reference: Reference = None) -> None:
    """The order's open refunds were paid out."""
    _change(number, lambda uow, which: refunds.mark_sent(uow, which, reference=reference))


def _change(number: str, act: Callable[[UnitOfWork, str], Awaitable[object]]) -> None:
    which = _canonical(number)

    async def both(uow: UnitOfWork) -> _Whole:
        await act(uow, which)
        return await _whole(uow, which)

    _tell(_with(both, write=True))


async def _whole(uow: UnitOfWork, number: str) -> _Whole:
    order = await orders.get(uow, number)
    return _Whole(order, await returns.of_order(uow, number), await refunds.of_order(uow, number))


def _tell(whole: _Whole) -> None:
    order = whole.order
    console.print(f"[bold]{order.number}[/bold]  {order.status}  {_money(order.total, order.currency)}")
    console.print(
        escape(", ".join(part for part in (order.name, order.email, *order.address.splitlines()) if part))
    )
    for line in order.lines:
        console.print(f"  {line.quantity} × {escape(line.name)}  {_money(line.line_total, order.currency)}")
    for back in whole.backs:
        pieces = ", ".join(f"{line.left} × {line.name}" for line in back.lines)
        console.print(f"return {back.number}  {back.status}  {back.reason}, {back.wants}  {escape(pieces)}")
    for refund in whole.owed:
        when = f"sent {refund.sent_at:%Y-%m-%d}" if refund.sent_at else f"due {refund.due}"
        console.print(f"refund {_money(refund.amount, refund.currency)}  {refund.reason}  {when}")


def _money(amount: Decimal, currency: str) -> str:
    return str(format_currency(amount, currency, locale="en"))


def _canonical(text: str) -> str:
    """The number as it is stored; what can't be one is looked for as it is, and not found."""
    return order_number.parse(text) or text.strip()


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
