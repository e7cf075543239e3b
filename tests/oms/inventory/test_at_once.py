"""Stock under concurrency, on real connections: nothing lost, doubled, oversold or deadlocked."""

from uuid import UUID

import pytest
from sqlmodel import select

from oms.db import transaction
from oms.inventory import movements, receiving, reservations
from oms.inventory.models import MovementKind, Reservation, StockBalance, StockMovement
from oms.inventory.movements import Cause, Change, InsufficientStock
from oms.ordering import cancelling, placing
from oms.orders.models import OrderStatus
from oms.sourcing import tariffs
from tests.builders import TARIFF, a_new_order, a_product, a_store, stock
from tests.concurrency import after_all_wait, at_once

BOTH = "SELECT 1 FROM stock_balances ORDER BY sku FOR UPDATE"


@pytest.fixture
def place_id(live_database: str) -> UUID:
    """A store with ten mugs and ten lamps."""
    with transaction() as session:
        tariffs.load(session, name="test", currency="USD", sheet=TARIFF)
        a_product(session, "MUG")
        a_product(session, "LAMP")
        place = a_store(session, "S01")
        stock(session, place, MUG=10, LAMP=10)
        return place.id


def totals(sku: str = "MUG") -> tuple[int, int]:
    with transaction() as session:
        row = session.exec(select(StockBalance).where(StockBalance.sku == sku)).one()
        return row.on_hand, row.reserved


def test_one_delivery_reported_twice_at_once_comes_in_once(place_id: UUID) -> None:
    def receive() -> None:
        with transaction() as session:
            receiving.receive(
                session, sku="MUG", location_id=place_id, units=5, actor="dock", key="slip 17"
            )

    assert at_once([receive] * 6) == [None] * 6
    assert totals() == (15, 0)
    with transaction() as session:
        assert len(session.exec(select(StockMovement)).all()) == 3


def test_two_first_counts_at_once_are_not_added_up(place_id: UUID) -> None:
    with transaction() as session:
        a_product(session, "VASE")

    def count() -> None:
        with transaction() as session:
            receiving.count(session, sku="VASE", location_id=place_id, units=5, actor="anna")

    assert at_once([count] * 6) == [None] * 6
    assert totals("VASE") == (5, 0)


def test_units_are_taken_as_often_as_they_are_there(place_id: UUID) -> None:
    def ship_one() -> None:
        with transaction() as session:
            change = Change("MUG", place_id, MovementKind.ADJUST, on_hand=-1)
            movements.apply(session, [change], cause=Cause("test", None, "test"))

    outcomes = at_once([ship_one] * 14)
    assert outcomes.count(None) == 10
    assert sum(isinstance(outcome, InsufficientStock) for outcome in outcomes) == 4
    assert totals() == (0, 0)


def test_changes_of_two_articles_in_opposite_sequence_do_not_deadlock(
    place_id: UUID, live_database: str
) -> None:
    def receive(*skus: str) -> None:
        with transaction() as session:
            changes = [Change(sku, place_id, MovementKind.RECEIVE, on_hand=1) for sku in skus]
            movements.apply(session, changes, cause=Cause("test", None, "test"))

    calls = [lambda: receive("MUG", "LAMP"), lambda: receive("LAMP", "MUG")]
    assert after_all_wait(live_database, calls, block=BOTH) == [None, None]
    assert (totals("MUG"), totals("LAMP")) == ((12, 0), (12, 0))


def test_orders_for_the_same_articles_are_cancelled_at_once_without_deadlock(
    place_id: UUID, live_database: str
) -> None:
    with transaction() as session:
        orders = [
            placing.place(session, a_new_order(wanted), actor="test").id
            for wanted in ({"MUG": 1, "LAMP": 1}, {"LAMP": 1, "MUG": 1})
        ]
    assert (totals("MUG"), totals("LAMP")) == ((10, 2), (10, 2))

    def cancel(order_id: UUID) -> OrderStatus:
        with transaction() as session:
            return cancelling.cancel(session, order_id, actor="test", reason="test").status

    calls = [lambda: cancel(orders[0]), lambda: cancel(orders[1])]
    outcomes = after_all_wait(live_database, calls, block=BOTH)
    assert outcomes == [OrderStatus.CANCELLED, OrderStatus.CANCELLED]
    assert (totals("MUG"), totals("LAMP")) == ((10, 0), (10, 0))


def test_one_reservation_is_released_once_by_two_at_once(place_id: UUID) -> None:
    with transaction() as session:
        order = placing.place(session, a_new_order({"MUG": 3}), actor="test")

    def cancel() -> str:
        with transaction() as session:
            cancelling.cancel(session, order.id, actor="test", reason="test")
        return "cancelled"

    outcomes = at_once([cancel] * 4)
    assert outcomes.count("cancelled") == 1
    assert sum(isinstance(outcome, cancelling.TooLate) for outcome in outcomes) == 3
    assert totals() == (10, 0)
    with transaction() as session:
        assert len(session.exec(select(Reservation)).all()) == 1
        assert list(reservations.held(session, order.id)) == []
