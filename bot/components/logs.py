"""The bot's logging: traces have their frames and the errors' types, never messages or variables.

Those would quote customers: a driver's message holds a statement's values, a parser's its input, and Rasa's own
set-up would print every frame's variables.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from typing import Any

import structlog


def configure(level: str) -> None:
    """Rasa logs message texts at DEBUG and actions' errors with their bodies: nothing below `level` is formatted."""
    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.ExceptionRenderer(lambda raised: trace(raised[1])),
            structlog.processors.LogfmtRenderer(key_order=["event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(max(logging.getLevelName(level), logging.INFO)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class DiscreetFormatter(logging.Formatter):
    """The standard library's records, with such traces."""

    def formatException(self, ei: Any) -> str:
        return trace(ei[1]) if ei and ei[1] else "no exception"


def trace(error: BaseException) -> str:
    """The frames of an exception and of what caused it, oldest first."""
    return "\n".join(line for one in _with_causes(error) for line in _lines(one))


def _lines(error: BaseException) -> Iterator[str]:
    for frame in traceback.format_tb(error.__traceback__):
        yield from frame.rstrip().splitlines()
    said = f": {error}" if isinstance(error, (OSError, ImportError)) else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{said}"


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _with_causes(earlier)
    yield error
