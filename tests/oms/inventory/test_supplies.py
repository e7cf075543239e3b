"""Expected goods: announced, moved, received against their document, given up."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from oms.db import transaction
from oms.errors import Conflict, IllegalMove, Invalid
from oms.inventory import supplies
from oms.inventory.models import StockBalance
from oms.inventory.movements import InsufficientStock
from oms.inventory.supply_models import Supply, SupplyStatus
from oms.locations.models import Location
from tests.builders import a_product, a_store, refused, stock
from tests.concurrency import at_once
from tests.oms.inventory.test_rules import at
from tests.oms.shop import Shop, balance

FRIDAY = datetime(2030, 3, 1, tzinfo=UTC)
SUNDAY = datetime(2030, 3, 3, tzinfo=UTC)


def announced(session: Session, place: Location, units: int = 10, **changes: Any) -> Supply:
    given: dict[str, Any] = {"document": "PO-1", "sku": "MUG", "expected_at": FRIDAY} | changes
    return supplies.announce(session, location_id=place.id, units=units, actor="buyer", **given)


def moved(session: Session, shop: Shop, units: int = 4, **changes: Any) -> Supply:
    given: dict[str, Any] = {
        "document": "TR-1",
        "sku": "MUG",
        "from_location_id": shop.depot.id,
        "to_location_id": shop.riverside.id,
        "expected_at": FRIDAY,
    } | changes
    return supplies.transfer_out(session, units=units, actor="depot", **given)


def test_announced_goods_are_received_in_parts(session: Session, shop: Shop) -> None:
    supply = announced(session, shop.riverside)
    assert supplies.outstanding(supply) == 10
    supplies.receive(session, supply.id, units=4, actor="dock")
    assert (supply.status, supplies.outstanding(supply)) == (SupplyStatus.INCOMING, 6)
    supplies.receive(session, supply.id, units=6, damaged=1, actor="dock")
    assert (supply.status, supply.closed_at is None) == (SupplyStatus.RECEIVED, False)
    row = at(session, shop.riverside)
    assert (row.on_hand, row.damaged, row.promisable) == (10, 1, 9)
    assert supplies.expected(session, skus=["MUG"]) == []


def test_announcing_again_brings_quantity_and_date_up_to_date(session: Session, shop: Shop) -> None:
    first = announced(session, shop.riverside)
    again = announced(session, shop.riverside, 7, expected_at=SUNDAY, in_transit=True)
    assert (again.id, again.announced, again.expected_at) == (first.id, 7, SUNDAY)
    assert again.status is SupplyStatus.IN_TRANSIT
    supplies.receive(session, again.id, units=5, actor="dock")
    with refused(session, Conflict) as refusal:
        announced(session, shop.riverside, 4)
    assert refusal.error.field == "units"
    assert announced(session, shop.riverside, 5).status is SupplyStatus.RECEIVED


def test_more_than_was_announced_is_refused(session: Session, shop: Shop) -> None:
    supply = announced(session, shop.riverside)
    with refused(session, Conflict) as refusal:
        supplies.receive(session, supply.id, units=11, actor="dock")
    assert refusal.error.facts == {"outstanding": 10}
    for wrong in ({"units": 0}, {"units": 1, "damaged": 2}):
        with refused(session, Invalid):
            supplies.receive(session, supply.id, actor="dock", **wrong)


def test_what_is_closed_is_not_expected_and_not_received(session: Session, shop: Shop) -> None:
    supply = announced(session, shop.riverside)
    supplies.receive(session, supply.id, units=4, actor="dock")
    supplies.close(session, supply.id, actor="buyer")
    assert supplies.expected(session) == []
    with refused(session, Conflict):
        supplies.receive(session, supply.id, units=1, actor="dock")
    with refused(session, IllegalMove):
        supplies.close(session, supply.id, actor="buyer")
    with refused(session, Conflict):
        announced(session, shop.riverside)


def test_a_transfer_leaves_one_place_and_comes_to_the_other(session: Session, shop: Shop) -> None:
    stock(session, shop.depot, MUG=5)
    supply = moved(session, shop)
    assert balance(session, shop.depot) == (1, 0)
    assert supply.status is SupplyStatus.IN_TRANSIT
    assert [row.id for row in supplies.expected(session, location_id=shop.riverside.id)] == [
        supply.id
    ]
    supplies.receive(session, supply.id, units=4, actor="dock")
    assert balance(session, shop.riverside) == (4, 0)
    assert supply.status is SupplyStatus.RECEIVED


def test_a_transfer_that_cannot_be_is_refused(session: Session, shop: Shop) -> None:
    stock(session, shop.depot, MUG=5)
    with refused(session, InsufficientStock):
        moved(session, shop, 6)
    with refused(session, Invalid):
        moved(session, shop, to_location_id=shop.depot.id)
    moved(session, shop, 1)
    with refused(session, Conflict, "TR-1 has moved MUG"):
        moved(session, shop, 1)


@pytest.mark.parametrize("what", ["announce", "transfer", "receive"])
def test_what_several_do_at_once_is_done_once(live_database: str, what: str) -> None:
    with transaction() as session:
        a_product(session, "MUG")
        depot, store = a_store(session, "W01"), a_store(session, "S01")
        stock(session, depot, MUG=10)
        supply_id = announced(session, store, 6, document="PO-0").id

    def act() -> UUID | None:
        with transaction() as session:
            if what == "announce":
                return announced(session, store).id
            if what == "receive":
                return supplies.receive(session, supply_id, units=6, actor="dock").id
            shop = Shop(riverside=store, harbour=store, depot=depot)
            return moved(session, shop).id

    outcomes = at_once([act] * 5)
    done = [outcome for outcome in outcomes if isinstance(outcome, UUID)]
    with transaction() as session:
        total = sum(session.exec(select(StockBalance.on_hand)).all())
        rows = len(session.exec(select(Supply)).all())
    if what == "announce":
        assert (len(done), len(set(done)), total, rows) == (5, 1, 10, 2)
    elif what == "transfer":
        assert (len(done), total, rows) == (1, 6, 2)
    else:
        assert (len(done), total, rows) == (1, 16, 1)
    assert all(isinstance(outcome, UUID | Conflict) for outcome in outcomes)
