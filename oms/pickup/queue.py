"""What the associates of one store see: work by minutes to the promise."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import Session, col

from oms import clock
from oms.customers.models import Customer
from oms.errors import NotFound
from oms.fulfilments import worklist
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.fulfilments.worklist import QueueLine
from oms.orders.models import Order
from oms.pickup.models import Pickup, PickupStatus


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One pickup as its store sees it. Carries no code: the customer must show that."""

    pickup_id: UUID
    order_number: str
    channel: str
    customer_name: str
    status: PickupStatus
    step: str
    """new, picking, or the status of a pickup that is further."""
    version: int
    due_at: datetime
    minutes_to_promise: int
    shelf: str
    pick_up_by: datetime | None
    locked_until: datetime | None
    undo_until: datetime | None
    """Until when a hand-over under way can be undone."""
    lines: tuple[QueueLine, ...]


_OPEN = (
    PickupStatus.PREPARING,
    PickupStatus.READY,
    PickupStatus.EXPIRED,
    PickupStatus.TO_PUT_BACK,
)
# Columns, not four objects a row: a full list takes two thirds of the time.
_SHOWN: Final[Select[*tuple[Any, ...]]] = (
    select(
        col(Pickup.id),
        col(Pickup.fulfilment_id),
        col(Pickup.status),
        col(Pickup.version),
        col(Pickup.due_at),
        col(Pickup.shelf),
        col(Pickup.pick_up_by),
        col(Pickup.locked_until),
        col(Pickup.undo_until),
        col(Fulfilment.status).label("work"),
        col(Order.display_number),
        col(Order.channel),
        col(Customer.name),
    )
    .join(Fulfilment, col(Fulfilment.id) == Pickup.fulfilment_id)
    .join(Order, col(Order.id) == Pickup.order_id)
    .join(Customer, col(Customer.id) == Order.customer_id)
)


def queue(session: Session, *, location_id: UUID, limit: int = 200) -> list[QueueItem]:
    """The store's open pickups: what must be prepared first, the most urgent of it on top.

    Goods that wait for their customer come after it, or a week of them would fill the limit.
    """
    return _items(
        session,
        _SHOWN.where(col(Pickup.location_id) == location_id, col(Pickup.status).in_(_OPEN))
        .order_by(col(Pickup.status) != PickupStatus.PREPARING, col(Pickup.due_at), col(Pickup.id))
        .limit(limit),
    )


def item(session: Session, pickup_id: UUID, *, location_id: UUID) -> QueueItem:
    """One pickup of this store, open or not."""
    found = _items(
        session,
        _SHOWN.where(col(Pickup.id) == pickup_id, col(Pickup.location_id) == location_id),
    )
    if not found:
        raise NotFound(
            f"there is no pickup {pickup_id} in this store",
            field="pickup_id",
            remedy="refresh the queue; the link may be of another store",
        )
    return found[0]


def by_token(session: Session, token: str, *, location_id: UUID) -> QueueItem:
    """The pickup of this store that a customer's QR code belongs to."""
    found = session.scalars(
        select(col(Pickup.id)).where(
            col(Pickup.qr_token) == token, col(Pickup.location_id) == location_id
        )
    ).first()
    if found is None:
        raise NotFound(
            "this QR code belongs to no pickup of this store",
            field="token",
            remedy="ask for the order number; the order may be for another store",
        )
    return item(session, found, location_id=location_id)


def _items(session: Session, wanted: Select[*tuple[Any, ...]]) -> list[QueueItem]:
    rows = session.execute(wanted).all()
    lines = worklist.lines_of(session, [row.fulfilment_id for row in rows])
    now = clock.now()
    return [
        QueueItem(
            pickup_id=row.id,
            order_number=row.display_number,
            channel=row.channel,
            customer_name=row.name,
            status=row.status,
            step=_step(row.status, row.work),
            version=row.version,
            due_at=row.due_at,
            minutes_to_promise=int((row.due_at - now).total_seconds() // 60),
            shelf=row.shelf,
            pick_up_by=row.pick_up_by,
            locked_until=_still(row.locked_until, now),
            undo_until=_still(row.undo_until, now),
            lines=lines.get(row.fulfilment_id, ()),
        )
        for row in rows
    ]


def _step(status: PickupStatus, work: FulfilmentStatus) -> str:
    if status is not PickupStatus.PREPARING:
        return status.value
    return "picking" if work is FulfilmentStatus.PICKING else "new"


def _still(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None
