"""What a customer may still change: another store, delivery, fewer units, whoever collects."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.customers import collectors, links
from oms.errors import Conflict, Invalid, StaleVersion
from oms.exceptions.models import ExceptionKind, OpenException
from oms.fulfilments import scanning
from oms.fulfilments.arrival_models import Verdict
from oms.fulfilments.models import FulfilmentStatus
from oms.fulfilments.scanning import CarrierScan
from oms.locations.models import Postcode
from oms.ordering import moving, trimming
from oms.ordering.cancelling import TooLate
from oms.ordering.moving import NotThere
from oms.orders import queries as orders
from oms.orders.models import Delivery, Order, OrderStatus
from oms.selfservice import answering, offering, showing
from tests.builders import an_address, an_order, stock
from tests.oms.shop import (
    Shop,
    a_shop,
    balance,
    buckets,
    fill,
    held,
    picking_begun,
    routed,
    shipped,
)


@pytest.fixture
def shop(session: Session) -> Shop:
    return a_shop(session)


def a_pickup(session: Session, **wanted: int) -> Order:
    order = an_order(session, wanted or {"MUG": 1}, pickup_store="S01")
    routed(session, order)
    return order


def test_a_pickup_goes_to_another_store_with_its_stock(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = a_pickup(session, MUG=2)
    moved = moving.to_store(session, order.id, store="S02", actor="customer", version=order.version)
    assert held(session, moved) == {("MUG", "S02"): 2}
    assert balance(session, shop.riverside) == (5, 0)
    assert moved.pickup_location_id == shop.harbour.id
    [part] = routed(session, moved)
    assert (part.location_id, part.kind) == (shop.harbour.id, Delivery.PICKUP)
    assert moved.promise_by > clock.now()


def test_the_last_unit_is_kept_when_the_new_way_cannot_be(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=1)
    order = a_pickup(session)
    before = (order.version, order.promise_by)
    for refused in (NotThere, Invalid):
        store = "S02" if refused is NotThere else "S01"
        with pytest.raises(refused), session.begin_nested():
            moving.to_store(session, order.id, store=store, actor="customer")
        session.expire_all()
        order = session.get_one(Order, order.id)
        assert (order.version, order.promise_by) == before
        assert held(session, order) == {("MUG", "S01"): 1}


def test_a_delivery_is_offered_with_what_the_order_holds_itself(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=1)  # the last one, and it is ours
    order = a_pickup(session)
    session.add(Postcode(country="US", postcode="10002", latitude=40.71, longitude=-74.0))
    session.flush()
    found = offering.offers(session, order.id, postcode="10002", country="us").dates
    assert found
    before = found[0].arrives_on - timedelta(days=9)
    with pytest.raises(Conflict):
        offering.deliver(
            session, order.id, address=an_address(), arrives_on=before, actor="customer"
        )
    assert held(session, order) == {("MUG", "S01"): 1}
    moved = offering.deliver(
        session,
        order.id,
        address=an_address(),
        arrives_on=found[0].arrives_on,
        actor="customer",
    )
    assert (moved.delivery, moved.pickup_location_id) == (Delivery.SHIP, None)
    assert moved.promise_by == found[0].promise_by
    assert held(session, moved) == {("MUG", "S01"): 1}
    [part] = routed(session, moved)
    assert part.kind is Delivery.SHIP


def test_other_stores_are_offered_nearest_first(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = a_pickup(session)
    assert [one.location for one in offering.offers(session, order.id).stores] == ["S02"]


def test_what_somebody_has_begun_goes_no_other_way(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 1}, pickup_store="S01")
    [part] = routed(session, order)
    picking_begun(session, part)
    with pytest.raises(TooLate):
        moving.to_store(session, order.id, store="S02", actor="customer")
    [line] = orders.lines(session, order.id)
    with pytest.raises(TooLate):
        trimming.cancel_units(session, order.id, {line.id: 1}, actor="customer", reason="x")
    assert trimming.may_cancel(session, order) == {}
    assert offering.offers(session, order.id).stores == ()


def test_some_units_are_cancelled_and_the_rest_is_kept(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = a_pickup(session, MUG=3, LAMP=1)
    mug, lamp = orders.lines(session, order.id)
    with pytest.raises(StaleVersion):
        trimming.cancel_units(
            session, order.id, {mug.id: 1}, actor="customer", reason="x", version=99
        )
    with pytest.raises(Conflict), session.begin_nested():
        trimming.cancel_units(session, order.id, {mug.id: 4}, actor="customer", reason="x")
    trimming.cancel_units(session, order.id, {mug.id: 2}, actor="customer", reason="x")
    assert buckets(session, order) == [{"reserved": 1, "cancelled": 2}, {"reserved": 1}]
    assert held(session, order) == {("MUG", "S01"): 1, ("LAMP", "S01"): 1}
    [part] = routed(session, order)
    assert part.status is FulfilmentStatus.ALLOCATED
    done = trimming.cancel_units(
        session, order.id, {mug.id: 1, lamp.id: 1}, actor="customer", reason="x"
    )
    assert done.status is OrderStatus.CANCELLED
    assert balance(session, shop.riverside) == (5, 0)


def test_three_people_may_be_named(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = a_pickup(session)
    for name in ("Bo  Berg", "bo berg", "Cy Clark", "Di Dorn"):
        collectors.add(session, order.id, name=name, actor="customer")
    with pytest.raises(Conflict):
        collectors.add(session, order.id, name="Ed Earl", actor="customer")
    first = collectors.of_order(session, order.id)[0]
    assert first.name == "Bo Berg"
    collectors.remove(session, order.id, first.id, actor="customer")
    assert [one.name for one in collectors.of_order(session, order.id)] == ["Cy Clark", "Di Dorn"]


def test_a_damaged_delivery_becomes_a_case_once(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 1})
    [parcel] = shipped(session, routed(session, order)[0])
    with pytest.raises(Conflict):
        answering.answer(session, order.id, Verdict.WELL, note="", actor="customer")
    scan = CarrierScan("1", "delivered", clock.now())
    scanning.add_scans(session, parcel.id, [scan], actor="carrier:simulated")
    for _ in range(2):
        answering.answer(session, order.id, Verdict.DAMAGED, note="the handle", actor="customer")
    with pytest.raises(Conflict):
        answering.answer(session, order.id, Verdict.WELL, note="", actor="customer")
    [case] = session.exec(select(OpenException)).all()
    assert (case.kind, "the handle" in case.detail) == (ExceptionKind.ARRIVED_WRONG, True)
    shown = showing.to_customer(session, links.token_of(session, order.id))
    assert shown.answered is Verdict.DAMAGED
    assert [one.what for one in shown.events][:1] == ["parcel.delivered"]
