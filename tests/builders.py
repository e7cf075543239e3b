"""Things to test with: each builder fills in whatever the test does not care about."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from oms import clock
from oms.catalogue.models import Barcode, Listing, Product
from oms.channels.models import ChannelMessage, ChannelMessageKey
from oms.errors import OmsError
from oms.inventory import receiving
from oms.locations.models import Location, LocationKind, OpeningHours
from oms.ordering import placing
from oms.orders.models import Delivery, Order
from oms.orders.new_order import NewAddress, NewHold, NewLine, NewOrder
from oms.sourcing import tariffs
from oms.sourcing.models import TariffSheet
from oms.tables import METADATA

TARIFF = {
    "zone_miles": [50, 150, 300, 600, 1000, 1400, 1800],
    "max_weight_g": [500, 2_000, 10_000, 70_000],
    "cents": [
        [450, 470, 490, 510, 530, 550, 570, 590],
        [650, 690, 730, 770, 810, 850, 890, 930],
        [950, 1050, 1150, 1250, 1350, 1450, 1550, 1650],
        [2100, 2400, 2700, 3000, 3300, 3600, 3900, 4200],
    ],
    "transit_days": [1, 2, 2, 3, 4, 4, 5, 5],
}
NEW_YORK = (40.71, -74.0)


def a_tariff(session: Session, *, currency: str = "USD") -> TariffSheet:
    """A tariff sheet that has been in force for years, so that a test may set its clock back."""
    with clock.at(datetime(2020, 1, 1, tzinfo=UTC)):
        return tariffs.load(session, name=f"test {uuid4()}", currency=currency, sheet=TARIFF)


def a_store(
    session: Session,
    code: str = "S01",
    *,
    kind: LocationKind = LocationKind.STORE,
    at: tuple[float, float] = NEW_YORK,
    capacity: int | None = None,
    can_pickup: bool = True,
    can_ship: bool = True,
    can_returns: bool = True,
    parcel_cost: int = 190,
) -> Location:
    """A store that is open every day from 8 to 20 in New York."""
    store = Location(
        code=code,
        name=f"Store {code}",
        kind=kind,
        street="1 High Street",
        city="New York",
        region="NY",
        postcode="10001",
        country="US",
        latitude=at[0],
        longitude=at[1],
        time_zone="America/New_York",
        cut_off=time(15, 0),
        can_ship=can_ship,
        can_pickup=can_pickup,
        can_returns=can_returns,
        capacity_parcels=capacity,
        parcel_cost_minor=parcel_cost,
        line_cost_minor=60,
        pickup_cost_minor=100,
        handling_days=0,
        created_at=clock.now(),
    )
    session.add(store)
    session.flush()
    session.add_all(
        OpeningHours(location_id=store.id, weekday=day, opens=time(8), closes=time(20))
        for day in range(7)
    )
    session.flush()
    return store


def no_cut_off_soon(session: Session) -> None:
    """Let every location's cut-off be twelve hours off, so that no order's wait is cut short."""
    for place in session.exec(select(Location)):
        there = clock.now().astimezone(ZoneInfo(place.time_zone)) + timedelta(hours=12)
        place.cut_off = there.time().replace(microsecond=0)
    session.flush()


def a_warehouse(session: Session, code: str = "W01", **options: object) -> Location:
    """A warehouse: ships, hands nothing over."""
    return a_store(
        session,
        code,
        kind=LocationKind.WAREHOUSE,
        can_pickup=False,
        **options,  # type: ignore[arg-type]
    )


def a_product(session: Session, sku: str = "MUG", *, weight_g: int = 300) -> Product:
    """A product with a barcode that is its SKU in lower case."""
    product = Product(
        sku=sku,
        name=sku.title(),
        weight_g=weight_g,
        length_mm=120,
        width_mm=100,
        height_mm=100,
        price_minor=1_250,
        currency="USD",
        created_at=clock.now(),
    )
    session.add(product)
    session.flush()
    session.add(Barcode(code=sku.lower(), sku=sku))
    session.flush()
    return product


def a_message(session: Session, **facts: Any) -> ChannelMessage:
    """A message of a channel as it was kept, under its key; a parked one wants a case as well."""
    message = ChannelMessage(
        **{
            "channel": "shopify",
            "dedupe_key": str(uuid4()),
            "topic": "orders/create",
            "received_at": clock.now(),
            "headers": {},
            "body": b"",
        }
        | facts
    )
    key = ChannelMessageKey(
        channel=message.channel, dedupe_key=message.dedupe_key, message_id=message.id
    )
    session.add_all([message, key])
    session.flush()
    return message


def a_listing(session: Session, *, channel: str, channel_sku: str, sku: str) -> Listing:
    """An article as a channel sells it."""
    listing = Listing(
        channel=channel, channel_sku=channel_sku, sku=sku, price_minor=1_250, currency="USD"
    )
    session.add(listing)
    session.flush()
    return listing


def stock(session: Session, place: Location, **units: int) -> None:
    """Book units of these SKUs in at a location."""
    for sku, count in units.items():
        receiving.receive(session, sku=sku, location_id=place.id, units=count, actor="test")


def an_address(**changes: object) -> NewAddress:
    """An address in New York."""
    given: dict[str, object] = {
        "name": "Ada Example",
        "street": "5 Main Street",
        "city": "New York",
        "region": "NY",
        "postcode": "10002",
        "country": "US",
        "latitude": NEW_YORK[0],
        "longitude": NEW_YORK[1],
    }
    return NewAddress(**(given | changes))  # type: ignore[arg-type]


def a_new_order(
    wanted: Mapping[str, int] | None = None,
    *,
    channel: str = "reference",
    external_id: str | None = None,
    updated_at: datetime | None = None,
    pickup_store: str | None = None,
    holds: Sequence[NewHold] = (),
    cancelled: bool = False,
    address: NewAddress | None = None,
) -> NewOrder:
    """What a channel says of an order; with `pickup_store` it is collected there."""
    wanted = wanted if wanted is not None else {"MUG": 1}
    reference = external_id or uuid4().hex[:12]
    return NewOrder(
        channel=channel,
        external_id=reference,
        display_number=f"#{reference}",
        placed_at=clock.now(),
        updated_at=updated_at or clock.now(),
        currency="USD",
        total_minor=1_250 * sum(wanted.values()),
        lines=tuple(
            NewLine(
                external_id=str(number),
                channel_sku=sku,
                title=sku.title(),
                quantity=units,
                unit_price_minor=1_250,
            )
            for number, (sku, units) in enumerate(wanted.items(), start=1)
        ),
        customer_name="Ada Example",
        customer_email="ada@example.com",
        delivery=Delivery.PICKUP if pickup_store else Delivery.SHIP,
        pickup_store=pickup_store,
        address=None if pickup_store else address or an_address(),
        holds=tuple(holds),
        cancelled=cancelled,
    )


def an_order(session: Session, wanted: Mapping[str, int] | None = None, **options: object) -> Order:
    """An order that was placed; tariff, products, stores and stock must be there."""
    return placing.place(session, a_new_order(wanted, **options), actor="test")  # type: ignore[arg-type]


def later(**by: float) -> datetime:
    """A moment after now."""
    return datetime.now(UTC) + timedelta(**by)


def contents(session: Session) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    session.flush()
    return {
        table: sorted(session.scalars(text(f'SELECT t::text FROM "{table}" t')).all())
        for table in METADATA.tables
    }


@dataclass(slots=True)
class Refusal:
    """What a refused block was refused with."""

    error: OmsError = field(default_factory=lambda: OmsError("the block is not over"))


@contextmanager
def refused(session: Session, error: type[OmsError], match: str | None = None) -> Iterator[Refusal]:
    """The block must be refused with this error; what it had begun is undone, as its callers do."""
    before = contents(session)
    found = Refusal()
    with pytest.raises(error, match=match) as raised, session.begin_nested():
        yield found
    found.error = raised.value
    session.expire_all()
    assert contents(session) == before
