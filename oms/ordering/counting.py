"""Count and adjust at a location, and name the orders that stand in the way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, func, select

from oms.inventory import adjusting, receiving
from oms.inventory.adjusting import AdjustReason
from oms.inventory.models import Reservation, ReservationStatus
from oms.inventory.receiving import BelowPromised
from oms.orders.models import Order

_MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Claim:
    """Units of an article that are held at a location for an order."""

    order_id: UUID
    order_number: str
    units: int


def claims(session: Session, *, sku: str, location_id: UUID) -> Sequence[Claim]:
    """The orders for which an article is held at a location, the oldest first.

    Among them those that were called off, whose goods nobody has put back yet.
    """
    rows = session.execute(
        select(Order.id, Order.display_number, func.sum(Reservation.quantity))
        .join(Order, col(Order.id) == Reservation.order_id)
        .where(
            Reservation.sku == sku,
            Reservation.location_id == location_id,
            col(Reservation.status).in_((ReservationStatus.HELD, ReservationStatus.ASIDE)),
        )
        .group_by(col(Order.id))
        .order_by(col(Order.number))
    ).all()
    return [Claim(*row) for row in rows]


def count(session: Session, *, sku: str, location_id: UUID, units: int, actor: str) -> int:
    """`receiving.count`; a refusal names the orders concerned in `facts["orders"]`."""
    with _naming_orders(session, sku=sku, location_id=location_id):
        return receiving.count(session, sku=sku, location_id=location_id, units=units, actor=actor)


def adjust(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    reason: AdjustReason,
    actor: str,
) -> int:
    """`adjusting.adjust`; a refusal names the orders concerned in `facts["orders"]`."""
    with _naming_orders(session, sku=sku, location_id=location_id):
        return adjusting.adjust(
            session, sku=sku, location_id=location_id, units=units, reason=reason, actor=actor
        )


@contextmanager
def _naming_orders(session: Session, *, sku: str, location_id: UUID) -> Iterator[None]:
    try:
        yield
    except BelowPromised as error:
        found = claims(session, sku=sku, location_id=location_id)
        named = ", ".join(f"{one.order_number} ({one.units})" for one in found[:_MOST_NAMED])
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        raise BelowPromised(
            f"{error.message}, for {named}{more}",
            field=error.field,
            remedy=error.remedy,
            facts={
                **error.facts,
                "orders": [
                    {"order_id": str(one.order_id), "number": one.order_number, "units": one.units}
                    for one in found
                ],
            },
        ) from error
