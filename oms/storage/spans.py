"""Where the calendar is cut: days, weeks that begin on Monday, or months, all in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Literal

Span = Literal["day", "week", "month"]


def start(span: Span, moment: datetime) -> datetime:
    """The beginning of the span that a moment lies in."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match span:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)


def end(span: Span, moment: datetime) -> datetime:
    """The beginning of the span that follows."""
    longest = {"day": 1, "week": 7, "month": 31}[span]
    return start(span, start(span, moment) + timedelta(days=longest))


def horizon(span: Span, moment: datetime, *, ahead: int) -> datetime:
    """The end of the last of so many spans that follow the present one."""
    reached = end(span, moment)
    for _ in range(ahead):
        reached = end(span, reached)
    return reached
