"""What a pickup's store lacks comes by transfer, and is kept for that pickup."""

from datetime import timedelta

from sqlmodel import Session

from oms import clock
from oms.errors import Conflict
from oms.inventory.movements import InsufficientStock
from oms.ordering import cancelling, ship_to_store
from oms.orders.models import Order
from oms.transfers import sending
from oms.transfers.models import Transfer, TransferStatus
from oms.transfers.receiving import Came
from tests.builders import an_order, refused, stock
from tests.oms.shop import Shop, balance, buckets, held, routed, the_pickup


def a_waiting_order(session: Session, units: int = 2) -> Order:
    """Mugs to be collected at Riverside, which has none."""
    return an_order(session, {"MUG": units}, pickup_store="S01")


def asked(session: Session, shop: Shop, order: Order) -> Transfer:
    return ship_to_store.ask(
        session,
        order.id,
        from_location_id=shop.harbour.id,
        expected_at=clock.now() + timedelta(days=2),
        actor="olga",
    )


def sent(session: Session, shop: Shop, order: Order, units: int = 2) -> Transfer:
    transfer = asked(session, shop, order)
    sending.pick(session, transfer.id, picked={"MUG": units}, actor="ben")
    return sending.ship(session, transfer.id, actor="ben")


def receive(session: Session, transfer: Transfer, units: int) -> None:
    counted = {"MUG": Came(units)}
    ship_to_store.receive(session, transfer.id, counted=counted, actor="carl")


def test_what_comes_is_kept_for_the_order_that_it_was_sent_for(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.harbour, MUG=5)
    earlier = a_waiting_order(session, 1)  # has waited longer for the same article
    order = a_waiting_order(session)
    transfer = sent(session, shop, order)
    receive(session, transfer, 2)
    assert held(session, order) == {("MUG", "S01"): 2}
    assert buckets(session, earlier) == [{"backordered": 1}]
    assert balance(session, shop.riverside) == (2, 2)
    [part] = routed(session, order)
    assert the_pickup(session, part).location_id == shop.riverside.id


def test_what_comes_short_leaves_the_rest_waiting_and_may_be_asked_for_again(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.harbour, MUG=5)
    order = an_order(session, {"MUG": 2, "LAMP": 1}, pickup_store="S01")
    stock(session, shop.harbour, LAMP=1)
    transfer = asked(session, shop, order)
    sending.pick(session, transfer.id, picked={"LAMP": 1, "MUG": 2}, actor="ben")
    sending.ship(session, transfer.id, actor="ben")
    counted = {"LAMP": Came(0), "MUG": Came(2)}
    ship_to_store.receive(session, transfer.id, counted=counted, actor="carl")
    assert held(session, order) == {("MUG", "S01"): 2}
    assert {"backordered": 1} in buckets(session, order)
    with refused(session, InsufficientStock):
        asked(session, shop, order)  # Harbour had only one lamp
    stock(session, shop.harbour, LAMP=1)
    assert asked(session, shop, order).status is TransferStatus.REQUESTED


def test_an_order_that_is_called_off_frees_what_has_not_left(session: Session, shop: Shop) -> None:
    stock(session, shop.harbour, MUG=5)
    order = a_waiting_order(session)
    transfer = asked(session, shop, order)
    assert balance(session, shop.harbour) == (5, 2)
    cancelling.cancel(session, order.id, actor="olga", reason="changed their mind")
    assert transfer.status is TransferStatus.CANCELLED
    assert balance(session, shop.harbour) == (5, 0)


def test_what_arrives_for_an_order_that_is_over_is_the_stores_to_sell(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.harbour, MUG=5)
    order = a_waiting_order(session)
    transfer = sent(session, shop, order)
    cancelling.cancel(session, order.id, actor="olga", reason="changed their mind")
    receive(session, transfer, 2)
    assert balance(session, shop.riverside) == (2, 0)
    assert held(session, order) == {}


def test_only_a_pickup_that_waits_is_served_and_by_one_transfer(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.harbour, MUG=9)
    delivery = an_order(session, {"MUG": 1})
    with refused(session, Conflict, "is sent, not collected"):
        asked(session, shop, delivery)
    order = a_waiting_order(session)
    asked(session, shop, order)
    with refused(session, Conflict, "is under way already"):
        asked(session, shop, order)
    stock(session, shop.riverside, LAMP=1)
    there = an_order(session, {"LAMP": 1}, pickup_store="S01")
    with refused(session, Conflict, "waits for nothing"):
        asked(session, shop, there)
