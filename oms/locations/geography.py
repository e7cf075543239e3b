"""Where a postcode lies: exact, else by its area, else unknown."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from oms.locations.models import Postcode

_AREA_CHARACTERS = 3


def locate(session: Session, *, country: str, postcode: str) -> tuple[float, float] | None:
    """Latitude and longitude of a postcode, or of the middle of its area; None if unknown.

    An extension ("94103-1234") is ignored. The area is what shares the first three characters.
    """
    plain = postcode.strip().upper().split("-")[0]
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
