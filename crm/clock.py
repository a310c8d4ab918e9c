"""What time it is, as something a caller can hand in."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """The time now, aware, in UTC: the clock used unless another is handed in."""
    return datetime.now(UTC)
