"""Shipments as their location sees them: what to collect, for whom, and which labels there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from oms import clock
from oms.catalogue.models import Barcode
from oms.catalogue.scanning import forms
from oms.customers.models import Address, Customer
from oms.fulfilments import reporting, ship_queue, worklist
from oms.fulfilments.box_models import OpenParcel
from oms.fulfilments.models import (
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    Parcel,
    ParcelLabel,
    ParcelStatus,
)
from oms.fulfilments.worklist import QueueLine
from oms.orders.models import Delivery, Order

MOST_FOUND = 20
_OPEN = (FulfilmentStatus.ALLOCATED, FulfilmentStatus.PICKING, FulfilmentStatus.PACKED)
_STEPS = {FulfilmentStatus.ALLOCATED: "new", FulfilmentStatus.PICKING: "picking"}


@dataclass(frozen=True, slots=True)
class ShipParcel:
    """A closed box. `formats` are the labels that can be printed."""

    parcel_id: UUID
    number: int
    status: ParcelStatus
    weight_g: int
    carrier: str | None
    service: str | None
    tracking_number: str | None
    formats: tuple[str, ...]
    by_hand: bool
    """Staff say how its journey goes: the carrier does not."""
    box: str | None
    length_mm: int
    width_mm: int
    height_mm: int
    label_wanted: bool
    replaces: int | None
    void_pending: bool
    """Its label was given back, and the carrier has not agreed yet."""
    prints: int
    manifested: bool


@dataclass(frozen=True, slots=True)
class Shipment:
    """One shipment."""

    fulfilment_id: UUID
    number: int
    order_number: str
    channel: str
    recipient: str
    place: str
    """City and country; the whole address is on the label."""
    status: FulfilmentStatus
    step: str
    """new, picking, packing (being scanned into parcels), packed (the label is on its way),
    unlabelled (it was given back), labelled, or the later status."""
    version: int
    due_at: datetime
    minutes_to_promise: int
    lines: tuple[QueueLine, ...]
    parcels: tuple[ShipParcel, ...]


def to_do(session: Session, *, location_id: UUID) -> list[Shipment]:
    """The location's open shipments, the most urgent first."""
    return _shown(session, ship_queue.queue(session, location_id=location_id))


def on_the_road(session: Session, *, location_id: UUID) -> list[Shipment]:
    """The location's shipments that staff follow, until they say how each ended."""
    return _shown(session, reporting.followed_by_hand(session, location_id=location_id))


def shipment(session: Session, fulfilment_id: UUID, *, location_id: UUID) -> Shipment:
    """One shipment of this location, open or not; another's is `NotFound`."""
    return _shown(session, [ship_queue.item(session, fulfilment_id, location_id=location_id)])[0]


def find(session: Session, shown: str, *, location_id: UUID) -> list[Shipment]:
    """Shipments of this location by order number, their own, a parcel's, or a barcode."""
    text = shown.strip()
    if not text:
        return []
    for way in (_numbered(text), _tracked(text), _contains(text)):
        rows = session.exec(
            select(Fulfilment)
            .join(Order, col(Order.id) == Fulfilment.order_id)
            .where(Fulfilment.location_id == location_id, Fulfilment.kind == Delivery.SHIP, way)
            .order_by(col(Fulfilment.due_at), col(Fulfilment.number))
            .limit(MOST_FOUND)
        ).all()
        if rows:
            return _shown(session, rows)
    return []


def _numbered(text: str) -> ColumnElement[bool]:
    bare = text.removeprefix("#")
    by_name = col(Order.display_number).in_([bare, f"#{bare}"])
    if bare.isdecimal() and len(bare) <= 18:
        number = int(bare)
        return or_(by_name, col(Order.number) == number, col(Fulfilment.number) == number)
    return by_name


def _tracked(text: str) -> ColumnElement[bool]:
    return col(Fulfilment.id).in_(
        select(Parcel.fulfilment_id).where(
            Parcel.tracking_number == text, Parcel.status != ParcelStatus.VOIDED
        )
    )


def _contains(barcode: str) -> ColumnElement[bool]:
    fulfilments = (
        select(FulfilmentLine.fulfilment_id)
        .join(Barcode, col(Barcode.sku) == FulfilmentLine.sku)
        .where(col(Barcode.code).in_(forms(barcode)))
    )
    return col(Fulfilment.status).in_(_OPEN) & col(Fulfilment.id).in_(fulfilments)


