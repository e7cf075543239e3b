"""What a carrier must know of a parcel, and what it has told us."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.catalogue import queries as catalogue
from oms.catalogue.models import Product
from oms.customers.models import Address, Customer
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.fulfilments import queries
from oms.fulfilments.models import Fulfilment, Parcel, ParcelLine, ParcelStatus
from oms.locations.models import Location
from oms.orders.models import Order, OrderLine

_MAY_TAKE: Final = timedelta(hours=6)
"""A carrier that has not agreed to a void is asked again after so long."""


@dataclass(frozen=True, slots=True)
class Article:
    """Units of one article in a parcel, with what customs want to know of it."""

    sku: str
    description: str
    quantity: int
    value_minor: int
    weight_g: int
    hs_code: str
    origin_country: str


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
    """Of the articles in this parcel, at the prices of their lines."""
    currency: str
    channel: str
    categories: frozenset[str]
    """Of the shipment's articles: a policy excludes a carrier from all of its parcels or none."""
    deliver_by: date
    """What the customer was promised."""
    contents: tuple[Article, ...] = ()
    """Told only of a parcel that leaves its country."""


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
        to_ship(session, parcel)
        for parcel in queries.parcels(session, fulfilment_id)
        if parcel.status is ParcelStatus.PACKED and parcel.label_wanted
    ]


def to_void(session: Session, fulfilment_id: UUID) -> list[ToShip]:
    """The parcels whose label the carrier must take back, or be asked about again by now."""
    return [
        to_ship(session, parcel)
        for parcel in queries.parcels(session, fulfilment_id)
        if parcel.void_owed and void_due_at(parcel) <= clock.now()
    ]


def void_due_at(parcel: Parcel) -> datetime:
    """When a carrier that owes us a void is asked, for the first time or again."""
    if parcel.void_asked_at is None:
        return datetime.min.replace(tzinfo=UTC)
    return parcel.void_asked_at + _MAY_TAKE


def voided(session: Session, parcel_id: UUID) -> None:
    """The carrier has taken the label back."""
    session.get_one(Parcel, parcel_id, with_for_update=True).void_owed = False


def void_pending(session: Session, parcel_id: UUID) -> None:
    """The carrier was asked and has not agreed yet."""
    session.get_one(Parcel, parcel_id, with_for_update=True).void_asked_at = clock.now()


def void_refused(session: Session, parcel_id: UUID, *, why: str) -> None:
    """The carrier will not take the label back: nobody asks again, and a person is told."""
    parcel = session.get_one(Parcel, parcel_id, with_for_update=True)
    parcel.void_owed = False
    fulfilment = session.get_one(Fulfilment, parcel.fulfilment_id)
    open_case(
        session,
        kind=ExceptionKind.CARRIER_FAILED,
        cause_type="parcel",
        cause_id=parcel.id,
        order_id=fulfilment.order_id,
        detail=f"{parcel.carrier} does not take label {parcel.tracking_number} back: {why}",
        remedy="make sure that the parcel has not left; ask the carrier for the money",
    )


def on_the_road(session: Session, fulfilment_id: UUID) -> list[OnTheRoad]:
    """The parcels of a fulfilment whose journey has not ended."""
    ended = (ParcelStatus.DELIVERED, ParcelStatus.RETURNED, ParcelStatus.LOST)
    return [
        OnTheRoad(parcel.id, parcel.carrier, parcel.tracking_number, parcel.handed_over_at)
        for parcel in queries.parcels(session, fulfilment_id)
        if parcel.handed_over_at and parcel.status not in ended
        if parcel.carrier and parcel.tracking_number
    ]


def to_ship(session: Session, parcel: Parcel) -> ToShip:
    """A parcel with everything that its carrier is told of it."""
    fulfilment = session.get_one(Fulfilment, parcel.fulfilment_id)
    order = session.get_one(Order, fulfilment.order_id)
    customer = session.get_one(Customer, order.customer_id)
    assert fulfilment.number is not None
    assert order.address_id is not None, "a shipment has an address"
    sender = session.get_one(Location, fulfilment.location_id)
    recipient = session.get_one(Address, order.address_id)
    contents = _contents(session, parcel.id)
    abroad = sender.country != recipient.country
    return ToShip(
        parcel=parcel,
        fulfilment_number=fulfilment.number,
        sender=sender,
        recipient=recipient,
        contents=contents if abroad else (),
        customer_phone=customer.phone,
        order_number=order.display_number,
        value_minor=sum(article.value_minor * article.quantity for article in contents),
        currency=order.currency,
        channel=order.channel,
        categories=frozenset(
            product.category
            for product in catalogue.products(
                session, {line.sku for line in queries.lines(session, fulfilment.id)}
            ).values()
        ),
        deliver_by=order.promise_by.date(),
    )


def _contents(session: Session, parcel_id: UUID) -> tuple[Article, ...]:
    found = session.exec(
        select(ParcelLine.quantity, OrderLine, Product)
        .join(OrderLine, col(OrderLine.id) == col(ParcelLine.line_id))
        .join(Product, col(Product.sku) == col(OrderLine.sku))
        .where(ParcelLine.parcel_id == parcel_id)
        .order_by(col(OrderLine.position))
    ).all()
    return tuple(
        Article(
            sku=line.sku,
            description=product.name or line.title,
            quantity=quantity,
            value_minor=line.unit_price_minor,
            weight_g=product.weight_g,
            hs_code=product.hs_code or "",
            origin_country=product.origin_country or "",
        )
        for quantity, line, product in found
    )
