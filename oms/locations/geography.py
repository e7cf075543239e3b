"""Where a postcode lies: exact, else by its area, else unknown."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlmodel import Session, col

from oms.locations.models import Postcode

_AREA_CHARACTERS = 3


def plain_postcode(postcode: str) -> str:
    """A postcode as the map has it: without extension, in capitals."""
    return postcode.strip().upper().split("-")[0]


def areas(session: Session) -> Mapping[tuple[str, str], tuple[float, float]]:
    """The middle of every area, by country and first characters of its postcodes."""
    area = func.left(col(Postcode.postcode), _AREA_CHARACTERS)
    rows = session.execute(
        select(
            col(Postcode.country),
            area,
            func.avg(col(Postcode.latitude)),
            func.avg(col(Postcode.longitude)),
        ).group_by(col(Postcode.country), area)
    ).all()
    return {(row[0], row[1]): (float(row[2]), float(row[3])) for row in rows}


def area_of(postcode: str) -> str:
    """The part of a postcode that names its area."""
    return plain_postcode(postcode)[:_AREA_CHARACTERS]


def locate(session: Session, *, country: str, postcode: str) -> tuple[float, float] | None:
    """Latitude and longitude of a postcode, or of the middle of its area; None if unknown.

    An extension ("94103-1234") is ignored. The area is what shares the first three characters.
    """
    plain = plain_postcode(postcode)
    found = session.get(Postcode, (country, plain))
    if found is not None:
        return found.latitude, found.longitude
    area = session.execute(
        select(func.avg(col(Postcode.latitude)), func.avg(col(Postcode.longitude))).where(
            col(Postcode.country) == country,
            func.left(col(Postcode.postcode), _AREA_CHARACTERS) == plain[:_AREA_CHARACTERS],
        )
    ).one()
    if area[0] is None:
        return None
    return float(area[0]), float(area[1])
