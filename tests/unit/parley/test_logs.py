"""Log lines: an operator always gets a trace, and never what a customer said."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from crm.errors import StorageUnavailable
from parley.logs import trace

TYPED = "my name is Zebulon Quill"


def _raised(act: object) -> BaseException:
    try:
        assert callable(act)
        act(TYPED)
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_a_trace_shows_where_it_broke_and_not_on_what() -> None:
    shown = trace(_raised(int))
    assert "ValueError" in shown
    assert 'test_logs.py", line' in shown
    assert "Zebulon" not in shown


def test_a_trace_shows_what_caused_an_error_first() -> None:
    def breaks(value: str) -> None:
        try:
            dict[str, str]()[value]
        except KeyError as error:
            raise StorageUnavailable("the database is away") from error

    shown = trace(_raised(breaks))
    assert shown.index("KeyError") < shown.index("StorageUnavailable: the database is away")
    assert "Zebulon" not in shown


def test_a_trace_of_a_database_error_names_its_kind_and_no_values() -> None:
    engine = create_engine("sqlite://")

    def insert(value: str) -> None:
        with engine.connect() as connection:
            connection.execute(text("INSERT INTO nowhere VALUES (:value)"), {"value": value})

    error = _raised(insert)
    engine.dispose()
    assert isinstance(error, SQLAlchemyError)
    assert "Zebulon" in str(error)
    shown = trace(error)
    assert "OperationalError SQLITE_ERROR" in shown
    assert "Zebulon" not in shown


def test_every_error_of_a_group_is_in_the_trace() -> None:
    def breaks(value: str) -> None:
        raise BaseExceptionGroup(
            value, [_raised(int), _raised(float), OSError(28, "No space left on device")]
        )

    shown = trace(_raised(breaks))
    assert shown.count("ValueError") == 2
    assert "No space left on device" in shown
    assert "Zebulon" not in shown


def test_both_kinds_of_loggers_print_discreet_traces_in_a_real_process() -> None:
    program = f"""
import logging, structlog
from parley import logs
logs.configure("INFO")
def breaks(typed):
    return int(typed)
for log in (structlog.get_logger(), logging.getLogger("uvicorn.error")):
    try:
        breaks({TYPED!r})
    except ValueError:
        log.exception("it_broke")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.count("it_broke") == 2
    assert done.stderr.count("ValueError") == 2
    assert "in breaks" in done.stderr
    assert "Quill" not in done.stderr
