"""Find a pickup of one store by whatever was scanned or typed."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from oms.catalogue.models import Barcode
from oms.catalogue.scanning import forms
from oms.fulfilments.models import FulfilmentLine
from oms.orders.models import Order
from oms.pickup import queue, states
from oms.pickup.models import Pickup
from oms.pickup.queue import QueueItem
from oms.pickup.staging_models import PickupPackage

MOST_FOUND = 20


def find(session: Session, shown: str, *, location_id: UUID) -> list[QueueItem]:
    """Pickups of this store that the text stands for, the most urgent first.

    The text is a customer's QR token, an order number with or without its "#", the code of a
    package, or the barcode of an article that an open pickup contains. A closed pickup is found
    by token and number, so that "it was collected at noon" can be answered.
    """
    text = shown.strip()
    if not text:
        return []
    ways = (Pickup.qr_token == text, _numbered(text), _packed_in(text), _contains(text))
    for way in ways:
        ids = session.exec(
            select(Pickup.id)
            .join(Order, col(Order.id) == Pickup.order_id)
            .where(Pickup.location_id == location_id, way)
            .order_by(col(Pickup.due_at), col(Pickup.id))
            .limit(MOST_FOUND)
        ).all()
        if ids:
            return [queue.item(session, found, location_id=location_id) for found in ids]
    return []


def _numbered(text: str) -> ColumnElement[bool]:
    bare = text.removeprefix("#")
    names = [bare, f"#{bare}"]
    by_name = col(Order.display_number).in_(names)
    if bare.isdecimal() and len(bare) <= 18:
        return or_(by_name, col(Order.number) == int(bare))
    return by_name


def _packed_in(code: str) -> ColumnElement[bool]:
    packed = select(PickupPackage.pickup_id).where(
        PickupPackage.code == code.upper(), col(PickupPackage.gone).is_(False)
    )
    return col(Pickup.id).in_(packed)


def _contains(barcode: str) -> ColumnElement[bool]:
    fulfilments = (
        select(FulfilmentLine.fulfilment_id)
        .join(Barcode, col(Barcode.sku) == FulfilmentLine.sku)
        .where(col(Barcode.code).in_(forms(barcode)))
    )
    return col(Pickup.status).not_in(states.CLOSED) & col(Pickup.fulfilment_id).in_(fulfilments)
