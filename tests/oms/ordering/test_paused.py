"""A store pauses pickups or parcels: routing, promises and checkout obey at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from oms import clock
from oms.errors import Conflict, Invalid
from oms.locations import pausing
from oms.locations.pausing import Work
from oms.ordering import pickup_stores
from oms.orders.models import Delivery
from oms.promises import promising
from oms.promises.baskets import Basket
from tests.builders import an_order, refused, stock
from tests.oms.ordering.test_checkout import kept, where
from tests.oms.shop import Shop, buckets, fill, routed, trail

MONDAY = datetime(2026, 6, 15, 14, 0, tzinfo=UTC)  # 10:00 in New York
EVENING = MONDAY + timedelta(hours=8)


def pause(session: Session, shop: Shop, work: Work, *, until: datetime | None = None) -> None:
    pausing.pause(session, shop.riverside, work, because="a flood", until=until, actor="anna")


def promised(session: Session) -> tuple[list[str], list[str]]:
    """The stores at which a mug is promised, and the locations that would send it."""
    basket = Basket((("MUG", 1),), latitude=40.71, longitude=-74.0)
    found = promising.promise(session, basket, stores=5)
    sent = [parcel.location for option in found.shipping.options for parcel in option.parcels]
    return [one.location for one in found.pickup.whole], sent


def test_a_pause_counts_for_routing_promise_and_checkout_until_its_end(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    with clock.at(MONDAY):
        assert promised(session) == (["S01", "S02"], ["S01"])
        pause(session, shop, Work.PICKUP, until=EVENING)
        assert promised(session) == (["S02"], ["S01"])
        with refused(session, pickup_stores.PickupPaused, "takes no pickups at present") as refusal:
            kept(session, delivery=Delivery.PICKUP, pickup_store="S01")
        assert refusal.error.facts == {"until": EVENING.isoformat()}
        with refused(session, pickup_stores.PickupPaused):
            an_order(session, channel="till", pickup_store="S01")
        pause(session, shop, Work.SHIP)
        assert promised(session) == (["S02"], ["S02"])
        assert [place for _, _, place in where(session, kept(session))] == [shop.harbour.id]
        [part] = routed(session, an_order(session, {"MUG": 1}))
        assert part.location_id == shop.harbour.id
    with clock.at(EVENING):
        assert promised(session) == (["S01", "S02"], ["S02"])  # one had an end, one has none
        pausing.resume(session, shop.riverside, Work.SHIP, actor="anna")
        assert promised(session) == (["S01", "S02"], ["S01"])
    assert trail(session, shop.riverside.id) == [
        "location.paused",
        "location.paused",
        "location.resumed",
    ]


def test_what_a_channel_has_sold_is_taken_and_waits_until_the_store_takes_pickups_again(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=2)
    pause(session, shop, Work.PICKUP)
    order = an_order(session, {"MUG": 1}, pickup_store="S01")
    assert buckets(session, order) == [{"backordered": 1}]
    assert order.delivery is Delivery.PICKUP  # nobody has made a delivery of it


def test_an_order_that_was_put_there_before_the_pause_is_routed_elsewhere(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 1})
    pause(session, shop, Work.SHIP)
    [part] = routed(session, order)
    assert part.location_id == shop.harbour.id


@pytest.mark.parametrize(
    ("because", "ends", "field"), [(" ", None, "because"), ("flood", -1, "until")]
)
def test_a_pause_has_a_reason_and_an_end_to_come(
    session: Session, shop: Shop, because: str, ends: int | None, field: str
) -> None:
    until = clock.now() + timedelta(minutes=ends) if ends else None
    with refused(session, Invalid) as refusal:
        pausing.pause(
            session, shop.riverside, Work.SHIP, because=because, until=until, actor="anna"
        )
    assert refusal.error.field == field
    with refused(session, Conflict, "does not pause ship"):
        pausing.resume(session, shop.riverside, Work.SHIP, actor="anna")
