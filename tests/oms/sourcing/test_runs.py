"""Joint runs over real orders: what is moved, what is lost, and that nothing is promised twice."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from oms import clock
from oms.db import transaction
from oms.inventory import adjusting, reservations, rules
from oms.inventory.adjusting import AdjustReason
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from oms.locations.models import Location
from oms.ordering import cancelling, placing, rerouting
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.sourcing import moving, policies, routing_orders, runs
from oms.sourcing.joint import solve_jointly
from oms.sourcing.policy import parse
from oms.sourcing.run_models import PlanStatus, RoutingPlan, RoutingRun, RunStatus
from oms.sourcing.snapshots import unpack_snapshot
from oms.sourcing.solving_apart import Attempt
from tests.builders import NEW_YORK, a_new_order, a_tariff, an_address, no_cut_off_soon, stock
from tests.concurrency import at_once
from tests.oms.shop import BOSTON, Shop, a_shop, trail
from tests.oms.shop import held as held_by

WAIT = {"service": "standard", "minutes": 30}


@pytest.fixture
def shop(live_database: str) -> Shop:
    """Three locations without stock, and a policy by which ordinary orders wait half an hour."""
    with transaction() as session:
        made = a_shop(session)
        no_cut_off_soon(session)
    in_force()
    return made


def in_force(**body: Any) -> None:
    with transaction() as session:
        policy = parse({"name": "patient", "holds": [WAIT]} | body)
        policies.add(session, policy, effective_from=None, actor="test")


def put(place: Location, **units: int) -> None:
    with transaction() as session:
        stock(session, place, **units)


def order(at: tuple[float, float], channel: str = "reference", **wanted: int) -> UUID:
    """An order from this spot on the map."""
    address = an_address(latitude=at[0], longitude=at[1])
    with transaction() as session:
        return placing.place(
            session, a_new_order(wanted, channel=channel, address=address), actor="test"
        ).id


def held(order_id: UUID) -> set[str]:
    """The locations that hold the order's goods."""
    with transaction() as session:
        found = held_by(session, session.get_one(Order, order_id))
    return {code for _, code in found}


def collected() -> UUID:
    [run_id] = runs.collect(f"routing:{uuid4()}", asked_by="test")
    return run_id


def proposed() -> UUID:
    """A run that was solved here, which is quicker than in a process of its own."""
    run_id = collected()
    snapshot = unpack_snapshot(run_of(run_id).snapshot)
    runs.record(run_id, snapshot, Attempt(solve_jointly(snapshot.problem, 5.0), None, 0.1))
    runs.make_proposal(run_id)
    return run_id


def ran() -> UUID:
    run_id = proposed()
    moving.carry_out(run_id)
    runs.finish(run_id)
    return run_id


def run_of(run_id: UUID) -> RoutingRun:
    with transaction() as session:
        return session.get_one(RoutingRun, run_id)


def plans(run_id: UUID) -> Mapping[UUID, RoutingPlan]:
    with transaction() as session:
        rows = session.exec(select(RoutingPlan).where(RoutingPlan.run_id == run_id)).all()
    return {row.order_id: row for row in rows}


def statuses(run_id: UUID) -> Mapping[UUID, str]:
    return {order_id: plan.status.value for order_id, plan in plans(run_id).items()}


def a_better_place(shop: Shop) -> UUID:
    """An order from New York is held in Chicago; meanwhile the store in New York has the goods."""
    put(shop.depot, MUG=1)
    order_id = order(NEW_YORK, MUG=1)
    assert held(order_id) == {"W01"}
    put(shop.riverside, MUG=1)
    return order_id


def test_an_order_moves_to_a_better_place(shop: Shop) -> None:
    order_id = a_better_place(shop)
    run_id = ran()
    assert held(order_id) == {"S01"}
    run, plan = run_of(run_id), plans(run_id)[order_id]
    assert (run.status, run.orders, run.fallback_reason) == (RunStatus.DONE, 1, None)
    assert run.standing_minor is not None
    assert run.cost_minor is not None
    assert plan.gain_minor == run.standing_minor - run.cost_minor > 0
    assert (plan.status, plan.from_locations, plan.to_locations) == (
        PlanStatus.COMMITTED,
        ["W01"],
        ["S01"],
    )
    with transaction() as session:
        row = session.get_one(Order, order_id)
        assert row.version == plan.order_version + 1
        assert orders.awaits_release(row)
        assert trail(session, order_id) == ["order.captured", "order.place_moved"]
        [line] = orders.lines(session, order_id)
        assert (line.reserved, line.backordered) == (1, 0)


