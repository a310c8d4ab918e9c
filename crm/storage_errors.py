"""Telling a database that is away from one that was asked nonsense."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crm.errors import StorageError, StorageOutdated, StorageUnavailable

# SQLite files everything under OperationalError; these of its codes are the program's fault, not the disk's.
SQLITE_OURS = ("SQLITE_ERROR", "SQLITE_READONLY")


def translate(error: BaseException | None) -> StorageError | None:
    """Our error for one of SQLAlchemy's or the network's, or None when it isn't about the storage."""
    if isinstance(error, OperationalError | ProgrammingError) and _lacks_table(error):
        return StorageOutdated("the database lacks this version's tables; migrate it first")
    if isinstance(error, OperationalError) and _sqlite_code(error).startswith(SQLITE_OURS):
        return None
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | ConnectionError):
        return StorageUnavailable(f"the database is unavailable: {first_line(error)}")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return StorageUnavailable(f"the database went away: {first_line(error)}")
    return None


def _sqlite_code(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlite_errorname", ""))


def _lacks_table(error: DBAPIError) -> bool:
    # 42P01 undefined table, 42703 undefined column: PostgreSQL's documentation, appendix A.
    state = getattr(error.orig, "sqlstate", None)
    return state in ("42P01", "42703") or str(error.orig).startswith(("no such table", "no such column"))


def first_line(error: BaseException) -> str:
    """What the driver says, in one line: what follows is for its developers."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).splitlines() or [type(cause).__name__])[0]
