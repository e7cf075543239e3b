"""What every page of a store rings for."""

from typing import Any

from sqlmodel import Session

from api.web.people import AtLocation
from oms.pickup import counts, desk
from oms.pickup.curbside_models import ArrivalStatus


def bell(unit: Session, at: AtLocation) -> dict[str, Any]:
    """What the page rings for: new pickups until they are seen, customers until they are taken."""
    number = counts.counts(unit, location_id=at.location.id)
    waiting = sum(
        visit.status is ArrivalStatus.HERE
        for visit in desk.visits(unit, location_id=at.location.id)
    )
    return {
        "new": number.new,
        "new_ids": [str(one) for one in number.new_ids],
        "at_the_car": waiting,
    }
