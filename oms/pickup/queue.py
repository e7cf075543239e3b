"""What the associates of one store see: work by minutes to the promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

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
    """new, picking, ready, expired, collected, put_back or cancelled."""
    version: int
    due_at: datetime
    minutes_to_promise: int
    shelf: str
    pick_up_by: datetime | None
    locked_until: datetime | None
    lines: tuple[QueueLine, ...]


_OPEN = (PickupStatus.PREPARING, PickupStatus.READY, PickupStatus.EXPIRED)


def queue(session: Session, *, location_id: UUID, limit: int = 200) -> list[QueueItem]:
    """The store's open pickups: what must be prepared first, the most urgent of it on top.

    Goods that wait for their customer come after it, or a week of them would fill the limit.
    """
    rows = session.exec(
        select(Pickup, Fulfilment, Order, Customer)
        .join(Fulfilment, col(Fulfilment.id) == Pickup.fulfilment_id)
        .join(Order, col(Order.id) == Pickup.order_id)
        .join(Customer, col(Customer.id) == Order.customer_id)
        .where(Pickup.location_id == location_id, col(Pickup.status).in_(_OPEN))
        .order_by(col(Pickup.status) != PickupStatus.PREPARING, col(Pickup.due_at), col(Pickup.id))
        .limit(limit)
    ).all()
    return _items(session, rows)


def item(session: Session, pickup_id: UUID, *, location_id: UUID) -> QueueItem:
    """One pickup of this store, open or not."""
    row = session.exec(
        select(Pickup, Fulfilment, Order, Customer)
        .join(Fulfilment, col(Fulfilment.id) == Pickup.fulfilment_id)
        .join(Order, col(Order.id) == Pickup.order_id)
        .join(Customer, col(Customer.id) == Order.customer_id)
        .where(Pickup.id == pickup_id, Pickup.location_id == location_id)
    ).first()
    if row is None:
        raise NotFound(
            f"there is no pickup {pickup_id} in this store",
            field="pickup_id",
            remedy="refresh the queue; the link may be of another store",
        )
    return _items(session, [row])[0]


def by_token(session: Session, token: str, *, location_id: UUID) -> QueueItem:
    """The pickup of this store that a customer's QR code belongs to."""
    found = session.exec(
        select(Pickup.id).where(Pickup.qr_token == token, Pickup.location_id == location_id)
    ).first()
    if found is None:
        raise NotFound(
            "this QR code belongs to no pickup of this store",
            field="token",
            remedy="ask for the order number; the order may be for another store",
        )
    return item(session, found, location_id=location_id)


def _items(
    session: Session, rows: Sequence[tuple[Pickup, Fulfilment, Order, Customer]]
) -> list[QueueItem]:
    lines = worklist.lines_of(session, [fulfilment.id for _, fulfilment, _, _ in rows])
    return [
        QueueItem(
            pickup_id=pickup.id,
            order_number=order.display_number,
            channel=order.channel,
            customer_name=customer.name,
            status=pickup.status,
            step=_step(pickup, fulfilment),
            version=pickup.version,
            due_at=pickup.due_at,
            minutes_to_promise=int((pickup.due_at - clock.now()).total_seconds() // 60),
            shelf=pickup.shelf,
            pick_up_by=pickup.pick_up_by,
            locked_until=_still(pickup.locked_until),
            lines=lines.get(fulfilment.id, ()),
        )
        for pickup, fulfilment, order, customer in rows
    ]


def _step(pickup: Pickup, fulfilment: Fulfilment) -> str:
    if pickup.status is not PickupStatus.PREPARING:
        return pickup.status.value
    return "picking" if fulfilment.status is FulfilmentStatus.PICKING else "new"


def _still(moment: datetime | None) -> datetime | None:
    return moment if moment is not None and moment > clock.now() else None
