"""When backordered units may be filled: supply is given to those who wait, first come first."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from oms.inventory import supplies
from oms.inventory.rule_models import RuleKind
from oms.locations.models import Location
from oms.ordering import cancelling, expecting, waking
from oms.orders import queries as orders
from oms.orders.models import Order
from tests.builders import an_order, stock
from tests.oms.inventory.test_rules import rule
from tests.oms.shop import Shop, buckets

FRIDAY = datetime(2030, 3, 1, tzinfo=UTC)
SUNDAY = FRIDAY + timedelta(days=2)


def supply(session: Session, place: Location, units: int, when: datetime, sku: str = "MUG") -> None:
    supplies.announce(
        session,
        document=f"PO {when:%d} {place.code}",
        sku=sku,
        location_id=place.id,
        units=units,
        expected_at=when,
        actor="buyer",
    )


def dates(session: Session, order: Order) -> list[datetime | None]:
    session.flush()
    found = expecting.dates(session, order.id)
    return [found.get(line.id) for line in orders.lines(session, order.id)]


def left(session: Session) -> list[tuple[str, datetime, int]]:
    return [
        (one.document, one.expected_at, one.units)
        for one in expecting.uncommitted(session, ["MUG"])
    ]


def test_whoever_ordered_first_is_served_first(session: Session, shop: Shop) -> None:
    supply(session, shop.riverside, 4, FRIDAY)
    supply(session, shop.depot, 4, SUNDAY)
    first, second, third = (an_order(session, {"MUG": 3}) for _ in range(3))
    assert dates(session, first) == [FRIDAY]
    assert dates(session, second) == [SUNDAY]
    assert dates(session, third) == [None]
    assert left(session) == []
    cancelling.cancel(session, first.id, actor="test", reason="test")
    assert (dates(session, second), dates(session, third)) == ([FRIDAY], [SUNDAY])
    assert left(session) == [("PO 03 W01", SUNDAY, 2)]


def test_nothing_is_expected_for_what_does_not_wait(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=5)
    supply(session, shop.riverside, 4, FRIDAY)
    order = an_order(session, {"MUG": 1, "LAMP": 1})
    assert dates(session, order) == [None, None]
    assert left(session) == [("PO 01 S01", FRIDAY, 4)]


def test_a_pickup_waits_for_what_comes_to_its_own_store(session: Session, shop: Shop) -> None:
    supply(session, shop.harbour, 4, FRIDAY)
    supply(session, shop.riverside, 4, SUNDAY)
    pickup = an_order(session, {"MUG": 2}, pickup_store="S01")
    delivery = an_order(session, {"MUG": 2})
    assert dates(session, pickup) == [SUNDAY]
    assert dates(session, delivery) == [FRIDAY]


def test_the_date_follows_the_document(session: Session, shop: Shop) -> None:
    supply(session, shop.riverside, 4, FRIDAY)
    order = an_order(session, {"MUG": 2})
    [row] = supplies.expected(session)
    row.expected_at = SUNDAY
    assert dates(session, order) == [SUNDAY]
    supplies.close(session, row.id, actor="buyer")
    assert dates(session, order) == [None]


def test_goods_that_came_wake_the_orders_whose_channel_may_have_them(
    session: Session, shop: Shop
) -> None:
    rule(
        session, RuleKind.ALLOTMENT, 3, sku="MUG", location_id=shop.riverside.id, channel="shopify"
    )
    others = an_order(session, {"MUG": 2})
    theirs = [an_order(session, {"MUG": 2}, channel="shopify") for _ in range(2)]
    stock(session, shop.riverside, MUG=3)
    assert waking.wake_waiting(session, "MUG") == [order.id for order in theirs]
    assert buckets(session, others) == [{"backordered": 2}]
