"""`parley run`, `status` and `stop`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from types import FrameType

import typer
from rich.console import Console
from rich.table import Table

from parley import preparation, supervision
from parley.settings import Settings

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(status)
    app.command()(stop)


def run() -> None:
    """Prepare the database, start every process, wait until all are ready and print the demo shop's address."""
    os.umask(0o077)  # databases and logs are this user's alone, whatever the shell's habit
    settings = Settings.load()
    supervisor = supervision.Supervisor(settings)
    preparation.check_artifacts(settings)
    supervisor.check_ports()
    _prepare(settings)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _interrupt)
    console.print("▸ starting the bot, the action server and the web channel …")
    try:
        supervisor.start()
        for name, seconds in supervisor.wait_until_ready():
            console.print(f"✓ {name} is ready after {seconds:.1f} s")
        console.print(f"\n  The demo shop with its assistant: [bold]{settings.public_url}[/bold]")
        console.print(f"  Chat API: {settings.public_url}docs", soft_wrap=True)
        console.print(f"  Logs: {settings.state / 'log'}", soft_wrap=True)
        console.print("  Ctrl-C stops everything.\n")
        supervisor.wait()
    except KeyboardInterrupt:
        console.print("\nStopping …")
    finally:
        supervisor.stop()
    console.print("Stopped.")


def status() -> None:
    """Tell how each process is."""
    settings = Settings.load()
    states = supervision.states(settings)
    if not states:
        typer.echo("Parley isn't running. Start it with: make run")
        raise typer.Exit(1)
    table = Table("process", "state", "since")
    for state in states:
        table.add_row(state["name"], state["statename"].lower(), state["description"])
    console.print(table)


def stop() -> None:
    """Stop a Parley that runs with this state folder."""
    typer.echo("Stopped." if supervision.shut_down(Settings.load()) else "Parley isn't running.")


def _prepare(settings: Settings) -> None:
    began = time.monotonic()
    report = asyncio.run(preparation.prepare(settings))
    if report:
        console.print(f"✓ database: {report} ({time.monotonic() - began:.1f} s)")


def _interrupt(signum: int, frame: FrameType | None) -> None:
    if signum != signal.SIGINT and not sys.stdout.isatty():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
