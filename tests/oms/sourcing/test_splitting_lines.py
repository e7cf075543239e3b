"""A line whose units no location has together comes from several, where the policy allows it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from oms import clock, invariants
from oms.fulfilments import giving_back
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, RejectReason
from oms.locations.models import Location
from oms.ordering import cancelling, ship_to_store, waking
from oms.orders import queries as orders
from oms.orders.models import Order, OrderStatus
from oms.sourcing import decisions, holding, policies
from oms.sourcing.policy import parse
from oms.sourcing.reasons import told
from oms.sourcing.replaying import decide_again, kept_of, replay
from oms.transfers import queries as transfers
from oms.transfers import sending
from oms.transfers.receiving import Came
from tests.builders import an_order, stock
from tests.oms.shop import Shop, balance, buckets, held, routed, shipped, wanted
from workflows import views

MONDAY_MORNING = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 10:00 in New York
ALLOWED: dict[str, Any] = {"name": "split", "limits": {"split_lines": True}}


@pytest.fixture(autouse=True)
def _on_monday(session: Session, shop: Shop) -> Any:
    with clock.at(MONDAY_MORNING):
        policies.add(session, parse(ALLOWED), effective_from=None, actor="olga")
        yield


def places(session: Session, parts: list[Fulfilment]) -> dict[str, int]:
    """Units that each location prepares."""
    return {
        session.get_one(Location, part.location_id).code: sum(wanted(session, part).values())
        for part in parts
    }


def sound(session: Session) -> None:
    session.flush()
    assert invariants.broken(session) == []


def a_split_order(session: Session, shop: Shop) -> tuple[Order, dict[str, Fulfilment]]:
    """Five mugs, of which Riverside sends three and Harbour two; Chicago has others."""
    stock(session, shop.riverside, MUG=3)
    stock(session, shop.harbour, MUG=2)
    order = an_order(session, {"MUG": 5})
    assert held(session, order) == {("MUG", "S01"): 3, ("MUG", "S02"): 2}
    parts = routed(session, order)
    assert places(session, parts) == {"S01": 3, "S02": 2}
    by_code = {session.get_one(Location, part.location_id).code: part for part in parts}
    stock(session, shop.depot, MUG=9)
    sound(session)
    return order, by_code


def test_a_split_line_is_held_decided_told_and_sent_in_parts(session: Session, shop: Shop) -> None:
    order, parts = a_split_order(session, shop)
    assert buckets(session, order) == [{"reserved": 5}]
    [row] = decisions.of_order(session, order.id)
    [decision] = told([row], {})
    assert {sentence.partition(" for ")[0] for sentence in decision.sentences[:2]} == {
        "S01 ships 3 of MUG",
        "S02 ships 2 of MUG",
    }
    assert replay(row).plan_document() == row.plan
    assert decide_again(kept_of(row), parse({"name": "whole"})).decision.plan.unfilled
    assert views.order(session, order.id).owed == []
    shipped(session, parts["S01"])
    assert buckets(session, order) == [{"reserved": 2, "fulfilled": 3}]
    shipped(session, parts["S02"])
    assert order.status is OrderStatus.SHIPPED
    sound(session)


def test_a_part_that_is_given_back_is_routed_again_and_the_other_stays(
    session: Session, shop: Shop
) -> None:
    order, parts = a_split_order(session, shop)
    giving_back.reject(session, parts["S02"].id, reason=RejectReason.TOO_BUSY, actor="ben")
    assert buckets(session, order) == [{"unrouted": 2, "reserved": 3}]
    assert views.order(session, order.id).owed == ["route"]
    again = routed(session, order)
    assert places(session, again) == {"W01": 2}
    assert parts["S01"].status is FulfilmentStatus.ALLOCATED
    assert balance(session, shop.harbour) == (2, 0)
    sound(session)


def test_units_that_come_in_later_may_come_from_a_location_that_works_on_the_line(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=2)
    order = an_order(session, {"MUG": 3})
    assert buckets(session, order) == [{"reserved": 2, "backordered": 1}]
    [part] = routed(session, order)
    assert buckets(session, order) == [{"reserved": 2, "backordered": 1}]
    stock(session, shop.riverside, MUG=1)
    assert waking.wake_waiting(session, "MUG") == [order.id]
    [more] = routed(session, order)
    assert (wanted(session, part), wanted(session, more)) == ({"MUG": 2}, {"MUG": 1})
    assert buckets(session, order) == [{"reserved": 3}]
    sound(session)


def test_of_a_line_in_work_only_the_rest_can_be_cut_and_all_of_it_cancelled(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=2)
    order = an_order(session, {"MUG": 4})
    routed(session, order)
    stock(session, shop.harbour, MUG=1)
    waking.wake_waiting(session, "MUG")
    holding.hold(session, order)
    assert buckets(session, order) == [{"reserved": 3, "backordered": 1}]
    [line] = orders.lines(session, order.id)
    assert cancelling.cancel_units(session, order, {line.id: 3}, actor="olga") == {line.id: 1}
    assert buckets(session, order) == [{"reserved": 2, "cancelled": 2}]
    assert balance(session, shop.harbour) == (1, 0)
    sound(session)
    cancelling.cancel(session, order.id, actor="olga", reason="changed their mind")
    assert order.status is OrderStatus.CANCELLED
    assert balance(session, shop.riverside) == (2, 0)
    sound(session)


def test_a_line_is_not_split_without_leave_nor_where_a_part_is_not_worth_its_parcel(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=3)
    stock(session, shop.harbour, MUG=2)
    cheap = {"unfilled": {"cents_per_line": 1_400}}
    policies.add(session, parse(ALLOWED | cheap), effective_from=None, actor="olga")
    assert set(held(session, an_order(session, {"MUG": 4}))) == {("MUG", "S01")}
    policies.add(session, parse({"name": "whole"}), effective_from=None, actor="olga")
    order = an_order(session, {"MUG": 4})
    assert held(session, order) == {}
    assert buckets(session, order) == [{"backordered": 4}]


def test_a_pickup_comes_partly_from_the_shelf_and_partly_by_transfer(
    session: Session, shop: Shop
) -> None:
    lanes = {"transfers": [{"parcel_cents": 100, "days": 1}]}
    policies.add(session, parse(ALLOWED | lanes), effective_from=None, actor="olga")
    stock(session, shop.riverside, MUG=1)
    stock(session, shop.harbour, MUG=2)
    order = an_order(session, {"MUG": 3}, pickup_store="S01")
    order.promise_by = clock.now() + timedelta(days=4)
    session.flush()
    assert held(session, order) == {("MUG", "S01"): 1, ("MUG", "S02"): 2}
    assert routed(session, order) == []
    assert buckets(session, order) == [{"reserved": 1, "in_transfer": 2}]
    [transfer] = transfers.of_order(session, order.id)
    ship_to_store.pick(session, transfer.id, picked={"MUG": 2}, actor="ben")
    sending.ship(session, transfer.id, actor="ben")
    ship_to_store.receive(session, transfer.id, counted={"MUG": Came(1)}, actor="carl")
    assert buckets(session, order) == [{"reserved": 2, "backordered": 1}]
    assert views.order(session, order.id).owed == ["route"]
    sound(session)
    [part] = routed(session, order)
    assert wanted(session, part) == {"MUG": 2}
    sound(session)
