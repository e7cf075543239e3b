"""What a carrier must know of a parcel, and what it has told us."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from oms.catalogue import queries as catalogue
from oms.customers.models import Address, Customer
from oms.fulfilments import queries
from oms.fulfilments.models import Fulfilment, Parcel, ParcelStatus
from oms.locations.models import Location
from oms.orders.models import Order


@dataclass(frozen=True, slots=True)
class ToShip:
    """One parcel with everything that a label needs. The rows are detached copies."""

    parcel: Parcel
    fulfilment_number: int
    sender: Location
    recipient: Address
    customer_phone: str
    order_number: str
    value_minor: int
    currency: str
    channel: str
    categories: frozenset[str]
    """Of the shipment's articles; what exactly lies in which parcel is not written down."""


@dataclass(frozen=True, slots=True)
class OnTheRoad:
    """A labelled parcel that has been handed over."""

    parcel_id: UUID
    carrier: str
    tracking_number: str
    handed_over_at: datetime


def to_label(session: Session, fulfilment_id: UUID) -> list[ToShip]:
    """The parcels of a fulfilment that have no label yet."""
    return [
        _to_ship(session, parcel)
        for parcel in queries.parcels(session, fulfilment_id)
        if parcel.status is ParcelStatus.PACKED
    ]


def to_void(session: Session, fulfilment_id: UUID) -> list[ToShip]:
    """The parcels whose label the carrier must take back."""
    return [
        _to_ship(session, parcel)
        for parcel in queries.parcels(session, fulfilment_id)
        if parcel.void_owed
    ]


def voided(session: Session, parcel_id: UUID) -> None:
    """The carrier has taken the label back."""
    session.get_one(Parcel, parcel_id, with_for_update=True).void_owed = False


def on_the_road(session: Session, fulfilment_id: UUID) -> list[OnTheRoad]:
    """The parcels of a fulfilment whose journey has not ended."""
    ended = (ParcelStatus.DELIVERED, ParcelStatus.RETURNED, ParcelStatus.LOST)
    return [
        OnTheRoad(parcel.id, parcel.carrier, parcel.tracking_number, parcel.handed_over_at)
        for parcel in queries.parcels(session, fulfilment_id)
        if parcel.handed_over_at and parcel.status not in ended
        if parcel.carrier and parcel.tracking_number
    ]


def _to_ship(session: Session, parcel: Parcel) -> ToShip:
    fulfilment = session.get_one(Fulfilment, parcel.fulfilment_id)
    order = session.get_one(Order, fulfilment.order_id)
    customer = session.get_one(Customer, order.customer_id)
    assert fulfilment.number is not None
    assert order.address_id is not None, "a shipment has an address"
    return ToShip(
        parcel=parcel,
        fulfilment_number=fulfilment.number,
        sender=session.get_one(Location, fulfilment.location_id),
        recipient=session.get_one(Address, order.address_id),
        customer_phone=customer.phone,
        order_number=order.display_number,
        value_minor=order.total_minor,
        currency=order.currency,
        channel=order.channel,
        categories=frozenset(
            product.category
            for product in catalogue.products(
                session, {line.sku for line in queries.lines(session, fulfilment.id)}
            ).values()
        ),
    )
