"""When backordered units may be filled: incoming supply, given to those who wait in their order."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select
from sqlmodel import Session, col

from oms.inventory import supplies
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.models import Delivery, Order, OrderLine


@dataclass(frozen=True, slots=True)
class Coming:
    """Units that are still to come to a location, and that nobody waits for."""

    sku: str
    location_id: UUID
    expected_at: datetime
    units: int
    document: str
    in_transit: bool


def dates(session: Session, order_id: UUID) -> Mapping[UUID, datetime]:
    """For each backordered line of an order, when the last of its units is expected.

    A line that the announced supply does not reach is left out. Whoever ordered first is served
    first; a pickup by what comes to its store, a delivery by what comes to any location that
    ships.
    """
    skus = orders.backordered(session, order_id)
    if not skus:
        return {}
    found, _ = _allocate(session, skus)
    ours = {line.id for line in orders.lines(session, order_id)}
    return {line_id: when for line_id, when in found.items() if line_id in ours}


def uncommitted(session: Session, skus: Collection[str]) -> tuple[Coming, ...]:
    """What is still to come beyond what orders wait for already, the earliest first."""
    _, left = _allocate(session, skus)
    return tuple(one for one in left if one.units)


def _allocate(session: Session, skus: Collection[str]) -> tuple[dict[UUID, datetime], list[Coming]]:
    """Give supply to waiting lines in their order; the date of each line, and what is left."""
    coming = [
        Coming(
            row.sku,
            row.location_id,
            row.expected_at,
            supplies.outstanding(row),
            row.document,
            row.status.value == "in_transit",
        )
        for row in supplies.expected(session, skus=skus)
    ]
    found: dict[UUID, datetime] = {}
    if not coming:
        return found, coming
    shipping = set(session.scalars(select(col(Location.id)).where(col(Location.can_ship))))
    for line in _waiting(session, skus):
        missing = line.backordered
        for index, one in enumerate(coming):
            serves = (
                one.location_id == line.pickup_location_id
                if line.delivery is Delivery.PICKUP
                else one.location_id in shipping
            )
            if missing == 0 or one.sku != line.sku or not serves or not one.units:
                continue
            used = min(missing, one.units)
            coming[index] = replace(one, units=one.units - used)
            missing -= used
            if missing == 0:
                found[line.id] = one.expected_at
    return found, coming


def _waiting(
    session: Session, skus: Collection[str]
) -> Iterable[Row[tuple[UUID, str, int, Delivery, UUID | None]]]:
    return session.execute(
        select(
            col(OrderLine.id),
            col(OrderLine.sku),
            col(OrderLine.backordered),
            col(Order.delivery),
            col(Order.pickup_location_id),
        )
        .join(Order, col(Order.id) == OrderLine.order_id)
        .where(col(OrderLine.sku).in_(set(skus)), col(OrderLine.backordered) > 0)
        .order_by(col(Order.number), col(OrderLine.position))
    ).all()
