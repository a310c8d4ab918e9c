"""`parley staff`: who works here, in which role, and who has left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crm.database import Database, UnitOfWork
from crm.services import users
from crm.services.users import UserView
from parley.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The staff list: list, add, role, leave.")
console = Console(highlight=False)
T = TypeVar("T")

Email = Annotated[str, typer.Argument(metavar="E-MAIL", help="As Slack knows it.")]
RoleName = Annotated[str, typer.Option(help="agent, rep, manager or admin.")]


@app.command(name="list")
def list_() -> None:
    """Everybody who works here, with their role."""
    table = Table("e-mail", "name", "role")
    for user in _with(users.all_active):
        table.add_row(user.email, escape(user.name), user.role)
    console.print(table)


@app.command()
def add(
    email: Email, name: Annotated[str, typer.Option(help="First and last name.")], role: RoleName
) -> None:
    """Add somebody, or bring back somebody who had left."""

    async def act(uow: UnitOfWork) -> UserView:
        await users.ensure(uow, email=email, name=name, role=users.checked_role(role))
        return await users.change(uow, email, role=users.checked_role(role), active=True)

    _tell(_with(act, write=True))


@app.command()
def role(email: Email, role: Annotated[str, typer.Argument(help="agent, rep, manager or admin.")]) -> None:
    """Give somebody another role. It counts from their next message on."""
    _tell(_with(lambda uow: users.change(uow, email, role=users.checked_role(role)), write=True))


@app.command()
def leave(email: Email) -> None:
    """Somebody has left: they may do nothing any more. What they did stays in the records."""
    user = _with(lambda uow: users.change(uow, email, active=False), write=True)
    console.print(f"{user.email} is off the list.")


def _tell(user: UserView) -> None:
    console.print(f"{user.email}: {user.role}")


def _with(act: Callable[[UnitOfWork], Awaitable[T]], *, write: bool = False) -> T:
    """Run one unit of work against the configured database; committed when `write`."""

    async def run() -> T:
        database = Database.connect(Settings.load().database_url)
        try:
            async with database.write() if write else database.read() as uow:
                result = await act(uow)
                if write:
                    await uow.commit()
                return result
        finally:
            await database.close()

    return asyncio.run(run())
