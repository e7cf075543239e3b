"""What a policy weighs decides where an order goes, at once and jointly, and stays with it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from oms import clock
from oms.db import transaction
from oms.ordering import placing
from oms.orders.models import Order
from oms.sourcing import bid_prices, decisions, moving, overriding, policies, runs
from oms.sourcing.joint import solve_jointly
from oms.sourcing.models import RoutingDecision
from oms.sourcing.policy import parse
from oms.sourcing.reasons import supposed_of
from oms.sourcing.replaying import replay
from oms.sourcing.run_models import PlanStatus, RoutingPlan
from oms.sourcing.snapshots import unpack_snapshot
from oms.sourcing.solving_apart import Attempt
from oms.sourcing.weighing import in_words
from routing.document import order_plan_document
from tests.builders import a_new_order, an_order, no_cut_off_soon, stock
from tests.oms.shop import Shop, a_shop, fill, held, routed

WAIT = {"service": "standard", "minutes": 30}


def weighs(session: Session, **weights: object) -> None:
    policy = parse({"name": "weighing", "weights": weights})
    policies.add(session, policy, effective_from=None, actor="test")


def is_worth(session: Session, prices: Mapping[tuple[str, str], int]) -> None:
    """Put bid prices in force, as a run would teach them."""
    bid_prices.learn(session, prices, run_id=uuid4(), skus=(), smoothing_percent=100)
    assert bid_prices.current(session, [sku for sku, _ in prices]) == prices


def decided(session: Session, order: Order) -> RoutingDecision:
    routed(session, order)
    return decisions.of_order(session, order.id)[0]


def winner(decision: RoutingDecision) -> tuple[str, Mapping[str, int]]:
    """Who ships, and what is charged beside carriage and handling."""
    [parcel] = decision.explanation["winner"]["parcels"]
    own = ("postage", "packing", "picking", "handover")
    return parcel["location"], {
        name: cents for name, cents in parcel["terms"].items() if name not in own
    }


def test_a_unit_that_others_will_need_is_left_where_it_is(session: Session, shop: Shop) -> None:
    fill(session, shop)
    is_worth(session, {("MUG", "S01"): 600, ("MUG", "S02"): 30})
    assert winner(decided(session, an_order(session, {"MUG": 2}))) == ("S01", {})
    weighs(session, opportunity_percent=50)
    decision = decided(session, an_order(session, {"MUG": 2}))
    assert winner(decision) == ("S02", {"opportunity": 30})
    assert decision.snapshot["added"] == [{"term": "opportunity", "cents": {"S01": 600, "S02": 30}}]
    assert ", opportunity 0.30." in decision.explanation["sentences"][0]


def test_its_place_is_held_where_it_will_be_routed_from(session: Session, shop: Shop) -> None:
    fill(session, shop)
    is_worth(session, {("MUG", "S01"): 600})
    weighs(session, opportunity_percent=100)
    assert set(held(session, an_order(session, {"MUG": 1}))) == {("MUG", "S02")}


def test_a_location_that_often_gives_work_back_is_dearer(session: Session, shop: Shop) -> None:
    fill(session, shop)
    overriding.set_override(session, "S01", probability=0.2, reason="short of staff", actor="test")
    weighs(session, acceptance_percent=100)
    location, terms = winner(decided(session, an_order(session, {"MUG": 1})))
    assert location == "S02"
    assert 0 < terms["acceptance"] < 50  # nearly everybody is believed to accept


def test_a_busy_location_is_dearer_the_busier_it_is(session: Session, shop: Shop) -> None:
    fill(session, shop)
    shop.riverside.capacity_parcels = 4
    weighs(session, congestion_cents=4)
    found = [winner(decided(session, an_order(session, {"MUG": 1}))) for _ in range(3)]
    assert found == [("S01", {}), ("S01", {"congestion": 1}), ("S01", {"congestion": 2})]
    weighs(session, congestion_cents=2_000)
    assert winner(decided(session, an_order(session, {"MUG": 1}))) == ("S02", {})


def test_of_late_arrivals_the_soonest_wins_if_days_cost_enough(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.depot, MUG=5)
    stock(session, shop.harbour, MUG=5)
    shop.harbour.parcel_cost_minor += 300
    session.flush()
    new = replace(a_new_order({"MUG": 1}), deliver_by=clock.now() - timedelta(days=1))
    order = placing.place(session, new, actor="test")
    late = decided(session, order)
    assert winner(late) == ("W01", {})
    weighs(session, lateness_cents_per_day=400)
    order = placing.place(session, replace(new, external_id="other"), actor="test")
    assert set(held(session, order)) == {("MUG", "S02")}
    decision = decided(session, order)
    location, terms = winner(decision)
    assert location == "S02"
    assert terms["lateness"] > 0
    assert terms["lateness"] % 400 == 0
    assert decision.fallback_reason is not None


def test_the_snapshot_gives_the_same_plan_and_its_counterfactuals_whatever_changes(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    is_worth(session, {("MUG", "S01"): 600, ("MUG", "S02"): 30})
    weighs(session, opportunity_percent=50, congestion_cents=70, acceptance_percent=100)
    decision = decided(session, an_order(session, {"MUG": 2}))
    is_worth(session, {("MUG", "S01"): 1, ("MUG", "S02"): 900})
    weighs(session)
    again = replay(decision)
    assert order_plan_document(again.plan) == decision.plan
    assert again.explanation_document() == decision.explanation
    assert any(found.goal.subject == "S01" for found in supposed_of(decision, {}).found)


def test_a_policy_s_weights_are_told_in_words() -> None:
    weights = {"opportunity_percent": 75, "move_cents": 20, "plugged_percent": {"breakage": 50}}
    assert in_words(parse({"name": "x", "weights": weights})) == [
        "opportunity: 75 % of a unit's bid price",
        "moving: 20 cents for a tentative place",
        "breakage: 50 %",
    ]
    assert in_words(parse({"name": "x"})) == []


@pytest.fixture
def live_shop(live_database: str) -> Shop:
    with transaction() as session:
        return a_shop(session)


def ran() -> UUID:
    """A joint run, solved here, which is quicker than in a process of its own."""
    [run_id] = runs.collect(f"routing:{uuid4()}", asked_by="test")
    with transaction() as session:
        snapshot = unpack_snapshot(runs.read(session, run_id).snapshot)
    runs.record(run_id, snapshot, Attempt(solve_jointly(snapshot.problem, 5.0), None, 0.1))
    runs.make_proposal(run_id)
    moving.carry_out(run_id)
    return run_id


def test_a_joint_run_weighs_the_same_and_a_move_must_be_worth_it(live_shop: Shop) -> None:
    with transaction() as session:
        fill(session, live_shop)
        no_cut_off_soon(session)
        policies.add(
            session, parse({"name": "wait", "holds": [WAIT]}), effective_from=None, actor="test"
        )
        order_id = an_order(session, {"MUG": 1}).id
    with transaction() as session:
        assert set(held(session, session.get_one(Order, order_id))) == {("MUG", "S01")}
        is_worth(session, {("MUG", "S01"): 600})
        weights = {"opportunity_percent": 100, "move_cents": 100_000}
        body = {"name": "dear moves", "holds": [WAIT], "weights": weights}
        policies.add(session, parse(body), effective_from=None, actor="test")
    run_id = ran()
    with transaction() as session:
        [plan] = [session.get_one(RoutingPlan, (run_id, order_id))]
        assert (plan.status, plan.reason) == (
            PlanStatus.KEPT,
            "moving saves less than a move must save",
        )
        assert 0 < plan.gain_minor < 600
        weights["move_cents"] = plan.gain_minor - 1
        weights["plugged_percent"] = {}  # type: ignore[assignment]
        policies.add(session, parse(body), effective_from=None, actor="test")
    run_id = ran()
    with transaction() as session:
        assert session.get_one(RoutingPlan, (run_id, order_id)).status is PlanStatus.COMMITTED
        assert set(held(session, session.get_one(Order, order_id))) == {("MUG", "S02")}
        run = runs.read(session, run_id)
        assert run.notes == []
        [row] = unpack_snapshot(run.snapshot).problem.added
        assert (row.term, row.cents) == ("opportunity", {"S01": 600})