def _shown(session: Session, rows: Sequence[Fulfilment]) -> list[Shipment]:
    ids = [row.id for row in rows]
    orders = _orders(session, rows)
    lines = worklist.lines_of(session, ids)
    parcels = _parcels(session, ids)
    people = _recipients(session, list(orders.values()))
    filling = _being_packed(session, ids)
    return [
        Shipment(
            fulfilment_id=row.id,
            number=row.number or 0,
            order_number=orders[row.order_id].display_number,
            channel=orders[row.order_id].channel,
            recipient=people[row.order_id][0],
            place=people[row.order_id][1],
            status=row.status,
            step="packing" if row.id in filling else _step(row, parcels.get(row.id, ())),
            version=row.version,
            due_at=row.due_at,
            minutes_to_promise=int((row.due_at - clock.now()).total_seconds() // 60),
            lines=lines.get(row.id, ()),
            parcels=parcels.get(row.id, ()),
        )
        for row in rows
    ]


def _step(row: Fulfilment, parcels: Sequence[ShipParcel]) -> str:
    if row.status is FulfilmentStatus.PACKED:
        bare = [parcel for parcel in parcels if parcel.status is ParcelStatus.PACKED]
        if any(parcel.label_wanted for parcel in bare):
            return "packed"
        return "unlabelled" if bare else "labelled"
    return _STEPS.get(row.status, row.status.value)


def _being_packed(session: Session, fulfilment_ids: Sequence[UUID]) -> set[UUID]:
    return set(
        session.exec(
            select(OpenParcel.fulfilment_id).where(
                col(OpenParcel.fulfilment_id).in_(fulfilment_ids)
            )
        )
    )


def _orders(session: Session, rows: Sequence[Fulfilment]) -> dict[UUID, Order]:
    wanted = {row.order_id for row in rows}
    return {row.id: row for row in session.exec(select(Order).where(col(Order.id).in_(wanted)))}


def _parcels(
    session: Session, fulfilment_ids: Sequence[UUID]
) -> dict[UUID, tuple[ShipParcel, ...]]:
    rows = session.exec(
        select(Parcel)
        .where(col(Parcel.fulfilment_id).in_(fulfilment_ids))
        .order_by(col(Parcel.number))
    ).all()
    formats: dict[UUID, tuple[str, ...]] = {}
    for parcel_id, kind in session.exec(
        select(ParcelLabel.parcel_id, ParcelLabel.format)
        .where(col(ParcelLabel.parcel_id).in_([row.id for row in rows]))
        .order_by(ParcelLabel.format)
    ):
        formats[parcel_id] = (*formats.get(parcel_id, ()), kind)
    found: dict[UUID, tuple[ShipParcel, ...]] = {}
    for row in rows:
        shown = ShipParcel(
            parcel_id=row.id,
            number=row.number,
            status=row.status,
            weight_g=row.weight_g,
            carrier=row.carrier,
            service=row.service,
            tracking_number=row.tracking_number,
            formats=formats.get(row.id, ()),
            by_hand=row.carrier in reporting.BY_HAND,
            box=row.box_code,
            length_mm=row.length_mm,
            width_mm=row.width_mm,
            height_mm=row.height_mm,
            label_wanted=row.label_wanted,
            replaces=row.replaces,
            void_pending=row.void_owed,
            prints=row.prints,
            manifested=row.manifest_id is not None,
        )
        found[row.fulfilment_id] = (*found.get(row.fulfilment_id, ()), shown)
    return found


def _recipients(session: Session, orders: Sequence[Order]) -> dict[UUID, tuple[str, str]]:
    """Name and place of each order's recipient."""
    address_ids = {order.address_id for order in orders if order.address_id}
    customer_ids = {order.customer_id for order in orders}
    addresses = {
        row.id: row for row in session.exec(select(Address).where(col(Address.id).in_(address_ids)))
    }
    names = dict(
        session.exec(
            select(Customer.id, Customer.name).where(col(Customer.id).in_(customer_ids))
        ).all()
    )
    found = {}
    for order in orders:
        address = addresses.get(order.address_id) if order.address_id else None
        name = address.name if address else names[order.customer_id]
        found[order.id] = (name, f"{address.city}, {address.country}" if address else "")
    return found
