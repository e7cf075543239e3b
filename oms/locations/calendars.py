"""Opening hours in the location's own time zone: when is it open, when is work done."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oms.locations.models import ClosedDay, Location, OpeningHours

_HORIZON_DAYS = 60


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of one location. `spans[weekday]` is a tuple of (opens, closes), local time."""

    zone: ZoneInfo
    spans: tuple[tuple[tuple[time, time], ...], ...]
    closed: frozenset[date] = field(default_factory=frozenset)

    def open_spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Opening spans (UTC) that end after `start`, in order, for the next 60 days."""
        first = start.astimezone(self.zone).date()
        for ahead in range(_HORIZON_DAYS):
            day = first + timedelta(days=ahead)
            if day in self.closed:
                continue
            for opens, closes in self.spans[day.weekday()]:
                begin = datetime.combine(day, opens, self.zone).astimezone(UTC)
                end = datetime.combine(day, closes, self.zone).astimezone(UTC)
                if end > start:
                    yield begin, end

    def is_open(self, moment: datetime) -> bool:
        """Whether the doors are open at that moment."""
        return any(begin <= moment < end for begin, end in _first(self.open_spans(moment)))

    def add_open_time(self, start: datetime, work: timedelta) -> datetime | None:
        """The moment at which `work` of opening time has passed; None if it never opens."""
        left = work
        for begin, end in self.open_spans(start):
            begin = max(begin, start)
            if begin + left <= end:
                return begin + left
            left -= end - begin
        return None

    def last_closing(self, day: date) -> datetime | None:
        """When the doors close for the day on the last open day up to `day`."""
        for back in range(_HORIZON_DAYS):
            earlier = day - timedelta(days=back)
            if earlier not in self.closed and self.spans[earlier.weekday()]:
                closes = self.spans[earlier.weekday()][-1][1]
                return datetime.combine(earlier, closes, self.zone).astimezone(UTC)
        return None


def _first(
    spans: Iterator[tuple[datetime, datetime]],
) -> tuple[tuple[datetime, datetime], ...]:
    for span in spans:
        return (span,)
    return ()


def calendars(session: Session, locations: Sequence[Location]) -> dict[str, Calendar]:
    """The calendar of each location, by its code, in two queries."""
    ids = [location.id for location in locations]
    hours = session.exec(
        select(OpeningHours)
        .where(col(OpeningHours.location_id).in_(ids))
        .order_by(col(OpeningHours.opens))
    ).all()
    closed = session.exec(select(ClosedDay).where(col(ClosedDay.location_id).in_(ids))).all()
    return {
        location.code: Calendar(
            zone=ZoneInfo(location.time_zone),
            spans=_week([row for row in hours if row.location_id == location.id]),
            closed=frozenset(row.day for row in closed if row.location_id == location.id),
        )
        for location in locations
    }


def _week(hours: Collection[OpeningHours]) -> tuple[tuple[tuple[time, time], ...], ...]:
    return tuple(
        tuple((row.opens, row.closes) for row in hours if row.weekday == weekday)
        for weekday in range(7)
    )
