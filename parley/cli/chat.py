"""`parley chat`: talk with the assistant in this terminal, as a customer."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from anyio.from_thread import BlockingPortal, start_blocking_portal
from rich.console import Console

from connectors.gateway import Gateway
from connectors.rasa import RasaClient
from connectors.terminal import Session, TerminalChannel
from crm.database import Database
from crm.shop import load_shop
from parley import logs
from parley.settings import Settings

HISTORY = 500
HINT = (
    "Type what you are looking for; a number presses what stands beside it. /help, /cart, /orders, /human. "
    "Ctrl-C leaves."
)


def register(app: typer.Typer) -> None:
    app.command()(chat)


def chat(
    *, new: Annotated[bool, typer.Option("--new", help="Begin afresh instead of going on.")] = False
) -> None:
    """Talk with the assistant here, as a customer would. Parley must be running."""
    settings = Settings.load()
    logs.configure("ERROR")
    console = Console(highlight=False)
    with _line_editing(settings.state / "chat_history"), start_blocking_portal() as portal:
        gateway, close = portal.call(_open, settings)
        session = Session(gateway, console, who=getpass.getuser())
        try:
            known = portal.call(lambda: session.open(new=new))
            console.print(HINT if not known else "You are back in your conversation. " + HINT, style="dim")
            _talk(portal, session)
        except (KeyboardInterrupt, EOFError):
            console.print("\nGoodbye. `parley chat` goes on from here.", style="dim")
        finally:
            portal.call(close)


def _talk(portal: BlockingPortal, session: Session) -> None:
    """The keyboard is read here, in the main thread, where Ctrl-C arrives; everything else is in the portal's."""
    following = portal.start_task_soon(session.follow)
    try:
        while True:
            line = input("› ")
            if line.strip():
                portal.call(session.say, line)
    finally:
        following.cancel()


async def _open(settings: Settings) -> tuple[Gateway, Callable[[], object]]:
    """A gateway of this process's own, beside that of the web: both keep to what the database says."""
    shop = load_shop(settings.shop)
    database = Database.connect(settings.database_url, policy=shop.policy)
    bot = RasaClient(settings.bot_url, token=settings.bot_token.get_secret_value())
    gateway = Gateway(database, bot, channels=(TerminalChannel(),), holder=f"chat:{os.getpid()}")

    async def close() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await gateway.close()
        await bot.close()
        await database.close()

    return gateway, close


@contextmanager
def _line_editing(history: Path) -> Iterator[None]:
    """Arrow keys and history, where this Python has readline."""
    try:
        import readline
    except ImportError:
        yield
        return
    with contextlib.suppress(OSError):
        readline.read_history_file(history)
    readline.set_history_length(HISTORY)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            readline.write_history_file(history)
            history.chmod(0o600)