def test_then_it_stays_there_until_it_is_released(shop: Shop) -> None:
    order_id = a_better_place(shop)
    ran()
    again = ran()
    assert (run_of(again).orders, statuses(again)) == (1, {})
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert runs.collect("routing:later", asked_by="test") == []
        routed = routing_orders.route(order_id, actor="test")
    assert routed is not None
    assert held(order_id) == {"S01"}
    with transaction() as session:
        assert not reservations.tentative(session, order_id)


def test_a_backordered_order_is_filled(shop: Shop) -> None:
    order_id = order(NEW_YORK, MUG=1)
    assert held(order_id) == set()
    put(shop.riverside, MUG=1)
    run_id = ran()
    assert (held(order_id), statuses(run_id)) == ({"S01"}, {order_id: "committed"})


def test_two_orders_trade_their_goods(shop: Shop) -> None:
    """Each holds the only unit near the other: neither can move first."""
    run_id, first, second = traded(shop)
    moving.carry_out(run_id)
    assert (held(first), held(second)) == ({"S02"}, {"S01"})
    assert statuses(run_id) == {first: "committed", second: "committed"}


def traded(shop: Shop) -> tuple[UUID, UUID, UUID]:
    put(shop.riverside, MUG=1)
    first = order(BOSTON, MUG=1)
    put(shop.harbour, MUG=1)
    second = order(NEW_YORK, MUG=1)
    assert (held(first), held(second)) == ({"S01"}, {"S02"})
    run_id = proposed()
    found = plans(run_id)
    assert found[first].knot == found[second].knot
    return run_id, first, second


def test_who_trades_with_an_order_that_has_changed_stays(shop: Shop) -> None:
    run_id, first, second = traded(shop)
    with transaction() as session:
        rerouting.release_now(session, first, actor="test")
    moving.carry_out(run_id)
    assert (held(first), held(second)) == ({"S01"}, {"S02"})
    assert statuses(run_id) == {first: "lost", second: "lost"}


Change = Callable[[UUID, Shop], None]


def released(order_id: UUID, _shop: Shop) -> None:
    with transaction() as session:
        rerouting.release_now(session, order_id, actor="test")


def called_off(order_id: UUID, _shop: Shop) -> None:
    with transaction() as session:
        cancelling.cancel(session, order_id, actor="test", reason="changed mind")


def sold_out(_order_id: UUID, shop: Shop) -> None:
    with transaction() as session:
        adjusting.adjust(
            session,
            sku="MUG",
            location_id=shop.riverside.id,
            units=-1,
            reason=AdjustReason.LOST,
            actor="test",
        )


def closed(_order_id: UUID, shop: Shop) -> None:
    with transaction() as session:
        session.get_one(Location, shop.riverside.id).active = False


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (released, "has changed since"),
        (called_off, "has changed since"),
        (sold_out, "too little stock"),
        (closed, "takes no part"),
    ],
)
def test_what_changed_between_look_and_move_is_lost(shop: Shop, change: Change, words: str) -> None:
    order_id = a_better_place(shop)
    run_id = proposed()
    change(order_id, shop)
    before = held(order_id)
    moving.carry_out(run_id)
    assert held(order_id) == before
    plan = plans(run_id)[order_id]
    assert plan.status is PlanStatus.LOST
    assert words in (plan.reason or "")
    assert runs.finish(run_id)["lost"] == 1


def test_a_loser_is_looked_at_again(shop: Shop) -> None:
    order_id = a_better_place(shop)
    run_id = proposed()
    sold_out(order_id, shop)
    moving.carry_out(run_id)
    put(shop.riverside, MUG=1)
    assert statuses(ran()) == {order_id: "committed"}
    assert held(order_id) == {"S01"}


