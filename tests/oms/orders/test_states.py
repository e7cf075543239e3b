"""An order's status follows from its lines, holds and live fulfilments, and from nothing else."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms import clock
from oms.orders import states
from oms.orders.models import Delivery, Order, OrderLine
from oms.orders.models import OrderStatus as S
from oms.orders.states import Buckets, PartStage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
W, R, U, D = PartStage.WORKING, PartStage.READY, PartStage.UNDER_WAY, PartStage.DONE
SHIP, PICKUP = Delivery.SHIP, Delivery.PICKUP


def units(
    waiting: int = 0, backordered: int = 0, cancelled: int = 0, short: int = 0, fulfilled: int = 0
) -> Buckets:
    total = waiting + backordered + cancelled + short + fulfilled
    return Buckets(waiting, backordered, cancelled, short, fulfilled, total)


@pytest.mark.parametrize(
    ("buckets", "held", "delivery", "parts", "status"),
    [
        (units(waiting=2), False, SHIP, (), S.CAPTURED),
        (units(waiting=2), True, SHIP, (), S.HELD),
        (units(backordered=2), False, SHIP, (), S.BACKORDERED),
        (units(waiting=1, backordered=1), False, SHIP, (), S.BACKORDERED),
        (units(backordered=2), True, SHIP, (), S.HELD),
        (units(waiting=2), False, SHIP, (W,), S.IN_FULFILMENT),
        (units(waiting=2), True, SHIP, (W,), S.IN_FULFILMENT),
        (units(waiting=2), False, SHIP, (R,), S.IN_FULFILMENT),
        (units(waiting=2), False, PICKUP, (W,), S.IN_FULFILMENT),
        (units(waiting=2), False, PICKUP, (R,), S.READY_FOR_PICKUP),
        (units(waiting=2), False, PICKUP, (R, W), S.IN_FULFILMENT),
        (units(waiting=2), False, PICKUP, (R, R), S.READY_FOR_PICKUP),
        (units(waiting=1, backordered=1), False, PICKUP, (R,), S.READY_FOR_PICKUP),
        (units(waiting=1, fulfilled=1), False, SHIP, (U, W), S.PARTLY_FULFILLED),
        (units(backordered=1, fulfilled=1), False, SHIP, (D,), S.PARTLY_FULFILLED),
        (units(waiting=1, fulfilled=1), True, SHIP, (U,), S.PARTLY_FULFILLED),
        (units(fulfilled=2), False, SHIP, (U,), S.SHIPPED),
        (units(fulfilled=2), False, SHIP, (U, D), S.SHIPPED),
        (units(fulfilled=2), False, SHIP, (D,), S.FULFILLED),
        (units(fulfilled=2), False, PICKUP, (D,), S.FULFILLED),
        (units(fulfilled=1, cancelled=1), False, SHIP, (U,), S.SHIPPED),
        (units(fulfilled=1, short=1), False, SHIP, (D,), S.FULFILLED),
        (units(cancelled=2), False, SHIP, (), S.CANCELLED),
        (units(cancelled=2), True, SHIP, (), S.CANCELLED),
        (units(cancelled=1, short=1), False, PICKUP, (), S.CANCELLED),
        (units(), False, SHIP, (), S.CANCELLED),
    ],
)
def test_the_status_of_an_order_is_derived(
    buckets: Buckets, held: bool, delivery: Delivery, parts: tuple[PartStage, ...], status: S
) -> None:
    assert states.derive(buckets, held=held, delivery=delivery, parts=parts) is status


COUNT = st.integers(0, 3)


@given(
    st.builds(units, COUNT, COUNT, COUNT, COUNT, COUNT),
    st.booleans(),
    st.sampled_from(Delivery),
    st.lists(st.sampled_from(PartStage), max_size=3),
)
def test_an_order_is_closed_exactly_when_nobody_waits_for_anything(
    buckets: Buckets, held: bool, delivery: Delivery, parts: list[PartStage]
) -> None:
    status = states.derive(buckets, held=held, delivery=delivery, parts=parts)
    waiting = buckets.waiting + buckets.backordered > 0
    under_way = buckets.fulfilled > 0 and PartStage.UNDER_WAY in parts
    assert (status in states.CLOSED) is not (waiting or under_way)


def an_order_row() -> Order:
    return Order(
        channel="till",
        external_id="1",
        display_number="1",
        status=S.CAPTURED,
        version=4,
        delivery=SHIP,
        customer_id=uuid4(),
        currency="USD",
        total_minor=0,
        placed_at=NOON,
        external_updated_at=NOON,
        promise_by=NOON,
        captured_at=NOON,
    )


def a_line(**buckets: int) -> OrderLine:
    empty = dict.fromkeys(
        ("unrouted", "reserved", "backordered", "short", "cancelled", "fulfilled"), 0
    )
    return OrderLine(
        order_id=uuid4(),
        position=1,
        external_id="1",
        sku="MUG",
        title="Mug",
        quantity=sum(buckets.values()),
        unit_price_minor=0,
        **(empty | buckets),
    )


def test_storing_the_status_raises_the_version_and_closes_and_reopens_the_order() -> None:
    order = an_order_row()
    with clock.at(NOON):
        assert states.refresh(order, [a_line(fulfilled=2)], held=False, parts=[D]) is True
    assert (order.status, order.version, order.closed_at) == (S.FULFILLED, 5, NOON)
    assert states.refresh(order, [a_line(fulfilled=2)], held=False, parts=[D]) is False
    assert (order.status, order.version, order.closed_at) == (S.FULFILLED, 6, NOON)
    assert states.refresh(order, [a_line(fulfilled=1, unrouted=1)], held=False, parts=[]) is True
    assert (order.status, order.version, order.closed_at) == (S.PARTLY_FULFILLED, 7, None)


def test_the_lines_of_an_order_are_added_up_bucket_by_bucket() -> None:
    lines = [a_line(unrouted=1, reserved=2, backordered=3), a_line(short=4, cancelled=5)]
    lines.append(a_line(fulfilled=6, reserved=1))
    assert states.sum_buckets(lines) == Buckets(
        waiting=4, backordered=3, cancelled=5, short=4, fulfilled=6, total=22
    )
