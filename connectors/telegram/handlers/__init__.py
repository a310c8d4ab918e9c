"""The handlers, one kind of update a file. The first that wants an update has it."""

from typing import Any

from telegram.ext import BaseHandler

from connectors.telegram.desk import Desk
from connectors.telegram.handlers import (
    blocked,
    commands,
    ending,
    group,
    pages,
    press,
    start,
    stop,
    words,
)

MODULES = (group, blocked, start, stop, commands, pages, ending, press, words)


def all_handlers(desk: Desk) -> tuple[BaseHandler[Any, Any, Any], ...]:
    """A handler of each module, in the order in which they are asked."""
    return tuple(module.handler(desk) for module in MODULES)
