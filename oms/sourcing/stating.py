"""State locations as routing takes them: as they are now, by their calendars and the work given."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

import routing.problem as routing
from oms import clock
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.ids import first_id_at
from oms.locations.calendars import Calendar, calendars
from oms.locations.models import Location
from oms.sourcing import dating
from oms.transfers.models import Transfer, TransferStatus
from routing import geo


@dataclass(frozen=True, slots=True)
class Stated:
    """The locations of a problem, with all that their days are reckoned by."""

    locations: tuple[routing.Location, ...]
    """With the days until a parcel leaves, and with the capacity that is left."""
    calendars: Mapping[str, Calendar]
    today: date
    """The date from which days are counted."""
    points: geo.Floats
    used_parcels: Mapping[str, int]
    """Work given to each today."""

    @property
    def shut(self) -> Mapping[str, str]:
        """Why nothing leaves from some of them, in words, by code."""
        return {
            place.id: "is closed for the next 60 days"
            for place in self.locations
            if place.handling_days == dating.NEVER
        }

    def days_left(
        self, promise_by: datetime, *, where: tuple[float, float], store: str | None = None
    ) -> int:
        """Days until a promise to a customer at this place, or to one who collects at a store."""
        if store not in self.calendars:
            at = dating.nearest(self.points, where)
            store = None if at is None else self.locations[at].id
        zone = ZoneInfo("UTC") if store is None else self.calendars[store].zone
        return dating.days_left(promise_by, zone=zone, first=self.today)


def state(
    session: Session, places: Sequence[Location], *, handing_over: Collection[UUID] = ()
) -> Stated:
    """State locations as they are now; `pickup_days` are reckoned for those in `handing_over`."""
    return stated(
        places,
        calendars(session, places),
        busy=work_given_today(session),
        handing_over=handing_over,
    )


def stated(
    places: Sequence[Location],
    hours: Mapping[str, Calendar],
    *,
    busy: Mapping[UUID, int],
    handing_over: Collection[UUID] = (),
) -> Stated:
    """The same for known calendars and known work of the last 24 hours."""
    today = dating.today(hours.values())
    return Stated(
        locations=tuple(
            _location(
                place,
                hours[place.code],
                today=today,
                busy=busy.get(place.id, 0),
                hands_over=place.id in handing_over,
            )
            for place in places
        ),
        calendars=hours,
        today=today,
        points=geo.unit_vectors(
            [place.latitude for place in places], [place.longitude for place in places]
        ),
        used_parcels={place.code: busy[place.id] for place in places if place.id in busy},
    )


def _location(
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
    """Work given to each location in the last 24 hours that it has not given back.

    That is its fulfilments, and what it sends to other stores for orders.
    """
    since = clock.now() - timedelta(days=1)
    given_back = (FulfilmentStatus.REJECTED, FulfilmentStatus.CANCELLED)
    prepared: Select[tuple[UUID]] = select(col(Fulfilment.location_id).label("at")).where(
        col(Fulfilment.created_at) > since, col(Fulfilment.status).not_in(given_back)
    )
    sent = select(col(Transfer.from_location_id)).where(
        col(Transfer.id) >= first_id_at(since),
        col(Transfer.requested_at) > since,
        col(Transfer.order_id).is_not(None),
        col(Transfer.status) != TransferStatus.CANCELLED,
    )
    given = prepared.union_all(sent).subquery()
    rows = session.execute(select(given.c.at, func.count()).group_by(given.c.at)).all()
    return {row[0]: row[1] for row in rows}
