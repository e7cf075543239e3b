"""Stock is held at once, where the order would ship from; who loses a race looks again."""

from uuid import UUID

import pytest
from sqlmodel import select

from oms.customers.models import Customer
from oms.db import transaction
from oms.inventory.models import StockBalance
from oms.ordering import placing, revising
from oms.ordering.placing import OutOfStock
from oms.orders.models import Order, OrderLine, OrderStatus
from tests.builders import a_new_order, stock
from tests.concurrency import after_all_wait, at_once
from tests.oms.shop import a_shop

UNITS = 10
BUYERS = 40


@pytest.fixture
def shop_open(live_database: str) -> str:
    """Ten mugs in one store and two lamps; the address of the database."""
    with transaction() as session:
        shop = a_shop(session)
        stock(session, shop.riverside, MUG=UNITS, LAMP=2)
    return live_database


def order_one(sku: str = "MUG", *, backorder: bool = True, email: str = "") -> OrderStatus:
    """One buyer orders one piece."""
    with transaction() as session:
        new = a_new_order({sku: 1})
        return placing.place(session, new, actor="test", backorder=backorder).status


def counts() -> tuple[int, int, int, int]:
    """Units on hand and reserved, lines reserved, and lines waiting."""
    with transaction() as session:
        row = session.exec(select(StockBalance).where(StockBalance.sku == "MUG")).one()
        lines = session.exec(select(OrderLine).where(OrderLine.sku == "MUG")).all()
        return (
            row.on_hand,
            row.reserved,
            sum(line.reserved for line in lines),
            sum(line.backordered for line in lines),
        )


def test_forty_buyers_of_ten_units_get_ten_and_thirty_wait(shop_open: str) -> None:
    outcomes = at_once([order_one] * BUYERS)
    assert outcomes.count(OrderStatus.CAPTURED) == UNITS
    assert outcomes.count(OrderStatus.BACKORDERED) == BUYERS - UNITS
    assert counts() == (UNITS, UNITS, UNITS, BUYERS - UNITS)
    with transaction() as session:
        assert len(session.exec(select(Customer)).all()) == 1


def test_buyers_who_will_not_wait_are_refused_once_the_last_unit_is_gone(shop_open: str) -> None:
    outcomes = at_once([lambda: order_one(backorder=False)] * BUYERS)
    assert outcomes.count(OrderStatus.CAPTURED) == UNITS
    assert sum(isinstance(outcome, OutOfStock) for outcome in outcomes) == BUYERS - UNITS
    assert counts() == (UNITS, UNITS, UNITS, 0)
    with transaction() as session:
        assert len(session.exec(select(Order)).all()) == UNITS


def test_a_buyer_who_loses_every_race_still_gets_the_stock_that_is_left(shop_open: str) -> None:
    """Others take from the balance while a buyer waits for it; what is left is not refused."""

    def order_many() -> list[dict[str, int]]:
        with transaction() as session:
            order = placing.place(session, a_new_order({"LAMP": 2}), actor="test")
            lines = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).all()
            return [{"reserved": line.reserved, "backordered": line.backordered} for line in lines]

    block = "UPDATE stock_balances SET safety = 0 WHERE sku = 'LAMP'"
    outcomes = after_all_wait(shop_open, [order_many, order_many, order_many], block=block)
    assert outcomes == [
        [{"reserved": 2, "backordered": 0}],
        [{"reserved": 0, "backordered": 2}],
        [{"reserved": 0, "backordered": 2}],
    ]


def test_one_order_reported_by_two_messages_at_once_is_placed_once(shop_open: str) -> None:
    new = a_new_order({"MUG": 2}, external_id="5001")

    def report() -> tuple[UUID, str]:
        with transaction() as session:
            order, applied = revising.apply(session, new, actor="channel:reference")
            assert order is not None
            return order.id, applied.value

    outcomes = at_once([report] * 8)
    assert all(isinstance(outcome, tuple) for outcome in outcomes), outcomes
    assert len({outcome[0] for outcome in outcomes if isinstance(outcome, tuple)}) == 1
    words = sorted(outcome[1] for outcome in outcomes if isinstance(outcome, tuple))
    assert words == ["placed", *["unchanged"] * 7]
    assert counts()[1] == 2


def test_two_first_orders_of_one_customer_at_once_find_one_customer(shop_open: str) -> None:
    assert at_once([order_one] * 8) == [OrderStatus.CAPTURED] * 8
    with transaction() as session:
        [customer] = session.exec(select(Customer)).all()
        assert {order.customer_id for order in session.exec(select(Order))} == {customer.id}
