"""Between the business and the carriers: translate, choose a service, name what went wrong."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.exceptions import ApplicationError

from carriers.base import Address, CarrierError, CustomsLine, Label, Parcel, Shipment
from oms import clock
from oms.customers import models as customers
from oms.fulfilments.parcels import Article, ToShip
from oms.locations.models import Location
from oms.settings import settings
from workflows.carriage import registry

__all__ = [
    "address_of",
    "carrier_errors",
    "label_of",
    "place_of",
    "reference_of",
    "registry",
    "shipment_of",
]


@contextmanager
def carrier_errors() -> Generator[None]:
    """Say of a carrier's refusal whether it is worth another try, and when."""
    try:
        yield
    except CarrierError as error:
        raise ApplicationError(
            f"{error.field}: {error}" if error.field else str(error),
            type=error.code,
            non_retryable=not error.retryable,
            next_retry_delay=timedelta(seconds=error.retry_after_s)
            if error.retry_after_s
            else None,
        ) from error


def shipment_of(one: ToShip) -> Shipment:
    """The parcel in the carriers' words. The reference finds the label again."""
    parcel = one.parcel
    return Shipment(
        reference=reference_of(one),
        sender=place_of(one.sender),
        recipient=address_of(one.recipient, phone=one.customer_phone),
        parcel=Parcel(
            weight_g=parcel.weight_g,
            length_mm=parcel.length_mm,
            width_mm=parcel.width_mm,
            height_mm=parcel.height_mm,
        ),
        ship_on=clock.now().date(),
        value_minor=one.value_minor,
        currency=one.currency,
        notes=(f"Order {one.order_number}",),
        tracking_number=parcel.tracking_number or "",
        customs=tuple(_declared(article) for article in one.contents),
    )


def label_of(one: ToShip, *, tracking_number: str) -> Label:
    """The parcel's label as its carrier knows it, without its documents."""
    parcel = one.parcel
    return Label(
        carrier=parcel.carrier or settings().carrier,
        service=parcel.service or "",
        reference=reference_of(one),
        tracking_number=tracking_number,
        tracking_url=parcel.tracking_url or "",
        amount_minor=parcel.cost_minor,
        currency=parcel.currency or "",
        documents={},
    )


def reference_of(one: ToShip) -> str:
    """Our reference of a parcel, by which its label is found again."""
    return f"{one.fulfilment_number}-{one.parcel.number}"


def place_of(place: Location) -> Address:
    """A location in the carriers' words."""
    return Address(
        name=place.name,
        street=place.street,
        city=place.city,
        region=place.region,
        postcode=place.postcode,
        country=place.country,
        latitude=place.latitude,
        longitude=place.longitude,
    )


def address_of(person: customers.Address, *, phone: str) -> Address:
    """A customer's address in the carriers' words; `phone` where it has none of its own."""
    return Address(
        name=person.name,
        company=person.company,
        street=person.street,
        street_2=person.street_2,
        city=person.city,
        region=person.region,
        postcode=person.postcode,
        country=person.country,
        phone=person.phone or phone,
        latitude=person.latitude,
        longitude=person.longitude,
    )


def _declared(article: Article) -> CustomsLine:
    return CustomsLine(
        description=article.description,
        quantity=article.quantity,
        value_minor=article.value_minor,
        weight_g=article.weight_g,
        hs_code=article.hs_code,
        origin=article.origin_country,
        sku=article.sku,
    )
