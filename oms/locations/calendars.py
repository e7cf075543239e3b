"""Opening hours in the location's own time zone: when is it open, when is work done.

A parcel's way begins at the door: work on an order that comes before the cut-off of an open day
begins that day, any other on the next open day, and each handling day is an open day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlmodel import Session, col

from oms.locations.models import ClosedDay, Location, OpeningHours

_HORIZON_DAYS = 60
_NO_HOURS: tuple[tuple[tuple[time, time], ...], ...] = ((),) * 7


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

    def works_on(self, day: date) -> bool:
        """Whether work is done that day: always but on closed days, where no hours are known."""
        if day in self.closed:
            return False
        return bool(self.spans[day.weekday()]) or not any(self.spans)

    def working_days(self, first: date) -> Iterator[date]:
        """Days of work from `first` on, until none comes for 60 days."""
        day, idle = first, 0
        while idle < _HORIZON_DAYS:
            if self.works_on(day):
                yield day
                idle = 0
            else:
                idle += 1
            day += timedelta(days=1)

    def departure(self, moment: datetime, *, cut_off: time, handling_days: int) -> date | None:
        """The local date on which a parcel ordered at `moment` leaves; None if it never does."""
        local = moment.astimezone(self.zone)
        days = self.working_days(local.date())
        first = next(days, None)
        if first is None:
            return None
        missed = first == local.date() and local.time() >= cut_off
        wait = handling_days + missed
        return first if not wait else next(islice(days, wait - 1, None), None)

    def next_cut_off(self, moment: datetime, *, cut_off: time) -> datetime | None:
        """Until when parcels leave as they would now (UTC): the next cut-off of a day of work."""
        local = moment.astimezone(self.zone)
        for day in self.working_days(local.date()):
            if day > local.date() or local.time() < cut_off:
                return datetime.combine(day, cut_off, self.zone).astimezone(UTC)
        return None

    def ready_by(self, start: datetime, work: timedelta) -> datetime:
        """When `work` is done; a location that never opens is taken to work on regardless."""
        return self.add_open_time(start, work) or start + work

    def kept_or_next_closing(self, moment: datetime) -> datetime | None:
        """The moment itself, if the doors are open up to it, or the end of the next open day."""
        for begin, end in _first(self.open_spans(moment - timedelta(seconds=1))):
            if begin < moment <= end:
                return moment
            return self.last_closing(begin.astimezone(self.zone).date())
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
    """The calendar of each location, by its code, in two queries.

    Reads columns, not objects: two thousand locations have fourteen thousand spans.
    """
    ids = [location.id for location in locations]
    weeks: dict[UUID, list[list[tuple[time, time]]]] = {}
    for place, weekday, opens, closes in session.execute(
        select(
            col(OpeningHours.location_id),
            col(OpeningHours.weekday),
            col(OpeningHours.opens),
            col(OpeningHours.closes),
        )
        .where(col(OpeningHours.location_id) == any_(bindparam(None, ids, ARRAY(Uuid))))
        .order_by(col(OpeningHours.opens))
    ).all():
        weeks.setdefault(place, [[] for _ in range(7)])[weekday].append((opens, closes))
    closed: dict[UUID, list[date]] = {}
    for place, day in session.execute(
        select(col(ClosedDay.location_id), col(ClosedDay.day)).where(
            col(ClosedDay.location_id) == any_(bindparam(None, ids, ARRAY(Uuid)))
        )
    ).all():
        closed.setdefault(place, []).append(day)
    return {
        location.code: Calendar(
            zone=ZoneInfo(location.time_zone),
            spans=tuple(tuple(spans) for spans in weeks.get(location.id, _NO_HOURS)),
            closed=frozenset(closed.get(location.id, ())),
        )
        for location in locations
    }
