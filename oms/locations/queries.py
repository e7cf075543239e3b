"""Find locations."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from oms.errors import NotFound
from oms.locations.models import Location


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
