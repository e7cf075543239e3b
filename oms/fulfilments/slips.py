"""What lies in a parcel, as the slip in it tells its recipient."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from oms.customers.models import Address
from oms.errors import Conflict
from oms.fulfilments import queries
from oms.fulfilments.models import Fulfilment, Parcel, ParcelLine, ParcelStatus
from oms.locations.models import Location
from oms.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class SlipLine:
    """Units of an article in the parcel. `price_minor` is of one unit."""

    sku: str
    title: str
    units: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class Slip:
    """A packing slip; `number` of `count` parcels of the shipment."""

    order_number: str
    shipment: int
    placed_at: datetime
    number: int
    count: int
    sender: Location
    recipient: Address
    lines: tuple[SlipLine, ...]
    currency: str


def of_parcel(session: Session, fulfilment: Fulfilment, parcel: Parcel) -> Slip:
    """The slip of a parcel. One whose label was given back has its place taken by another."""
    if parcel.status is ParcelStatus.VOIDED:
        raise Conflict(
            f"parcel {parcel.number} does not go: its label was given back",
            field="parcel_id",
            remedy="print the slip of the parcel that took its place",
        )
    order = session.get_one(Order, fulfilment.order_id)
    assert order.address_id is not None, "a shipment has an address"
    live = [one.id for one in queries.live_parcels(session, fulfilment.id)]
    return Slip(
        order_number=order.display_number,
        shipment=fulfilment.number or 0,
        placed_at=order.placed_at,
        number=live.index(parcel.id) + 1,
        count=len(live),
        sender=session.get_one(Location, fulfilment.location_id),
        recipient=session.get_one(Address, order.address_id),
        lines=_lines(session, parcel.id),
        currency=order.currency,
    )


def _lines(session: Session, parcel_id: UUID) -> tuple[SlipLine, ...]:
    rows = session.exec(
        select(ParcelLine.quantity, OrderLine)
        .join(OrderLine, col(OrderLine.id) == ParcelLine.line_id)
        .where(ParcelLine.parcel_id == parcel_id)
        .order_by(col(OrderLine.position))
    ).all()
    return tuple(
        SlipLine(line.sku, line.title or line.sku, quantity, line.unit_price_minor)
        for quantity, line in rows
    )
