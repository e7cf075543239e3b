"""Read fulfilments and their parts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from oms.errors import NotFound
from oms.fulfilments.box_models import OpenParcel
from oms.fulfilments.models import (
    Fulfilment,
    FulfilmentLine,
    Parcel,
    ParcelLabel,
    ParcelScan,
    ParcelStatus,
)
from oms.orders import queries as orders


def locked(session: Session, fulfilment_id: UUID) -> Fulfilment:
    """The fulfilment, after its order and itself are locked (always in this sequence)."""
    order_id = session.exec(
        select(Fulfilment.order_id).where(Fulfilment.id == fulfilment_id)
    ).first()
    if order_id is None:
        raise NotFound(
            f"there is no fulfilment {fulfilment_id}",
            field="fulfilment_id",
            remedy="read the location's list again",
        )
    orders.locked(session, order_id)
    return session.exec(
        select(Fulfilment)
        .where(Fulfilment.id == fulfilment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def lines(session: Session, fulfilment_id: UUID) -> Sequence[FulfilmentLine]:
    """What the fulfilment consists of."""
    return session.exec(
        select(FulfilmentLine)
        .where(FulfilmentLine.fulfilment_id == fulfilment_id)
        .order_by(col(FulfilmentLine.sku), col(FulfilmentLine.id))
        .execution_options(populate_existing=True)
    ).all()


def of_order(session: Session, order_id: UUID) -> Sequence[Fulfilment]:
    """Every fulfilment of an order, oldest first."""
    return session.exec(
        select(Fulfilment)
        .where(Fulfilment.order_id == order_id)
        .order_by(col(Fulfilment.number))
        .execution_options(populate_existing=True)
    ).all()


def parcel_of_number(session: Session, *, carrier: str, tracking_number: str) -> UUID | None:
    """The parcel that travels under a carrier's number."""
    return session.exec(
        select(Parcel.id).where(
            Parcel.carrier == carrier, Parcel.tracking_number == tracking_number
        )
    ).first()


def parcels(session: Session, fulfilment_id: UUID) -> Sequence[Parcel]:
    """The parcels of a fulfilment, by number."""
    return session.exec(
        select(Parcel)
        .where(Parcel.fulfilment_id == fulfilment_id)
        .order_by(col(Parcel.number))
        .execution_options(populate_existing=True)
    ).all()


def live_parcels(session: Session, fulfilment_id: UUID) -> list[Parcel]:
    """The parcels that are to go or have gone: without those whose label was given back."""
    return [
        parcel
        for parcel in parcels(session, fulfilment_id)
        if parcel.status is not ParcelStatus.VOIDED
    ]


def forget_open_parcels(session: Session, fulfilment_id: UUID) -> None:
    """Nobody fills parcels of this shipment any more; their units are on the table again."""
    session.execute(delete(OpenParcel).where(col(OpenParcel.fulfilment_id) == fulfilment_id))


def label(session: Session, parcel_id: UUID, *, label_format: str) -> bytes:
    """The bytes of a parcel's label."""
    row = session.get(ParcelLabel, (parcel_id, label_format))
    if row is None:
        raise NotFound(
            f"parcel {parcel_id} has no {label_format} label",
            field="format",
            remedy="wait until the label is bought, or ask for pdf or zpl",
        )
    return row.content


def scans(session: Session, parcel_id: UUID) -> Sequence[ParcelScan]:
    """What the carrier reported, by time of scan."""
    return session.exec(
        select(ParcelScan)
        .where(ParcelScan.parcel_id == parcel_id)
        .order_by(col(ParcelScan.scanned_at), col(ParcelScan.scan_id))
    ).all()
