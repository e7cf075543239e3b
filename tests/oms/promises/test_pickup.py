"""Stores near the customer, and when a basket is ready there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from oms import clock
from oms.locations.models import ClosedDay
from oms.promises import promising
from oms.promises.baskets import Basket
from oms.promises.pickup import Pickup
from oms.settings import settings
from tests.builders import an_order, stock
from tests.oms.shop import Shop, fill, routed

MONDAY = datetime(2026, 6, 15, 14, 0, tzinfo=UTC)  # 10:00 in New York
HERE = {"latitude": 40.71, "longitude": -74.0}


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def ask(session: Session, wanted: dict[str, int] | None = None, *, stores: int = 5) -> Pickup:
    session.flush()
    basket = Basket(tuple((wanted or {"MUG": 1}).items()), **HERE)  # type: ignore[arg-type]
    return promising.promise(session, basket, stores=stores).pickup


def test_the_nearest_store_comes_first_and_is_ready_after_its_lead_time(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    found = ask(session)
    assert [(one.location, one.miles) for one in found.whole] == [("S01", 0.0), ("S02", 190.0)]
    assert {one.ready_by for one in found.whole} == {MONDAY + timedelta(hours=2)}
    assert found.whole[0].time_zone == "America/New_York"
    assert found.whole[0].capacity_left is None
    assert (found.in_part, found.reason) == ((), None)
    assert [one.location for one in ask(session, stores=1).whole] == ["S01"]
    assert ask(session, stores=0).whole == ()


def test_ready_is_reckoned_in_the_stores_own_opening_hours(session: Session, shop: Shop) -> None:
    fill(session, shop)
    shop.harbour.time_zone = "America/Los_Angeles"
    session.add(ClosedDay(location_id=shop.riverside.id, day=date(2026, 6, 16)))
    with clock.at(datetime(2026, 6, 15, 23, 0, tzinfo=UTC)):  # 19:00 in New York, 16:00 out west
        found = ask(session)
    assert {one.location: one.ready_by for one in found.whole} == {
        "S01": datetime(2026, 6, 17, 13, 0, tzinfo=UTC),  # an hour tonight, one on Wednesday
        "S02": datetime(2026, 6, 16, 1, 0, tzinfo=UTC),
    }


def test_ready_keeps_local_hours_when_clocks_change(session: Session, shop: Shop) -> None:
    fill(session, shop)
    evening = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)  # 20:00 on Saturday, the shop closes
    with clock.at(evening):
        found = ask(session)
    # 10:00 on Sunday is 15:00 UTC, for clocks have gone back; the day before it was 14:00.
    assert found.whole[0].ready_by == datetime(2026, 11, 1, 15, 0, tzinfo=UTC)


def test_a_store_with_a_part_is_named_with_what_it_lacks(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=1)
    stock(session, shop.harbour, MUG=1, LAMP=1)
    stock(session, shop.depot, MUG=9, LAMP=9)
    found = ask(session, {"MUG": 1, "LAMP": 1})
    assert [one.location for one in found.whole] == ["S02"]
    assert [(one.location, one.lacking) for one in found.in_part] == [("S01", ("LAMP",))]
    none = ask(session, {"MUG": 2, "LAMP": 1})
    assert (none.whole, none.reason) == ((), "no store has the whole basket")
    assert [(one.location, one.lacking) for one in none.in_part] == [("S02", ("MUG",))]


def test_a_full_a_closed_and_a_dear_store_promise_nothing(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=9)
    shop.riverside.capacity_parcels = 2
    assert [one.capacity_left for one in ask(session).whole] == [2]
    routed(session, an_order(session, {"MUG": 1}))
    routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))
    with clock.at(MONDAY + timedelta(minutes=1)):
        full = ask(session)
    assert (full.whole, full.reason) == (
        (),
        "every store that has the whole basket has used up its capacity for today",
    )
    shop.riverside.capacity_parcels = None
    shop.riverside.pickup_cost_minor = 5_000
    assert ask(session).reason == "handing it over costs more than leaving it out is reckoned at"
    session.add_all(
        ClosedDay(location_id=shop.riverside.id, day=MONDAY.date() + timedelta(days=day))
        for day in range(62)
    )
    assert ask(session).reason == (
        "every store that has the whole basket is closed for the next 60 days"
    )
    for store in (shop.riverside, shop.harbour):
        store.can_pickup = False
    assert ask(session).reason == "no location hands over pickups"


def test_what_is_promised_is_what_an_order_is_promised(session: Session, shop: Shop) -> None:
    fill(session, shop)
    for hours in (0, 3, 9, 14, 40):
        with clock.at(MONDAY + timedelta(hours=hours)):
            found = ask(session)
            order = an_order(session, {"MUG": 1}, pickup_store="S01")
            [part] = routed(session, order)
        assert found.whole[0].ready_by == order.promise_by
        assert part.location_id == shop.riverside.id


def test_a_road_factor_lengthens_distances(
    session: Session, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_ROAD_FACTOR", "1.2")
    settings.cache_clear()
    fill(session, shop)
    assert ask(session).whole[1].miles == 228.0
