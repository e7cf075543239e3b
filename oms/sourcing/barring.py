"""Locations that must not serve an order whatever the policy, each with its reason in words."""

from collections.abc import Collection
from typing import Final

from sqlmodel import Session

from oms.fulfilments import giving_back
from oms.fulfilments.models import Rejection
from oms.locations import pausing
from oms.locations.models import Location
from oms.locations.pausing import Work
from oms.orders.models import Delivery, Order
from oms.sourcing.stating import Stated
from oms.transfers import queries as transfers
from oms.transfers.models import Transfer, TransferStatus

_NEVER: Final = {Work.PICKUP: "does not hand over pickups", Work.SHIP: "does not ship"}


def unable(
    delivery: Delivery,
    places: Collection[Location],
    stated: Stated,
    *,
    store: tuple[str, ...] | None = None,
) -> dict[str, str]:
    """Locations that cannot do such work, each with its reason in words.

    A pickup's `store` must hand over; the others can have a part in it only by sending goods there.
    """
    pickup = delivery is Delivery.PICKUP
    shut = {} if pickup else dict(stated.shut)
    works = {
        place.code: Work.PICKUP if pickup and place.code in (store or ()) else Work.SHIP
        for place in places
    }
    paused = {
        place.code: f"has paused {works[place.code].value}: {why}"
        for place in places
        if (why := pausing.why_paused(place, works[place.code])) is not None
    }
    never = {
        place.code: _NEVER[works[place.code]]
        for place in places
        if not (place.can_pickup if works[place.code] is Work.PICKUP else place.can_ship)
    }
    return shut | paused | never


def gave_back(session: Session, order: Order, places: Collection[Location]) -> dict[str, str]:
    """Locations that are not asked again: they gave work back, or sent nothing of a transfer."""
    codes = {place.id: place.code for place in places}
    pickup = order.delivery is Delivery.PICKUP
    rows = transfers.failed(session, order.id) if pickup else ()
    failed = {row.from_location_id: _failed(row) for row in rows}
    given = {
        row.location_id: rejected(row) for row in giving_back.rejected_locations(session, order.id)
    }
    return {codes[at]: reason for at, reason in (failed | given).items() if at in codes}


def rejected(row: Rejection) -> str:
    """Why a location is not asked again, in words."""
    return f"gave this order back ({row.reason.value.replace('_', ' ')})"


def _failed(row: Transfer) -> str:
    came = "was called off" if row.status is TransferStatus.CANCELLED else "never came"
    return f"its transfer {row.number} for this order {came}"
