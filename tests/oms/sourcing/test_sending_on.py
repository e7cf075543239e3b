"""What its store lacks of a pickup is sent there where the policy allows it, as routing decides."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from oms import clock, invariants
from oms.inventory import rules
from oms.inventory.movements import InsufficientStock
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from oms.locations.models import ClosedDay
from oms.ordering import cancelling, placing, rerouting, ship_to_store
from oms.orders import queries as orders
from oms.orders.models import Order, OrderStatus
from oms.sourcing import committing, decisions, policies, problems
from oms.sourcing.deciding import solve
from oms.sourcing.policy import Policy, parse
from oms.sourcing.reasons import told
from oms.sourcing.replaying import decide_again, kept_of
from oms.transfers import queries as transfers
from oms.transfers import sending
from oms.transfers.models import Transfer, TransferStatus
from oms.transfers.receiving import Came
from tests.builders import a_new_order, refused, stock
from tests.oms.shop import Shop, balance, buckets, held, routed, the_pickup, wanted
from workflows import views

MONDAY_MORNING = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 10:00 in New York
LANES = [{"parcel_cents": 250, "line_cents": 20, "days": 2}]


def allow(session: Session, lanes: object = LANES, **more: object) -> Policy:
    policy = parse({"name": "sent on", "transfers": lanes, **more})
    policies.add(session, policy, effective_from=None, actor="olga")
    return policy


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with clock.at(MONDAY_MORNING):
        yield


def a_pickup(session: Session, days: int = 5, **units: int) -> Order:
    """To be collected at Riverside within so many days."""
    by = clock.now() + timedelta(days=days)
    new = replace(a_new_order(units, pickup_store="S01"), deliver_by=by)
    return placing.place(session, new, actor="test")


def the_transfer(session: Session, order: Order) -> Transfer:
    [transfer] = transfers.of_order(session, order.id)
    return transfer


def arrives(session: Session, transfer: Transfer, **came: int) -> None:
    picked = {line.sku: line.requested for line in transfers.lines(session, transfer.id)}
    ship_to_store.pick(session, transfer.id, picked=picked, actor="ben")
    sending.ship(session, transfer.id, actor="ben")
    counted = {sku: Came(came.get(sku, units)) for sku, units in picked.items()}
    ship_to_store.receive(session, transfer.id, counted=counted, actor="carl")


def sound(session: Session) -> None:
    session.flush()
    assert invariants.broken(session) == []


def test_what_the_store_lacks_is_held_where_it_is_sent_from_and_becomes_one_pickup_there(
    session: Session, shop: Shop
) -> None:
    allow(session)
    stock(session, shop.harbour, LAMP=5)
    stock(session, shop.riverside, MUG=5)
    order = a_pickup(session, MUG=1, LAMP=2)
    assert held(session, order) == {("MUG", "S01"): 1, ("LAMP", "S02"): 2}

    assert routed(session, order) == []
    transfer = the_transfer(session, order)
    [decision] = decisions.of_order(session, order.id)
    assert (transfer.from_location_id, transfer.to_location_id) == (
        shop.harbour.id,
        shop.riverside.id,
    )
    assert transfer.decision_id == decision.id
    # Harbour packs today, two days later it is there: by Wednesday's end in New York.
    assert transfer.expected_at == datetime(2026, 3, 5, 4, 59, 59, tzinfo=UTC)
    assert balance(session, shop.harbour, "LAMP") == (5, 2)
    assert buckets(session, order) == [{"reserved": 1}, {"in_transfer": 2}]
    assert held(session, order) == {("MUG", "S01"): 1}
    assert order.status is OrderStatus.IN_FULFILMENT
    assert views.order(session, order.id).owed == []  # what is here waits for what is sent
    sound(session)

    arrives(session, transfer)
    assert held(session, order) == {("MUG", "S01"): 1, ("LAMP", "S01"): 2}
    assert views.order(session, order.id).owed == ["route"]
    [part] = routed(session, order)
    assert the_pickup(session, part).location_id == shop.riverside.id
    assert wanted(session, part) == {"MUG": 1, "LAMP": 2}
    sound(session)


def test_a_decision_says_in_words_what_is_sent_and_why_not_from_elsewhere(
    session: Session, shop: Shop
) -> None:
    allow(session, [{"sender": "W01", "parcel_cents": 250}, {"sender": "S02", "parcel_cents": 900}])
    stock(session, shop.harbour, MUG=5)
    stock(session, shop.depot, MUG=5)
    order = a_pickup(session, days=3, MUG=1)
    routed(session, order)
    [decision] = told(decisions.of_order(session, order.id), {})
    assert list(decision.sentences) == [
        "S01 hands over what it is sent for 1.00 USD: picking 0.00, handover 1.00.",
        "S02 sends the line to S01 for 11.50 USD: packing 1.90, picking 0.60, transfer 9.00,"
        " transfer by the line 0.00.",
        "Together 12.50 USD.",
        "Next best: MUG stays unfilled, 17.50 dearer.",
        "W01 would be 1 day late.",
    ]


def test_without_leave_of_the_policy_or_with_no_way_in_time_a_pickup_waits(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.harbour, MUG=5)
    order = a_pickup(session, MUG=1)
    assert buckets(session, order) == [{"backordered": 1}]
    allow(session, limits={"late_days": 0})
    late = a_pickup(session, days=1, MUG=1)
    assert routed(session, late) == []
    assert buckets(session, late) == [{"backordered": 1}]
    assert transfers.of_order(session, late.id) == []
    sound(session)


def test_a_pickup_that_nobody_can_fill_in_time_is_sent_for_late_rather_than_never(
    session: Session, shop: Shop
) -> None:
    allow(session)
    stock(session, shop.harbour, MUG=5)
    order = a_pickup(session, days=1, MUG=1)
    routed(session, order)
    assert the_transfer(session, order).status is TransferStatus.REQUESTED
    [decision] = decisions.of_order(session, order.id)
    assert decision.fallback_reason == "the promise of 1 day cannot be kept; sent late"


def test_the_store_takes_goods_in_only_on_days_on_which_it_works(
    session: Session, shop: Shop
) -> None:
    closed = [date(2026, 3, day) for day in (4, 5)]
    session.add_all(ClosedDay(location_id=shop.riverside.id, day=day) for day in closed)
    allow(session)
    stock(session, shop.harbour, MUG=5)
    order = a_pickup(session, MUG=1)
    routed(session, order)
    assert the_transfer(session, order).expected_at == datetime(2026, 3, 7, 4, 59, 59, tzinfo=UTC)


def test_what_comes_short_or_is_not_found_is_sent_for_again_from_elsewhere(
    session: Session, shop: Shop
) -> None:
    allow(session, [*LANES, {"sender": "W01", "parcel_cents": 900, "days": 2}])
    stock(session, shop.harbour, MUG=2)
    stock(session, shop.depot, MUG=9)
    order = a_pickup(session, MUG=2)
    routed(session, order)
    first = the_transfer(session, order)
    assert first.from_location_id == shop.harbour.id
    ship_to_store.pick(session, first.id, picked={"MUG": 1}, actor="ben")
    assert buckets(session, order) == [{"unrouted": 1, "in_transfer": 1}]
    sound(session)
    assert views.order(session, order.id).owed == ["route"]
    routed(session, order)
    second = transfers.of_order(session, order.id)[0]
    assert second.from_location_id == shop.depot.id
    assert buckets(session, order) == [{"in_transfer": 2}]
    sending.ship(session, first.id, actor="ben")
    ship_to_store.receive(session, first.id, counted={"MUG": Came(1)}, actor="carl")
    assert buckets(session, order) == [{"reserved": 1, "in_transfer": 1}]
    sound(session)
    arrives(session, second)
    [part] = routed(session, order)
    assert wanted(session, part) == {"MUG": 2}
    sound(session)


def test_a_sender_that_calls_it_off_is_not_asked_again_unless_an_operator_wants_so(
    session: Session, shop: Shop
) -> None:
    allow(session)
    stock(session, shop.harbour, MUG=2)
    order = a_pickup(session, MUG=1)
    routed(session, order)
    ship_to_store.cancel(session, the_transfer(session, order).id, actor="ben")
    assert balance(session, shop.harbour) == (2, 0)
    assert views.order(session, order.id).owed == ["route"]
    routed(session, order)
    assert buckets(session, order) == [{"backordered": 1}]
    [newest, _] = told(decisions.of_order(session, order.id), {})
    number = the_transfer(session, order).number
    assert any(
        f"excluded: its transfer {number} for this order was called off" in sentence
        for sentence in newest.sentences
    )
    rerouting.forget_rejections(session, order.id, actor="olga")
    routed(session, order)
    assert buckets(session, order) == [{"in_transfer": 1}]
    sound(session)


def test_an_order_that_is_called_off_or_cut_down_frees_what_has_not_left(
    session: Session, shop: Shop
) -> None:
    allow(session)
    stock(session, shop.harbour, MUG=5)
    off, cut = a_pickup(session, MUG=1), a_pickup(session, MUG=2)
    routed(session, off)
    routed(session, cut)
    assert balance(session, shop.harbour) == (5, 3)
    cancelling.cancel(session, off.id, actor="olga", reason="changed their mind")
    assert off.status is OrderStatus.CANCELLED
    [line] = orders.lines(session, cut.id)
    assert cancelling.cancel_units(session, cut, {line.id: 2}, actor="olga") == {}
    assert balance(session, shop.harbour) == (5, 0)
    sound(session)


def test_what_is_kept_for_a_channel_is_not_sent_on(session: Session, shop: Shop) -> None:
    allow(session)
    stock(session, shop.harbour, MUG=2)
    stock(session, shop.depot, MUG=2)
    mine = Scope(sku="MUG", location_id=shop.harbour.id, channel="reference")
    rules.set_rule(session, RuleKind.ALLOTMENT, mine, units=2, actor="olga")
    order = a_pickup(session, MUG=1)
    routed(session, order)
    assert the_transfer(session, order).from_location_id == shop.depot.id
    sound(session)


def test_a_decision_is_replayed_with_and_without_leave_to_send(
    session: Session, shop: Shop
) -> None:
    policy = allow(session)
    stock(session, shop.harbour, MUG=5)
    order = a_pickup(session, MUG=1)
    routed(session, order)
    [row] = decisions.of_order(session, order.id)
    kept = kept_of(row)
    again = decide_again(kept, policy)
    assert again.decision.plan_document() == row.plan
    assert decide_again(kept, parse({"name": "none"})).decision.plan.unfilled
    dearer = parse({"name": "dearer", "transfers": [{"parcel_cents": 400, "days": 1}]})
    assert decide_again(kept, dearer).decision.cost_cents == row.cost_minor + 130


def test_stock_that_is_taken_between_look_and_deed_leaves_nothing_behind(
    session: Session, shop: Shop
) -> None:
    allow(session)
    order = a_pickup(session, MUG=1)
    stock(session, shop.harbour, MUG=1)
    task = problems.task(session, orders.locked(session, order.id))
    assert task is not None
    solved = solve(task)
    a_pickup(session, MUG=1)
    with refused(session, InsufficientStock):
        committing.commit(session, task, solved, actor="system")
