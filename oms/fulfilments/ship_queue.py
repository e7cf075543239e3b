"""What one location has to send, the most urgent first."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from oms.errors import NotFound
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel
from oms.orders.models import Delivery

_TO_DO = (FulfilmentStatus.ALLOCATED, FulfilmentStatus.PICKING, FulfilmentStatus.PACKED)


def queue(session: Session, *, location_id: UUID, limit: int = 200) -> Sequence[Fulfilment]:
    """The location's open shipments."""
    return session.exec(
        select(Fulfilment)
        .where(
            Fulfilment.location_id == location_id,
            Fulfilment.kind == Delivery.SHIP,
            col(Fulfilment.status).in_(_TO_DO),
        )
        .order_by(col(Fulfilment.due_at), col(Fulfilment.number))
        .limit(limit)
        .execution_options(populate_existing=True)
    ).all()


def item(session: Session, fulfilment_id: UUID, *, location_id: UUID) -> Fulfilment:
    """One shipment of this location; another's is not found."""
    row = session.get(Fulfilment, fulfilment_id)
    if row is None or row.location_id != location_id or row.kind is not Delivery.SHIP:
        raise NotFound(
            f"there is no shipment {fulfilment_id} in this location",
            field="fulfilment_id",
            remedy="refresh the list; the link may be of another location",
        )
    return row


def parcel(session: Session, fulfilment: Fulfilment, parcel_id: UUID) -> Parcel:
    """One parcel of this shipment; another's is not found."""
    row = session.get(Parcel, parcel_id)
    if row is None or row.fulfilment_id != fulfilment.id:
        raise NotFound(
            f"this shipment has no parcel {parcel_id}",
            field="parcel_id",
            remedy="read the shipment again; its parcels are listed with it",
        )
    return row
