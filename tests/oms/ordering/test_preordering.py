"""Articles that are not released yet: their orders wait for the day, with their stock."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select

from oms import clock
from oms.audit.models import AuditRow
from oms.db import transaction
from oms.inventory import receiving
from oms.ordering import placing, preordering, revising, waking
from oms.orders import queries as orders
from oms.orders.models import HoldKind, Order, OrderHold, OrderStatus
from tests.builders import a_new_order, an_order, later, stock
from tests.oms.shop import Shop, a_shop, buckets, held, trail
from workflows import sweeping

DAY = datetime(2030, 6, 1, 9, tzinfo=UTC)
BEFORE, AFTER = DAY - timedelta(days=30), DAY + timedelta(minutes=1)


def release(session: Session, sku: str = "MUG", at: datetime | None = DAY) -> None:
    preordering.set_release(session, sku, at, actor="buyer")


def the_hold(session: Session, order: Order) -> OrderHold:
    [row] = session.exec(select(OrderHold).where(OrderHold.order_id == order.id)).all()
    session.refresh(row)
    return row


def test_an_order_before_the_release_waits_whole_with_its_stock(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=5, LAMP=5)
    release(session)
    with clock.at(BEFORE):
        order = an_order(session, {"MUG": 1, "LAMP": 1})
        assert order.status is OrderStatus.HELD
        assert preordering.next_due(session, limit=9) == []
    hold = the_hold(session, order)
    assert (hold.kind, hold.until) == (HoldKind.PREORDER, DAY)
    assert hold.reason == "not released before 2030-06-01 09:00 UTC"
    assert held(session, order) == {("MUG", "S01"): 1, ("LAMP", "S01"): 1}
    with clock.at(AFTER):
        assert preordering.next_due(session, limit=9) == [order.id]
        assert preordering.release_if_due(session, order.id)
        assert not preordering.release_if_due(session, order.id)
        assert order.status is OrderStatus.CAPTURED
        assert an_order(session, {"MUG": 1}).status is OrderStatus.CAPTURED


def test_an_order_without_the_article_is_not_held(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, LAMP=5)
    release(session)
    with clock.at(BEFORE):
        assert an_order(session, {"LAMP": 1}).status is OrderStatus.CAPTURED


def test_a_new_date_moves_the_orders_that_wait(session: Session, shop: Shop) -> None:
    release(session)
    with clock.at(BEFORE):
        order = an_order(session, {"MUG": 1})
    for date in (DAY + timedelta(days=9), DAY - timedelta(days=9)):
        release(session, at=date)
        with clock.at(min(date, DAY) + timedelta(minutes=1)):
            released = preordering.release_if_due(session, order.id)
        assert released is (date < DAY)
    assert the_hold(session, order).released_by == "system"


def test_the_last_of_several_releases_counts(session: Session, shop: Shop) -> None:
    release(session)
    release(session, "LAMP", DAY + timedelta(days=5))
    with clock.at(BEFORE):
        order = an_order(session, {"MUG": 1, "LAMP": 1})
        assert the_hold(session, order).until == DAY + timedelta(days=5)
        release(session, "LAMP", None)
        assert preordering.next_due(session, limit=9) == [order.id]
        assert not preordering.release_if_due(session, order.id)
        assert the_hold(session, order).until == DAY


def test_a_line_that_is_added_later_holds_the_order(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=5, LAMP=5)
    release(session)
    with clock.at(BEFORE):
        new = a_new_order({"LAMP": 1}, external_id="E1")
        order = placing.place(session, new, actor="channel:reference")
        more = a_new_order(
            {"LAMP": 1, "MUG": 1}, external_id="E1", updated_at=BEFORE + timedelta(minutes=1)
        )
        revising.apply(session, more, actor="channel:reference")
    assert order.status is OrderStatus.HELD
    assert the_hold(session, order).until == DAY


def test_who_sets_the_date_is_in_the_trail(session: Session, shop: Shop) -> None:
    release(session)
    session.flush()
    [row] = session.exec(select(AuditRow).where(AuditRow.action == "product.release_set")).all()
    assert (row.actor, row.facts) == (
        "buyer",
        {"sku": "MUG", "releases_at": "2030-06-01T09:00:00+00:00"},
    )


def test_supply_that_comes_is_kept_for_those_who_wait_for_the_release(
    live_database: str,
) -> None:
    with transaction() as session:
        shop = a_shop(session)
        release(session, at=later(hours=1))
        order_id = an_order(session, {"MUG": 3}).id
    with transaction() as session:
        assert buckets(session, session.get_one(Order, order_id)) == [{"backordered": 3}]
        receiving.receive(session, sku="MUG", location_id=shop.riverside.id, units=3, actor="dock")
        woken = waking.wake_waiting(session, "MUG")
    assert woken == [order_id]
    with transaction() as session:
        waking.keep_for_held(session, order_id)
    with transaction() as session:
        order = session.get_one(Order, order_id)
        assert order.status is OrderStatus.HELD
        assert buckets(session, order) == [{"reserved": 3}]
    with clock.at(later(hours=2)):
        assert sweeping.sweep()
        assert not sweeping.sweep()
    with transaction() as session:
        order = session.get_one(Order, order_id)
        assert order.status is OrderStatus.CAPTURED
        assert orders.open_holds(session, order_id) == []
        assert "order.released" in trail(session, order_id)