def test_one_loser_does_not_hold_up_the_others(shop: Shop) -> None:
    put(shop.depot, MUG=1, LAMP=1)
    first, second = order(NEW_YORK, MUG=1), order(NEW_YORK, LAMP=1)
    put(shop.riverside, MUG=1, LAMP=1)
    run_id = proposed()
    released(first, shop)
    moving.carry_out(run_id)
    assert statuses(run_id) == {first: "lost", second: "committed"}
    assert held(second) == {"S01"}


def test_at_most_a_share_is_moved_and_the_most_valuable_goes_first(shop: Shop) -> None:
    in_force(limits={"moved_percent": 50})
    put(shop.depot, MUG=1, LAMP=1)
    light, heavy = order(NEW_YORK, MUG=1), order(NEW_YORK, LAMP=1)
    put(shop.riverside, MUG=1, LAMP=1)
    run_id = ran()
    assert statuses(run_id) == {light: "kept", heavy: "committed"}
    assert plans(run_id)[heavy].gain_minor > plans(run_id)[light].gain_minor > 0
    assert "as many orders" in (plans(run_id)[light].reason or "")


def test_a_move_must_save_what_the_policy_says(shop: Shop) -> None:
    order_id = a_better_place(shop)
    gain = plans(proposed())[order_id].gain_minor
    in_force(weights={"move_cents": gain})
    assert plans(proposed())[order_id].reason == "moving saves less than a move must save"
    in_force(weights={"move_cents": gain - 1})
    assert statuses(proposed()) == {order_id: "proposed"}


def test_a_wish_collects_once_and_each_step_is_done_once(shop: Shop) -> None:
    order_id = a_better_place(shop)
    assert runs.collect("routing:1", asked_by="a") == runs.collect("routing:1", asked_by="a")
    [run_id] = runs.collect("routing:1", asked_by="a")
    for _ in range(2):
        runs.solve(run_id)
    solved = run_of(run_id).solved_at
    for _ in range(2):
        runs.make_proposal(run_id)
    for _ in range(2):
        moving.carry_out(run_id)
        assert runs.finish(run_id) == {"proposed": 0, "committed": 1, "lost": 0, "kept": 0}
    runs.solve(run_id)
    runs.make_proposal(run_id)
    assert (run_of(run_id).status, run_of(run_id).solved_at) == (RunStatus.DONE, solved)
    assert held(order_id) == {"S01"}


def test_an_answer_that_comes_twice_counts_once(shop: Shop) -> None:
    """A worker was thought to be dead, and its run was solved by another."""
    a_better_place(shop)
    run_id = proposed()
    before = run_of(run_id)
    snapshot = unpack_snapshot(before.snapshot)
    runs.record(run_id, snapshot, Attempt(None, "the solver was ended by SIGKILL", 9.0))
    after = run_of(run_id)
    assert (after.fallback_reason, after.solver_ms) == (None, before.solver_ms)


def test_a_run_that_died_between_two_moves_goes_on(shop: Shop) -> None:
    put(shop.depot, MUG=1, LAMP=1)
    both = [order(NEW_YORK, MUG=1), order(NEW_YORK, LAMP=1)]
    put(shop.riverside, MUG=1, LAMP=1)
    run_id = proposed()
    seen: list[int] = []

    def die_at_the_second() -> None:
        seen.append(1)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        moving.carry_out(run_id, watch=die_at_the_second)
    assert sorted(statuses(run_id).values()) == ["committed", "proposed"]
    moving.carry_out(run_id)
    assert [held(one) for one in both] == [{"S01"}, {"S01"}]


def test_the_snapshot_is_what_was_looked_at(shop: Shop) -> None:
    order_id = a_better_place(shop)
    snapshot = unpack_snapshot(run_of(collected()).snapshot)
    assert [one.id for one in snapshot.problem.orders] == [str(order_id)]
    assert set(snapshot.problem.stock) == {("S01", "MUG", 1), ("W01", "MUG", 1)}
    assert set(snapshot.standing[str(order_id)].at.values()) == {"W01"}


def test_nothing_is_collected_when_nobody_waits(shop: Shop) -> None:
    put(shop.riverside, MUG=1)
    order_id = order(NEW_YORK, MUG=1)
    released(order_id, shop)
    assert runs.collect("routing:1", asked_by="test") == []


