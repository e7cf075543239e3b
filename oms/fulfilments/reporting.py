"""What staff say of a parcel whose carrier sends no scans: own van, courier, a typed number."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Conflict, NotFound
from oms.fulfilments import scanning
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel
from oms.fulfilments.scanning import CarrierScan
from oms.ids import new_id
from oms.orders.models import Delivery

BY_HAND: Final = frozenset({"manual"})
"""Codes of carriers that nobody but staff follows."""


class News(StrEnum):
    """What can be reported; the carriers' common codes."""

    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    RETURNED_TO_SENDER = "returned_to_sender"
    LOST = "lost"


def report(session: Session, parcel_id: UUID, news: News, *, actor: str, note: str = "") -> Parcel:
    """Add what staff learned as a scan of now; the parcel and its shipment follow it.

    Raises `Conflict` for a parcel that has not left, or whose carrier reports by itself.
    """
    parcel = session.get(Parcel, parcel_id, with_for_update=True, populate_existing=True)
    if parcel is None:
        raise NotFound(f"there is no parcel {parcel_id}", field="parcel_id")
    if parcel.carrier not in BY_HAND:
        raise Conflict(
            f"parcel {parcel.number} is followed by {parcel.carrier or 'no carrier yet'}",
            field="parcel_id",
            remedy="wait for the carrier's scans; only parcels of your own delivery are reported",
        )
    if parcel.handed_over_at is None:
        raise Conflict(
            f"parcel {parcel.number} has not left yet",
            field="parcel_id",
            remedy="hand the shipment over first",
        )
    scan = CarrierScan(str(new_id()), news.value, clock.now(), text=note)
    scanning.add_scans(session, parcel_id, [scan], actor=actor)
    return parcel


def followed_by_hand(
    session: Session, *, location_id: UUID, limit: int = 100
) -> Sequence[Fulfilment]:
    """Shipments of a location that are on the road and wait for somebody's report."""
    return session.exec(
        select(Fulfilment)
        .where(
            Fulfilment.location_id == location_id,
            Fulfilment.kind == Delivery.SHIP,
            Fulfilment.status == FulfilmentStatus.HANDED_OVER,
            select(Parcel.id)
            .where(Parcel.fulfilment_id == Fulfilment.id, col(Parcel.carrier).in_(BY_HAND))
            .exists(),
        )
        .order_by(col(Fulfilment.due_at), col(Fulfilment.number))
        .limit(limit)
    ).all()
