"""State locations as routing takes them: as they are now, by their calendars and the work given."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

import routing.problem as routing
from oms import clock
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.locations.calendars import Calendar
from oms.locations.models import Location
from oms.sourcing import dating


def stated_locations(
    places: Sequence[Location],
    calendars: Mapping[str, Calendar],
    *,
    today: date,
    busy: Mapping[UUID, int],
    handing_over: Collection[UUID],
) -> tuple[routing.Location, ...]:
    """Locations with the days until a parcel leaves and with the capacity that is left.

    `pickup_days` are reckoned for those in `handing_over`.
    """
    return tuple(
        _stated(
            place,
            calendars[place.code],
            today=today,
            busy=busy.get(place.id, 0),
            hands_over=place.id in handing_over,
        )
        for place in places
    )


def _stated(
    place: Location, calendar: Calendar, *, today: date, busy: int, hands_over: bool
) -> routing.Location:
    return routing.Location(
        id=place.code,
        kind=place.kind.value,
        lat=place.latitude,
        lon=place.longitude,
        parcel_cents=place.parcel_cost_minor,
        line_cents=place.line_cost_minor,
        pickup_cents=place.pickup_cost_minor,
        handling_days=dating.days_to_departure(
            calendar, cut_off=place.cut_off, handling_days=place.handling_days, first=today
        ),
        capacity_parcels=None
        if place.capacity_parcels is None
        else max(0, place.capacity_parcels - busy),
        pickup_days=dating.days_to_ready(calendar, first=today) if hands_over else None,
    )


def work_given_today(session: Session) -> dict[UUID, int]:
    """Fulfilments given to each location in the last 24 hours that it has not given back."""
    given_back = (FulfilmentStatus.REJECTED, FulfilmentStatus.CANCELLED)
    rows = session.execute(
        select(col(Fulfilment.location_id), func.count())
        .where(
            col(Fulfilment.created_at) > clock.now() - timedelta(days=1),
            col(Fulfilment.status).not_in(given_back),
        )
        .group_by(col(Fulfilment.location_id))
    ).all()
    return {row[0]: row[1] for row in rows}
