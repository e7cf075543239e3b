"""What the customer of a pickup may see by the unguessable link in the notice."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from oms.errors import NotFound
from oms.locations.models import Location
from oms.orders.models import Order
from oms.pickup.models import Pickup, PickupStatus
from oms.settings import settings


@dataclass(frozen=True, slots=True)
class Shown:
    """A pickup for its customer; no name and no article, in case the link got about."""

    order_number: str
    status: PickupStatus
    store: Location
    code: str
    qr_token: str
    pick_up_by: datetime | None


def link(pickup: Pickup) -> str:
    """Where the customer finds the code to show; 192 random bits that nobody guesses."""
    return f"{settings().public_url}/collect/{pickup.qr_token}"


def to_customer(session: Session, token: str) -> Shown:
    """The pickup that a link belongs to. Once it is closed the link shows it no more."""
    row = session.exec(
        select(Pickup, Order, Location)
        .join(Order, col(Order.id) == Pickup.order_id)
        .join(Location, col(Location.id) == Pickup.location_id)
        .where(Pickup.qr_token == token)
    ).first()
    open_ones = (PickupStatus.PREPARING, PickupStatus.READY, PickupStatus.EXPIRED)
    if row is None or row[0].status not in open_ones:
        raise NotFound(
            "this link belongs to no order that waits for you",
            remedy="it may have been collected; the shop's confirmation has its number",
        )
    pickup, order, store = row
    return Shown(
        order_number=order.display_number,
        status=pickup.status,
        store=store,
        code=pickup.code,
        qr_token=pickup.qr_token,
        pick_up_by=pickup.pick_up_by,
    )
