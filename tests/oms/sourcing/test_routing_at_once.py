"""Routing on real connections: solved outside the transaction, committed once, raced for stock."""

from uuid import UUID

import pytest
from sqlmodel import col, select

from oms.db import transaction
from oms.exceptions.models import OpenException
from oms.fulfilments.models import Fulfilment
from oms.inventory.models import StockBalance
from oms.ordering import holds, placing
from oms.orders.models import HoldKind, Order, OrderStatus
from oms.sourcing import routing_orders
from oms.sourcing.committing import Routed
from oms.sourcing.models import RoutingDecision
from tests.builders import a_new_order, stock
from tests.concurrency import at_once
from tests.oms.shop import Shop, a_shop


@pytest.fixture
def shop(live_database: str) -> Shop:
    with transaction() as session:
        return a_shop(session)


def placed(sku: str = "MUG", units: int = 1, *, pickup_store: str | None = None) -> UUID:
    with transaction() as session:
        new = a_new_order({sku: units}, pickup_store=pickup_store)
        return placing.place(session, new, actor="test").id


def came_in(shop: Shop, units: int) -> None:
    with transaction() as session:
        stock(session, shop.riverside, MUG=units)


def route(order_id: UUID) -> Routed | None:
    return routing_orders.route(order_id, actor="system")


def decisions(order_id: UUID) -> int:
    with transaction() as session:
        rows = select(RoutingDecision).where(RoutingDecision.order_id == order_id)
        return len(session.exec(rows).all())


def status(order_id: UUID) -> OrderStatus:
    with transaction() as session:
        return session.get_one(Order, order_id).status


def test_an_order_is_routed_once_by_several_at_once(shop: Shop) -> None:
    came_in(shop, 5)
    order_id = placed()
    outcomes = at_once([lambda: route(order_id)] * 5)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
    made = [outcome for outcome in outcomes if isinstance(outcome, Routed)]
    assert len(made) == 1
    assert len(made[0].fulfilment_ids) == 1
    assert decisions(order_id) == 1
    assert route(order_id) is None


def test_a_held_order_is_not_routed(shop: Shop) -> None:
    came_in(shop, 5)
    order_id = placed()
    with transaction() as session:
        holds.place_hold(session, order_id, kind=HoldKind.FRAUD, reason="odd", actor="operator:o")
    assert route(order_id) is None
    assert decisions(order_id) == 0
    with transaction() as session:
        holds.release_hold(session, order_id, kind=HoldKind.FRAUD, actor="operator:o")
    assert len((route(order_id) or Routed((), 0)).fulfilment_ids) == 1


def test_that_nobody_can_fill_an_order_is_decided_once_and_not_at_every_look(shop: Shop) -> None:
    order_id = placed()
    for _ in range(3):
        assert route(order_id) == Routed((), unfilled=1)
    assert decisions(order_id) == 1
    assert status(order_id) is OrderStatus.BACKORDERED
    came_in(shop, 5)
    assert len((route(order_id) or Routed((), 0)).fulfilment_ids) == 1
    assert decisions(order_id) == 2


def test_a_pickup_that_was_backordered_from_the_start_waits_for_a_person(shop: Shop) -> None:
    order_id = placed(pickup_store="S01")
    assert route(order_id) == Routed((), unfilled=1)
    with transaction() as session:
        [case] = session.exec(select(OpenException)).all()
        assert (case.order_id, case.kind.value) == (order_id, "cannot_fill")


def test_waiting_orders_that_race_for_new_stock_get_each_unit_once(shop: Shop) -> None:
    waiting = [placed() for _ in range(6)]
    came_in(shop, 4)
    outcomes = at_once([lambda one=one: route(one) for one in waiting])  # type: ignore[misc]
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
    assert sorted(len(one.fulfilment_ids) for one in outcomes if isinstance(one, Routed)) == [
        0, 0, 1, 1, 1, 1,
    ]  # fmt: skip
    with transaction() as session:
        balance = session.exec(select(StockBalance).where(StockBalance.sku == "MUG")).one()
        assert (balance.on_hand, balance.reserved) == (4, 4)
        assert len(session.exec(select(Fulfilment).order_by(col(Fulfilment.number))).all()) == 4
