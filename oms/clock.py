"""The time, in one place, so that a test can say what it is."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_FIXED: ContextVar[datetime | None] = ContextVar("fixed_time", default=None)


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return _FIXED.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Generator[None]:
    """Let the clock stand at `moment` inside the block."""
    token = _FIXED.set(moment)
    try:
        yield
    finally:
        _FIXED.reset(token)
