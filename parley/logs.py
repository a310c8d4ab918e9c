"""Logging with fields. Message bodies and personal data never go into a log line.

Exceptions are where they would slip in: a driver's message holds a statement's values, a validator's the input, and
variables hold everything. So a trace here has its frames, and of the messages only those of errors that are known to
quote nobody. `tests/integration/test_logs.py` plays conversations and looks for what was typed.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator

import structlog

from connectors.errors import ConnectorError
from crm.errors import StorageError
from parley.errors import ParleyError

# Their messages are ours or the operating system's, and are written without what a customer said.
SPEAKING = (OSError, ImportError, ParleyError, ConnectorError, StorageError)
QUIETER = ("sanic.access", "uvicorn.access", "httpx", "httpcore", "rasa_sdk", "telegram")


def configure(level: str) -> None:
    """Send structlog and the standard library's logging to standard error, one record a line but for traces."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in QUIETER:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(lambda raised: trace(raised[1])),
            structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "event"], bool_as_flag=False
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


class DiscreetFormatter(logging.Formatter):
    """The standard library's records, with traces that quote nobody. uvicorn's and Sanic's go through it too."""

    def formatException(self, ei: object) -> str:
        error = ei[1] if isinstance(ei, tuple) else None
        return trace(error) if isinstance(error, BaseException) else "no exception"


def trace(error: BaseException) -> str:
    """The frames of an exception and of what caused it, without variables and without what messages may quote."""
    return "\n".join(line for one in _with_causes(error) for line in _lines(one))


def _lines(error: BaseException) -> Iterator[str]:
    for frame in traceback.format_tb(error.__traceback__):
        yield from frame.rstrip().splitlines()
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    said = str(error) if isinstance(error, SPEAKING) else _state(error)
    yield f"{name}: {said}" if said else name


def _state(error: BaseException) -> str:
    """Of a driver's error, which kind it is: enough to look it up, and no values."""
    cause = getattr(error, "orig", error)
    for name in ("sqlstate", "sqlite_errorname"):
        if state := getattr(cause, name, None):
            return f"{type(cause).__name__} {state}"
    return ""


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """What came first, first, as Python prints it."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _with_causes(earlier)
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _with_causes(one)
    yield error
