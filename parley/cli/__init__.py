"""The `parley` command line."""

from __future__ import annotations

import sys

import typer

from parley.cli import catalogue, data, inbox, recommend, serve
from parley.errors import ParleyError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Parley, a conversational sales assistant."
)
serve.register(app)
data.register(app)
app.add_typer(inbox.app, name="inbox")
app.add_typer(recommend.app, name="recommend")
app.add_typer(catalogue.app, name="catalogue")


def main() -> None:
    """Run the command line; an error of ours is one line, never a trace."""
    from crm.errors import CrmError

    try:
        app()
    except (ParleyError, CrmError) as exc:
        typer.echo(f"✗ {exc}", err=True)
        sys.exit(1)
