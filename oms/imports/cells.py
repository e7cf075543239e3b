"""Read the cells of a table: each reader takes a cell's text and returns its value.

A reader raises `ValueError` with a reason that fits behind the column's name. Readers are called
for every cell of files with millions of rows, so each does the common case first.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

Read = Callable[[str], Any]

_FLAGS: Final = {
    "true": True, "yes": True, "1": True,
    "false": False, "no": False, "0": False,
}  # fmt: skip


def text(most: int) -> Read:
    """Text of one to `most` characters; spaces around it are not part of it."""

    def read(cell: str) -> str:
        value = cell.strip()
        if 0 < len(value) <= most and "\x00" not in value:
            return value
        if not value:
            raise ValueError("is empty")
        if len(value) > most:
            raise ValueError(f"has {len(value)} characters, and at most {most} fit")
        raise ValueError("has a NUL character in it")

    return read


def whole(least: int, most: int) -> Read:
    """A whole number in a range."""

    def read(cell: str) -> int:
        digits = cell.strip()
        bare = digits[1:] if digits[:1] == "-" else digits
        if not (bare.isascii() and bare.isdigit() and len(bare) <= 18):
            raise ValueError("is not a whole number")
        value = int(digits)
        if value < least:
            raise ValueError(f"is less than {least}")
        if value > most:
            raise ValueError(f"is more than {most:,}")
        return value

    return read


def degrees(most: float) -> Read:
    """A coordinate in degrees, with a point as the decimal mark."""

    def read(cell: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise ValueError("is not a number of degrees such as 39.75")
        if not -most <= value <= most:
            raise ValueError(f"does not lie between -{most:g} and {most:g}")
        return value

    return read


def flag(cell: str) -> bool:
    """Yes or no, in the ways that programs write them."""
    try:
        return _FLAGS[cell.strip().lower()]
    except KeyError:
        raise ValueError("is neither true nor false") from None


def one_of(members: type[StrEnum]) -> Read:
    """One of a few words."""
    known = {member.value: member for member in members}

    def read(cell: str) -> StrEnum:
        try:
            return known[cell.strip()]
        except KeyError:
            raise ValueError(f"is none of {', '.join(known)}") from None

    return read


def moment(cell: str) -> datetime:
    """A moment with its zone, as ISO 8601 writes it."""
    try:
        value = datetime.fromisoformat(cell.strip())
    except ValueError:
        raise ValueError("is no date and time such as 2026-05-01T12:00:00Z") from None
    if value.tzinfo is None:
        raise ValueError("does not say its time zone; write it like 2026-05-01T12:00:00Z")
    return value.astimezone(UTC)


def typed(kind: Any) -> Read:
    """A value of one of the kinds in `oms.values`, which are told from text."""
    adapter: TypeAdapter[Any] = TypeAdapter(kind)

    @lru_cache(maxsize=10_000)  # a column has few such values, and many rows
    def read(cell: str) -> Any:
        try:
            return adapter.validate_python(cell.strip())
        except ValidationError as error:
            [fault, *_] = error.errors(include_url=False)
            reason = fault["msg"].removeprefix("Value error, ")
            raise ValueError(reason[:1].lower() + reason[1:]) from None

    return read


def or_else(read: Read, default: Any) -> Read:
    """A cell that may be empty."""

    def optional(cell: str) -> Any:
        return read(cell) if cell and not cell.isspace() else default

    return optional


def spans(cell: str) -> tuple[tuple[int, str, str], ...]:
    """Opening hours, such as `mon-fri 09:00-20:00; sat,sun 11:00-17:00`.

    Returns (weekday, opens, closes) with 0 for Monday.
    """
    found = []
    for part in cell.split(";"):
        days, _, times = part.strip().lower().partition(" ")
        opens, _, closes = times.strip().partition("-")
        found += [(day, _clock(opens), _clock(closes)) for day in _weekdays(days)]
        if _clock(opens) >= _clock(closes):
            raise ValueError(f"closes at {closes}, which is not after it opens at {opens}")
    found.sort()
    for (day, _, closes), (next_day, opens, _) in pairwise(found):
        if day == next_day and opens < closes:
            raise ValueError(f"has hours of {_WEEK[day]} that overlap")
    return tuple(found)


_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS_LIKE: Final = "is not of the form mon-fri 09:00-20:00; sat,sun 11:00-17:00"


def _weekdays(said: str) -> list[int]:
    days: list[int] = []
    for piece in said.split(","):
        first, dash, last = piece.partition("-")
        if first not in _WEEK or (dash and last not in _WEEK):
            raise ValueError(_HOURS_LIKE)
        begin = _WEEK.index(first)
        days += range(begin, (_WEEK.index(last) if dash else begin) + 1)
    if not days:
        raise ValueError(_HOURS_LIKE)
    return days


def _clock(said: str) -> str:
    """A local time as HH:MM, which sorts like the time."""
    hour, _, minute = said.strip().partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise ValueError(_HOURS_LIKE)
    return f"{int(hour):02}:{int(minute):02}"
