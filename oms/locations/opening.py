"""Change one location's hours: its week, and single days on which it stays closed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, Invalid, NotFound
from oms.locations import entering
from oms.locations.models import ClosedDay, Location, OpeningHours

Span = tuple[time, time]
Week = Mapping[int, Sequence[Span]]
"""Spans of opening by weekday; 0 is Monday, and days without any stay closed."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_SPANS = 4
_FARTHEST = timedelta(days=730)


def week_of(session: Session, place: Location) -> dict[int, list[Span]]:
    """The hours of each weekday, empty where it stays closed."""
    week: dict[int, list[Span]] = {day: [] for day in range(7)}
    for span in session.exec(
        select(OpeningHours)
        .where(OpeningHours.location_id == place.id)
        .order_by(col(OpeningHours.weekday), col(OpeningHours.opens))
    ):
        week[span.weekday].append((span.opens, span.closes))
    return week


def set_week(session: Session, place: Location, week: Week, *, actor: str) -> None:
    """Make this the location's week. The same again changes nothing."""
    rows = []
    for day, spans in week.items():
        _require_sound(day, spans)
        rows += [
            {"location_id": place.id, "weekday": day, "opens": opens, "closes": closes}
            for opens, closes in spans
        ]
    if place.can_pickup and not rows:
        raise Invalid(
            f"{place.name} hands over pickups, so it is open some time",
            field="week",
            remedy="give hours for one day at least, or pause pickups",
        )
    if entering.set_hours(session, [place.id], rows):
        said = {
            DAYS[day]: [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans]
            for day, spans in week.items()
        }
        _tell(session, place, "location.hours_changed", actor=actor, facts={"week": said})


def closures(session: Session, place: Location) -> Sequence[ClosedDay]:
    """Days to come on which it stays closed, the next first."""
    return session.exec(
        select(ClosedDay)
        .where(ClosedDay.location_id == place.id, ClosedDay.day >= today(place))
        .order_by(col(ClosedDay.day))
    ).all()


def close_on(session: Session, place: Location, day: date, *, reason: str, actor: str) -> None:
    """Stay closed on a day to come. Said again, the reason is corrected."""
    now = today(place)
    if not now <= day <= now + _FARTHEST:
        raise Invalid(
            f"{day:%Y-%m-%d} is not within two years from today",
            field="day",
            remedy="give a day to come",
        )
    known = session.get(ClosedDay, (place.id, day))
    if known is None:
        session.add(ClosedDay(location_id=place.id, day=day, reason=reason))
    else:
        known.reason = reason
    session.flush()
    facts = {"day": day.isoformat(), "reason": reason}
    _tell(session, place, "location.closed_on", actor=actor, facts=facts)


def open_on(session: Session, place: Location, day: date, *, actor: str) -> None:
    """Open as on any such weekday after all."""
    known = session.get(ClosedDay, (place.id, day))
    if known is None:
        raise NotFound(
            f"{place.name} is not closed on {day:%Y-%m-%d}",
            field="day",
            remedy="read the closures again",
        )
    if day < today(place):
        raise Conflict("that day is over", field="day", remedy="nothing is left to do")
    session.delete(known)
    session.flush()
    facts = {"day": day.isoformat()}
    _tell(session, place, "location.opens_on", actor=actor, facts=facts)


def today(place: Location, moment: datetime | None = None) -> date:
    """The date on the location's own clock."""
    return (moment or clock.now()).astimezone(ZoneInfo(place.time_zone)).date()


def _require_sound(day: int, spans: Sequence[Span]) -> None:
    if not 0 <= day < len(DAYS) or len(spans) > _MOST_SPANS:
        raise Invalid(
            f"a day has at most {_MOST_SPANS} spans of opening",
            field="week",
            remedy="join spans that touch",
        )
    before = None
    for opens, closes in spans:
        if opens >= closes or (before is not None and opens < before):
            raise Invalid(
                f"{DAYS[day]}: {opens:%H:%M} to {closes:%H:%M} ends before it begins, or overlaps",
                field=f"week.{DAYS[day]}",
                remedy="give opening and closing times in their sequence, within one day",
            )
        before = closes


def _tell(
    session: Session, place: Location, action: str, *, actor: str, facts: Mapping[str, object]
) -> None:
    record(
        session,
        action=action,
        subject_type="location",
        subject_id=place.id,
        actor=actor,
        facts=dict(facts),
    )
