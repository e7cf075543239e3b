"""Who comes or waits at the car, as the desk of the store sees it: who is longest here, first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, case, select
from sqlmodel import Session, col

from oms import clock
from oms.customers.models import Customer
from oms.orders.models import Order
from oms.pickup.curbside_models import Arrival, ArrivalStatus, CurbsideBay
from oms.pickup.models import Pickup, PickupStatus

_FIRST: Final = case(
    (col(Arrival.status) == ArrivalStatus.HERE, 0),
    (col(Arrival.status) == ArrivalStatus.TAKEN, 1),
    else_=2,
)
_SHOWN: Final[Select[*tuple[Any, ...]]] = (
    select(
        col(Arrival.id),
        col(Arrival.pickup_id),
        col(Arrival.status),
        col(Arrival.version),
        col(Arrival.expected_at),
        col(Arrival.here_at),
        col(Arrival.spot),
        col(Arrival.vehicle),
        col(Arrival.plate),
        col(Arrival.taken_by),
        col(Arrival.escalated),
        col(CurbsideBay.label),
        col(Pickup.status).label("pickup_status"),
        col(Pickup.shelf),
        col(Order.display_number),
        col(Customer.name),
    )
    .join(Pickup, col(Pickup.id) == Arrival.pickup_id)
    .join(Order, col(Order.id) == Pickup.order_id)
    .join(Customer, col(Customer.id) == Order.customer_id)
    .outerjoin(CurbsideBay, col(CurbsideBay.id) == Arrival.bay_id)
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One customer at the car or on the way."""

    arrival_id: UUID
    pickup_id: UUID
    order_number: str
    customer_name: str
    status: ArrivalStatus
    version: int
    pickup_status: PickupStatus
    """Whether the goods are ready yet."""
    shelf: str
    bay: str
    spot: str
    vehicle: str
    plate: str
    expected_at: datetime | None
    here_at: datetime | None
    waited_s: int
    """Since *I'm here*, whoever has taken it meanwhile."""
    taken_by: str | None
    escalated: int


def visits(session: Session, *, location_id: UUID) -> list[Visit]:
    """Every open visit of the store: whom nobody has taken first, then the longest here."""
    return _visits(
        session,
        _SHOWN.where(col(Arrival.location_id) == location_id, col(Arrival.closed_at).is_(None)),
    )


def visit_of(session: Session, pickup_id: UUID) -> Visit | None:
    """The open visit of one pickup."""
    found = _visits(
        session,
        _SHOWN.where(col(Arrival.pickup_id) == pickup_id, col(Arrival.closed_at).is_(None)),
    )
    return found[0] if found else None


def _visits(session: Session, wanted: Select[*tuple[Any, ...]]) -> list[Visit]:
    rows = session.execute(
        wanted.order_by(_FIRST, col(Arrival.here_at), col(Arrival.expected_at), col(Arrival.id))
    ).all()
    now = clock.now()
    return [
        Visit(
            arrival_id=row.id,
            pickup_id=row.pickup_id,
            order_number=row.display_number,
            customer_name=row.name,
            status=row.status,
            version=row.version,
            pickup_status=row.pickup_status,
            shelf=row.shelf,
            bay=row.label or "",
            spot=row.spot,
            vehicle=row.vehicle,
            plate=row.plate,
            expected_at=row.expected_at,
            here_at=row.here_at,
            waited_s=max(0, int((now - row.here_at).total_seconds())) if row.here_at else 0,
            taken_by=row.taken_by,
            escalated=row.escalated,
        )
        for row in rows
    ]
