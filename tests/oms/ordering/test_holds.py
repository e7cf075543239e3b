"""Holds keep an order from going on; each is released once, by whoever may."""

from sqlmodel import Session

from oms.errors import Conflict, NotFound
from oms.ordering import cancelling, holds
from oms.orders import queries as orders
from oms.orders.models import HoldKind, OrderStatus
from tests.builders import an_order, refused
from tests.oms.shop import Shop, fill, routed, told, trail


def test_an_order_goes_on_when_its_last_hold_is_released(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session)
    for kind in (HoldKind.FRAUD, HoldKind.MANUAL):
        holds.place_hold(session, order.id, kind=kind, reason="odd", actor="operator:olga")
    assert order.status is OrderStatus.HELD
    holds.release_hold(session, order.id, kind=HoldKind.FRAUD, actor="operator:olga")
    assert order.status is OrderStatus.HELD
    holds.release_hold(session, order.id, kind=HoldKind.MANUAL, actor="operator:olga")
    assert order.status is OrderStatus.CAPTURED
    assert trail(session, order.id) == [
        "order.captured",
        "order.held",
        "order.held",
        "order.released",
        "order.released",
    ]
    assert told(session, order.id) == trail(session, order.id)


def test_one_hold_of_a_kind_at_a_time(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session)
    holds.place_hold(session, order.id, kind=HoldKind.FRAUD, reason="odd", actor="operator:olga")
    with refused(session, Conflict, "has a fraud hold already") as refusal:
        holds.place_hold(session, order.id, kind=HoldKind.FRAUD, reason="x", actor="operator:o")
    assert refusal.error.field == "kind"
    holds.release_hold(session, order.id, kind=HoldKind.FRAUD, actor="operator:olga")
    holds.place_hold(session, order.id, kind=HoldKind.FRAUD, reason="again", actor="operator:o")
    assert [hold.reason for hold in orders.open_holds(session, order.id)] == ["again"]


def test_a_hold_that_is_not_there_cannot_be_released(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session)
    with refused(session, NotFound, "no open payment hold"):
        holds.release_hold(session, order.id, kind=HoldKind.PAYMENT, actor="operator:olga")


def test_work_that_has_begun_goes_on_under_a_hold(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session)
    routed(session, order)
    holds.place_hold(session, order.id, kind=HoldKind.MANUAL, reason="odd", actor="operator:o")
    assert order.status is OrderStatus.IN_FULFILMENT


def test_a_closed_order_cannot_be_held(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session)
    cancelling.cancel(session, order.id, actor="test", reason="test")
    with refused(session, Conflict, "is cancelled; nothing is left to be held"):
        holds.place_hold(session, order.id, kind=HoldKind.MANUAL, reason="odd", actor="operator:o")