def killed(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_a_solver_that_is_killed_leaves_everything_where_it_is(shop: Shop) -> None:
    order_id = a_better_place(shop)
    run_id = collected()
    runs.solve(run_id, watch=killed)
    assert run_of(run_id).fallback_reason == "the solver was ended by SIGKILL"
    kept_in_place(run_id, order_id)


def kept_in_place(run_id: UUID, order_id: UUID) -> None:
    """No answer: nothing moves, and at its release the order is decided all the same."""
    assert (run_of(run_id).answer, run_of(run_id).answer_status) == (None, None)
    runs.make_proposal(run_id)
    moving.carry_out(run_id)
    assert runs.finish(run_id)["kept"] == 1
    assert held(order_id) == {"W01"}
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert routing_orders.route(order_id, actor="test") is not None


def test_old_runs_are_forgotten_with_their_plans(shop: Shop) -> None:
    with clock.at(clock.now() - timedelta(days=8)):
        in_force(name="older")
        a_better_place(shop)
        old = ran()
    assert [row.run_id for row in everything(RoutingPlan)] == [old]
    order(NEW_YORK, MUG=1)
    new = collected()
    assert [row.id for row in everything(RoutingRun)] == [new]
    assert everything(RoutingPlan) == []


def everything(table: Any) -> Sequence[Any]:
    with transaction() as session:
        return session.exec(select(table)).all()


def test_each_currency_makes_a_problem_of_its_own(shop: Shop) -> None:
    with transaction() as session:
        a_tariff(session, currency="CAD")
    put(shop.depot, MUG=2)
    american = order(NEW_YORK, MUG=1)
    with transaction() as session:
        new = replace(a_new_order({"MUG": 1}), currency="CAD")
        canadian = placing.place(session, new, actor="test").id
    found = [run_of(one) for one in runs.collect("routing:1", asked_by="test")]
    assert [(run.currency, run.orders) for run in found] == [("CAD", 1), ("USD", 1)]
    ids = [list(unpack_snapshot(run.snapshot).standing) for run in found]
    assert ids == [[str(canadian)], [str(american)]]
    stocks = [unpack_snapshot(run.snapshot).problem.stock for run in found]
    assert stocks == [(("W01", "MUG", 1),)] * 2  # what the other holds is not there to be had


def test_an_order_that_can_only_come_late_is_not_called_unfilled(shop: Shop) -> None:
    put(shop.depot, MUG=1)
    late = replace(a_new_order({"MUG": 1}), deliver_by=clock.now() + timedelta(days=2, hours=2))
    with transaction() as session:
        order_id = placing.place(session, late, actor="test").id
    assert held(order_id) == {"W01"}
    run_id = ran()
    [stated] = unpack_snapshot(run_of(run_id).snapshot).problem.orders
    assert (stated.promise_days, statuses(run_id)) == (60, {})
    put(shop.riverside, MUG=1)
    again = ran()
    [stated] = unpack_snapshot(run_of(again).snapshot).problem.orders
    assert stated.promise_days <= 3  # two or three midnights from now
    assert statuses(again) == {order_id: "committed"}
    assert held(order_id) == {"S01"}


def test_what_is_kept_for_a_channel_is_taken_by_no_other(shop: Shop) -> None:
    """The store's only mug is one shop's own. Orders of both wait; neither is moved for it."""
    put(shop.depot, MUG=2)
    both = [order(NEW_YORK, MUG=1), order(NEW_YORK, channel="shopify", MUG=1)]
    put(shop.riverside, MUG=1)
    with transaction() as session:
        scope = Scope("MUG", None, shop.riverside.id, "shopify")
        rules.set_rule(session, RuleKind.ALLOTMENT, scope, units=1, actor="olga")
    run_id = ran()
    assert (run_of(run_id).orders, statuses(run_id)) == (2, {})
    assert [held(one) for one in both] == [{"W01"}, {"W01"}]


def test_two_workers_may_carry_one_run_out(shop: Shop) -> None:
    put(shop.depot, MUG=4, LAMP=4)
    several = [order(NEW_YORK, **{sku: 1}) for sku in ("MUG", "LAMP") * 4]
    put(shop.riverside, MUG=4, LAMP=4)
    run_id = proposed()
    at_once([lambda: moving.carry_out(run_id)] * 3)
    assert set(statuses(run_id).values()) == {"committed"}
    assert {place for one in several for place in held(one)} == {"S01"}
