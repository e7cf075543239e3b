"""What every page of a store rings for."""

from typing import Any

from sqlmodel import Session

from api.web.people import AtLocation
from oms.pickup import counts


def bell(unit: Session, at: AtLocation) -> dict[str, Any]:
    """How many pickups are new, and which; the page rings for those it has not shown yet."""
    number = counts.counts(unit, location_id=at.location.id)
    return {"new": number.new, "new_ids": [str(one) for one in number.new_ids]}
