"""The `parley` command line."""

from __future__ import annotations

import sys

import typer

from parley.cli import catalogue, chat, data, inbox, orders, recommend, sales, serve, staff
from parley.errors import ParleyError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Typer's own traces show variables: secrets, and what customers wrote.
    pretty_exceptions_enable=False,
    help="Parley, a conversational sales assistant.",
)
serve.register(app)
data.register(app)
chat.register(app)
app.add_typer(inbox.app, name="inbox")
app.add_typer(staff.app, name="staff")
app.add_typer(orders.app, name="orders")
app.add_typer(recommend.app, name="recommend")
app.add_typer(sales.app, name="sales")
app.add_typer(catalogue.app, name="catalogue")


def main() -> None:
    """Run the command line; an error of ours or of the system (a full disk) is one line, never a trace."""
    from crm.errors import CrmError
    from models.catalogue_files import CatalogueFileError

    try:
        app()
    except (ParleyError, CrmError, CatalogueFileError) as exc:
        typer.echo(f"✗ {exc}", err=True)
        sys.exit(1)
    except OSError as exc:
        what = exc.strerror or type(exc).__name__
        typer.echo(f"✗ {what}: {exc.filename}" if exc.filename else f"✗ {what}", err=True)
        sys.exit(1)
