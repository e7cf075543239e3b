"""What is promised can be kept: an order with the promised date is routed for that date."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, delete, select

from oms import clock
from oms.locations.models import ClosedDay, Location, OpeningHours
from oms.ordering import placing
from oms.promises import promising
from oms.promises.baskets import Basket
from oms.promises.shipping import ShippingOption
from oms.sourcing import decisions
from tests.builders import a_new_order, a_product, a_store, a_tariff, an_address, stock
from tests.oms.shop import routed

PLACES = (
    ((40.71, -74.0), "America/New_York"),
    ((42.36, -71.06), "America/New_York"),
    ((41.88, -87.63), "America/Chicago"),
    ((39.74, -104.99), "America/Denver"),
    ((34.05, -118.24), "America/Los_Angeles"),
    ((21.31, -157.86), "Pacific/Honolulu"),
)
ARTICLES = ("CUP", "LAMP", "RUG")
# Clocks go back on the first of November.
FIRST = datetime(2026, 10, 29, tzinfo=UTC)


def a_network(session: Session, chance: Random) -> None:
    """Stores that are closed, full, slow, dear or short of goods now and then."""
    a_tariff(session)
    for sku in ARTICLES:
        a_product(session, sku, weight_g=chance.choice((200, 900, 4_000)))
    for number, (at, zone) in enumerate(PLACES):
        store = a_store(
            session,
            f"S{number}",
            at=at,
            capacity=chance.choice((None, None, 1, 0)),
            can_ship=chance.random() > 0.1,
            parcel_cost=chance.choice((100, 200, 900)),
        )
        store.time_zone = zone
        store.handling_days = chance.choice((0, 0, 1, 3))
        store.cut_off = time(chance.randrange(8, 20), chance.choice((0, 30)))
        for weekday in chance.sample(range(7), chance.choice((0, 0, 1, 2))):
            session.exec(
                delete(OpeningHours).where(
                    col(OpeningHours.location_id) == store.id,
                    col(OpeningHours.weekday) == weekday,
                )
            )
        for ahead in chance.sample(range(8), chance.choice((0, 1, 2))):
            day = FIRST.date() + timedelta(days=ahead)
            session.add(ClosedDay(location_id=store.id, day=day))
        stock(session, store, **{sku: units for sku in ARTICLES if (units := chance.randrange(4))})
    session.flush()


def leaves_as_said(session: Session, option: ShippingOption) -> None:
    """Reckoned day by day: handling takes open days, beginning before the cut-off of one."""
    for parcel in option.parcels:
        place = session.exec(select(Location).where(col(Location.code) == parcel.location)).one()
        shut = session.exec(
            select(col(ClosedDay.day)).where(col(ClosedDay.location_id) == place.id)
        ).all()
        weekdays = session.exec(
            select(col(OpeningHours.weekday)).where(col(OpeningHours.location_id) == place.id)
        ).all()
        local = clock.now().astimezone(ZoneInfo(place.time_zone))
        ahead = (local.date() + timedelta(days=number) for number in range(90))
        work = [day for day in ahead if day not in shut and day.weekday() in weekdays]
        if work[0] == local.date() and local.time() >= place.cut_off:
            work = work[1:]
        assert parcel.leaves_on == work[place.handling_days]
        assert parcel.leaves_on < parcel.arrives_on <= option.arrives_on


@pytest.mark.parametrize("seed", range(10))
def test_an_order_with_the_promised_date_is_routed_on_time(session: Session, seed: int) -> None:
    chance = Random(seed)
    with clock.at(FIRST + timedelta(hours=chance.randrange(24 * 6), minutes=7)):
        a_network(session, chance)
        for _ in range(3):
            wanted = {
                sku: chance.randrange(1, 3)
                for sku in chance.sample(ARTICLES, chance.randrange(1, 4))
            }
            lat, lon = chance.choice(PLACES)[0]
            basket = Basket(tuple(wanted.items()), latitude=lat + 1, longitude=lon - 1)
            found = promising.promise(session, basket).shipping
            assert bool(found.options) != bool(found.lacking)
            for option in found.options:
                leaves_as_said(session, option)
                with session.begin_nested() as attempt:
                    assert_kept(session, wanted, (lat + 1, lon - 1), option)
                    attempt.rollback()
                session.expire_all()


def assert_kept(
    session: Session, wanted: dict[str, int], where: tuple[float, float], option: ShippingOption
) -> None:
    new = replace(
        a_new_order(wanted, address=an_address(latitude=where[0], longitude=where[1])),
        deliver_by=option.promise_by,
    )
    order = placing.place(session, new, actor="test", backorder=False)
    parts = routed(session, order)
    [decision] = decisions.of_order(session, order.id)
    assert decision.fallback_reason is None
    assert decision.cost_minor == option.cost_minor
    assert len(parts) == len(option.parcels)
