"""An order is called off as long as its goods are in the house."""

from uuid import uuid4

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.errors import NotFound, StaleVersion
from oms.exceptions.models import ExceptionKind, OpenException
from oms.fulfilments import packing, parcels, scanning
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import FulfilmentStatus, ParcelStatus
from oms.fulfilments.scanning import CarrierScan
from oms.ordering import cancelling
from oms.ordering.cancelling import TooLate
from oms.orders import queries as orders
from oms.orders.models import Order, OrderStatus
from oms.pickup import expiry, preparing
from oms.pickup.models import PickupStatus
from oms.sourcing import holding
from tests.builders import an_order, refused, stock
from tests.oms.shop import (
    Shop,
    a_label,
    balance,
    buckets,
    fill,
    held,
    packed,
    picking_begun,
    ready,
    routed,
    shipped,
    the_pickup,
    told,
    trail,
)


def cancel(session: Session, order: Order, **options: object) -> Order:
    return cancelling.cancel(
        session,
        order.id,
        actor="operator:olga",
        reason="customer asked",
        **options,  # type: ignore[arg-type]
    )


def test_what_waits_is_cancelled_and_its_stock_let_go(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=5)
    order = an_order(session, {"MUG": 2, "LAMP": 1})
    cancel(session, order)
    assert (order.status, order.closed_at is not None) == (OrderStatus.CANCELLED, True)
    assert buckets(session, order) == [{"cancelled": 2}, {"cancelled": 1}]
    assert held(session, order) == {}
    assert balance(session, shop.riverside) == (5, 0)
    assert trail(session, order.id) == ["order.captured", "order.cancelled"]
    assert told(session, order.id) == ["order.captured", "order.cancelled_here"]


@pytest.mark.parametrize("step", ["allocated", "picking", "packed"])
def test_work_in_the_house_is_called_off_with_the_order(
    session: Session, shop: Shop, step: str
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2})
    [part] = routed(session, order)
    if step == "picking":
        picking_begun(session, part)
    if step == "packed":
        packed(session, part)
    cancel(session, order)
    assert (order.status, part.status) == (OrderStatus.CANCELLED, FulfilmentStatus.CANCELLED)
    assert balance(session, shop.riverside) == (5, 0)
    assert [parcel.status for parcel in fulfilments.parcels(session, part.id)] == (
        [ParcelStatus.VOIDED] if step == "packed" else []
    )


def test_a_bought_label_is_owed_back_to_its_carrier(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2})
    [part] = routed(session, order)
    [parcel] = packed(session, part)
    packing.attach_label(session, parcel.id, a_label(), actor="carrier:simulated")
    cancel(session, order)
    assert (parcel.status, parcel.void_owed) == (ParcelStatus.VOIDED, True)
    assert [one.parcel.id for one in parcels.to_void(session, part.id)] == [parcel.id]
    parcels.voided(session, parcel.id)
    assert parcels.to_void(session, part.id) == []


@pytest.mark.parametrize("step", ["new", "picking", "ready", "expired"])
def test_a_pickup_is_called_off_until_it_is_collected(
    session: Session, shop: Shop, step: str
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2}, pickup_store="S01")
    [part] = routed(session, order)
    waiting = the_pickup(session, part)
    if step == "picking":
        preparing.start(session, waiting.id, actor="anna")
    if step in ("ready", "expired"):
        ready(session, part)
    if step == "expired":
        assert waiting.pick_up_by is not None
        with clock.at(waiting.pick_up_by):
            expiry.meet_deadline(session, waiting.id, version=waiting.version)
        assert waiting.status is PickupStatus.EXPIRED
    cancel(session, order)
    staged = step in ("ready", "expired")
    now = PickupStatus.TO_PUT_BACK if staged else PickupStatus.CANCELLED
    assert (waiting.status, order.status) == (now, OrderStatus.CANCELLED)
    assert buckets(session, order) == [{"cancelled": 2}]
    # What lay on the pickup shelf is not sold before somebody has brought it back.
    assert balance(session, shop.riverside) == (5, 2 if staged else 0)
    if staged:
        expiry.put_back(session, waiting.id, counted={"MUG": 2}, actor="anna")
        assert balance(session, shop.riverside) == (5, 0)
        assert waiting.status is PickupStatus.PUT_BACK


