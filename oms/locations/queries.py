"""Find locations."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms.db import read_rows
from oms.errors import Conflict, NotFound
from oms.locations.models import Location


class TakesNoReturns(Conflict):
    """Goods may not come back at this location."""

    code = "takes_no_returns"


def find(session: Session, code: str) -> Location | None:
    """The location with this code, if there is one."""
    return session.exec(select(Location).where(Location.code == code)).first()


def by_code(session: Session, code: str) -> Location:
    """The location with this code."""
    location = find(session, code)
    if location is None:
        raise NotFound(
            f"there is no location {code!r}",
            field="location",
            remedy="use the code of a store or warehouse as the network lists it",
        )
    return location


def active(session: Session) -> Sequence[Location]:
    """Every location that takes part, by code."""
    return session.exec(select(Location).where(col(Location.active)).order_by(Location.code)).all()


def taking_returns(session: Session) -> Sequence[Location]:
    """Every location at which goods may come back, by code."""
    return [one for one in active(session) if one.can_returns]


def require_returns(place: Location) -> None:
    """Raise `TakesNoReturns` where goods may not come back."""
    if not (place.active and place.can_returns):
        raise TakesNoReturns(
            f"{place.name} ({place.code}) takes no returns",
            field="location",
            remedy="receive them where returns are taken, or let this location take them"
            " (can_returns in the network file)",
            facts={"location": place.code},
        )


def codes(session: Session) -> Mapping[UUID, str]:
    """The code of every location by its id, sorted by code."""
    rows: list[tuple[UUID, str]] = read_rows(
        session, "SELECT id, code FROM locations ORDER BY code", []
    )
    return dict(rows)


def zone_near(session: Session, *, latitude: float, longitude: float) -> str:
    """The time zone of the location nearest to a point; UTC where there is none."""
    off = func.pow(col(Location.latitude) - latitude, 2) + func.pow(
        func.cos(func.radians(latitude)) * (col(Location.longitude) - longitude), 2
    )
    found = session.exec(select(Location.time_zone).order_by(off, Location.code).limit(1)).first()
    return found or "UTC"
