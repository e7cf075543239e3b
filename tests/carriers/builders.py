"""Shipments, carriers and clocks for tests; each fills in what a test does not care about."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from carriers.base import Address, Parcel, Rate, Shipment
from carriers.manual.carrier import ManualCarrier, ManualConfig
from carriers.simulated.carrier import SimulatedCarrier
from carriers.simulated.config import SimulatedConfig

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROGERS = Address(
    name="Store 12",
    street="2110 West Walnut Street",
    city="Rogers",
    region="AR",
    postcode="72756",
    country="US",
    latitude=36.342235,
    longitude=-94.07141,
)
CHICAGO = Address(
    name="Zoë Łukasiewicz",
    street="1200 South Michigan Avenue",
    street_2="Apt 14 B",
    city="Chicago",
    region="IL",
    postcode="60605",
    country="US",
    latitude=41.867405,
    longitude=-87.624087,
)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


def an_address(**parts: Any) -> Address:
    return replace(CHICAGO, **parts)


def a_shipment(*, weight_g: int = 1200, **parts: Any) -> Shipment:
    shipment = Shipment(
        reference="F-5001-1",
        sender=ROGERS,
        recipient=CHICAGO,
        parcel=Parcel(weight_g=weight_g, length_mm=300, width_mm=200, height_mm=100),
        ship_on=date(2026, 3, 2),
        value_minor=4500,
        currency="USD",
        notes=("Order 1001",),
    )
    return replace(shipment, **parts)


def simulated(*, clock: Clock | None = None, **settings: Any) -> SimulatedCarrier:
    config = SimulatedConfig(seed="test", **settings)
    return SimulatedCarrier(config, production=False, clock=clock or Clock())


def manual(**settings: Any) -> ManualCarrier:
    return ManualCarrier(ManualConfig(price_minor=500, currency="USD", **settings))


def rate_for(
    carrier: SimulatedCarrier | ManualCarrier, shipment: Shipment, *, service: str = ""
) -> Rate:
    rates = carrier.rate(shipment)
    return next(rate for rate in rates if not service or rate.service == service)