def test_what_has_been_sent_stays_sent_and_the_rest_is_cancelled(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=5)
    order = an_order(session, {"MUG": 2, "LAMP": 1})
    [part] = routed(session, order)
    shipped(session, part)
    assert order.status is OrderStatus.PARTLY_FULFILLED
    cancel(session, order)
    assert order.status is OrderStatus.SHIPPED
    assert buckets(session, order) == [{"fulfilled": 2}, {"cancelled": 1}]
    assert part.status is FulfilmentStatus.HANDED_OVER


def test_it_is_too_late_once_everything_has_left(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2})
    [part] = routed(session, order)
    [parcel] = shipped(session, part)
    with refused(session, TooLate, "is shipped; nothing of it can be cancelled") as refusal:
        cancel(session, order)
    assert "return" in (refusal.error.remedy or "")
    delivered = CarrierScan("1", "delivered", clock.now())
    scanning.add_scans(session, parcel.id, [delivered], actor="carrier:simulated")
    with refused(session, TooLate, "is fulfilled"):
        cancel(session, order)


def test_an_order_is_cancelled_once(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session)
    cancel(session, order)
    with refused(session, TooLate, "is cancelled"):
        cancel(session, order)


def test_a_command_given_on_an_older_state_is_refused(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session)
    with refused(session, StaleVersion, r"version 1, now 2") as refusal:
        cancel(session, order, version=1)
    assert (refusal.error.field, refusal.error.facts) == ("version", {"version": 2})
    assert cancel(session, order, version=2).status is OrderStatus.CANCELLED


def test_an_unknown_order_cannot_be_cancelled(session: Session, shop: Shop) -> None:
    with refused(session, NotFound, "there is no order"):
        cancelling.cancel(session, uuid4(), actor="test", reason="test")


def test_the_case_of_a_pickup_that_cannot_be_filled_ends_with_the_order(
    session: Session, shop: Shop
) -> None:
    order = an_order(session, {"MUG": 2}, pickup_store="S01")
    assert routed(session, order) == []
    [case] = session.exec(select(OpenException)).all()
    assert (case.kind, case.resolved_at) == (ExceptionKind.CANNOT_FILL, None)
    cancel(session, order)
    assert (case.resolved_by, case.resolution) == ("operator:olga", "the order was cancelled")


def test_units_are_cut_where_they_are_least_committed(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=4)
    order = an_order(session, {"MUG": 4, "LAMP": 3})
    mug, lamp = orders.lines(session, order.id)
    left = cancelling.cancel_units(session, order, {mug.id: 1, lamp.id: 3}, actor="test")
    assert left == {}
    assert buckets(session, order) == [{"reserved": 3, "cancelled": 1}, {"cancelled": 3}]
    assert held(session, order) == {("MUG", "S01"): 3}
    left = cancelling.cancel_units(session, order, {mug.id: 5}, actor="test")
    assert left == {mug.id: 2}
    assert buckets(session, order) == [{"cancelled": 4}, {"cancelled": 3}]


def test_a_line_in_work_is_not_cut(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 4})
    routed(session, order)
    [mug] = orders.lines(session, order.id)
    assert cancelling.cancel_units(session, order, {mug.id: 1}, actor="test") == {mug.id: 1}
    assert buckets(session, order) == [{"reserved": 4}]


def test_stock_that_is_let_go_may_be_promised_to_the_next_at_once(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=2)
    first, second = an_order(session, {"MUG": 2}), an_order(session, {"MUG": 2})
    assert buckets(session, second) == [{"backordered": 2}]
    cancel(session, first)
    holding.hold(session, second)
    assert buckets(session, second) == [{"reserved": 2}]
