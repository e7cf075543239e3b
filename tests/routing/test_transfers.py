"""Pickup orders whose goods come to the store by transfer, alone or with what is there."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from routing import cpsat, exact
from routing.batch.effort import BatchEffort
from routing.batch.solve import solve
from routing.check import violations
from routing.contest import Aim, Goal
from routing.counterfactual import counterfactuals
from routing.decide import decide
from routing.document import problem_document
from routing.effort import Effort
from routing.method import Method
from routing.packages import cost_of, order_plan
from routing.parse import ProblemFault, parse_problem
from routing.plan import ParcelPlan, Status
from routing.problem import Lane, Problem
from routing.removals import Out
from routing.rivals import best_through, costs_through
from routing.sequence import solve_all
from routing.wording import sentences
from tests.routing.builders import (
    CHICAGO,
    PHILADELPHIA,
    a_line,
    a_location,
    a_problem,
    able_locations,
    an_order,
    surveyed,
)
from tests.routing.oracle import answer_of, legal_plans
from tests.routing.strategies import transferring

ENOUGH = Effort(deterministic_time=60)
LITTLE = BatchEffort(price_rounds=20, column_rounds=4, polish_steps=2)


@settings(max_examples=30, deadline=None)
@given(transferring())
def test_no_plan_of_cp_sat_is_cheaper_and_both_are_legal(problem: Problem) -> None:
    network, choices = surveyed(problem)
    ours = exact.solve(choices)
    theirs = cpsat.solve(choices, able_locations(choices), ENOUGH)
    assert theirs.packages is not None
    assert ours.cost_cents == cost_of(choices, theirs.packages) == theirs.bound_cents
    for packages in (ours.packages, theirs.packages):
        assert violations(problem, answer_of(order_plan(network, choices, packages))) == []


@settings(max_examples=15, deadline=None)
@given(transferring(most_locations=3, most_lines=3))
def test_no_plan_whatever_is_cheaper_overall_or_by_way_of_any_location(problem: Problem) -> None:
    plans = list(legal_plans(problem))
    network, choices = surveyed(problem)
    assert exact.solve(choices).cost_cents == min(plan.cost_cents for plan in plans)
    least = {
        network.index[place]: min(
            plan.cost_cents
            for plan in plans
            if place in {parcel.location for parcel in plan.parcels}
        )
        for place in {parcel.location for plan in plans for parcel in plan.parcels}
    }
    through = costs_through(choices)
    assert {at: cost for at, (cost, _) in through.items()} == least
    for at, cost in least.items():
        packages = best_through(choices, at)
        assert packages is not None
        assert cost_of(choices, packages) == cost


@settings(max_examples=15, deadline=None)
@given(transferring(most_locations=3, most_lines=3))
def test_every_location_takes_part_could_have_or_is_told_why_not(problem: Problem) -> None:
    explanation = decide(problem, "O0").explanation
    told = {parcel.location for parcel in explanation.winner.parcels}
    told |= {rival.location for rival in explanation.rivals}
    removed = {place for removal in explanation.removed for place in removal.locations}
    assert told | removed == {place.id for place in problem.locations}
    assert not told & removed
    assert all(removal.reasons for removal in explanation.removed)
    assert sentences(explanation)


@settings(max_examples=8, deadline=None)
@given(transferring(most_locations=3, most_lines=2, most_orders=4))
def test_a_joint_batch_is_legal_and_its_bound_below_every_plan(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    in_turn = solve_all(problem, method=Method.FIFO_EXACT, effort=Effort())
    assert violations(problem, answer) == []
    assert violations(problem, in_turn) == []
    assert answer.lower_bound_cents <= min(answer.cost_cents, in_turn.cost_cents)
    if len(problem.orders) == 1:
        assert answer.cost_cents == in_turn.cost_cents


@settings(max_examples=20, deadline=None)
@given(transferring(most_orders=2))
def test_a_problem_with_lanes_survives_being_written_and_read(problem: Problem) -> None:
    assert parse_problem(problem_document(problem)) == problem


LACKING = replace(
    a_problem(
        [a_location("S1"), a_location("S2", PHILADELPHIA), a_location("W1", CHICAGO)],
        {"S1": {"MUG": 1}, "S2": {"LAMP": 1}, "W1": {"LAMP": 9, "POT": 9}},
        an_order(a_line("MUG"), a_line("LAMP"), pickup_at=("S1",), promise_days=3),
    ),
    transfers=(
        Lane("W1", "S1", parcel_cents=200, line_cents=10, days=2),
        Lane("S2", "S1", parcel_cents=400, line_cents=10, days=1),
    ),
)
"""The store has the mug; the lamp can be sent to it, cheaper by the slower lane."""


def test_a_store_hands_over_what_it_has_together_with_what_is_sent_to_it() -> None:
    decision = decide(LACKING, "O1")
    assert decision.plan.parcels == (
        ParcelPlan("S1", ("MUG",), 30 + 50),
        ParcelPlan("W1", ("LAMP",), (100 + 200) + (50 + 10), to="S1"),
    )
    assert decision.status is Status.OPTIMAL
    assert sentences(decision.explanation)[:2] == [
        "S1 hands over MUG for 0.80 USD: handover 0.30, picking 0.50.",
        "W1 sends LAMP to S1 for 3.60 USD: packing 1.00, picking 0.50, transfer 2.00,"
        " transfer by the line 0.10.",
    ]
    handed = decision.explanation.winner.parcels[0]
    assert handed.days == 3  # ready with the last transfer


def test_goods_that_would_come_after_the_promise_are_sent_from_elsewhere_or_not_at_all() -> None:
    [order] = LACKING.orders
    sooner = decide(replace(LACKING, orders=(replace(order, promise_days=2),)), "O1").plan
    assert [parcel.location for parcel in sooner.parcels] == ["S1", "S2"]
    at_once = decide(replace(LACKING, orders=(replace(order, promise_days=1),)), "O1").plan
    assert [parcel.location for parcel in at_once.parcels] == ["S1"]
    assert at_once.unfilled == ("LAMP",)


def test_what_all_comes_by_transfer_is_handed_over_once_at_the_store() -> None:
    order = an_order(a_line("LAMP"), a_line("POT"), pickup_at=("S1",))
    plan = decide(replace(LACKING, orders=(order,)), "O1").plan
    assert plan.parcels == (
        ParcelPlan("S1", (), 30),
        ParcelPlan("W1", ("LAMP", "POT"), (100 + 200) + 2 * (50 + 10), to="S1"),
    )
    assert plan.cost_cents == 30 + 420


def test_the_hand_over_takes_capacity_of_the_store_and_the_transfer_of_where_it_leaves() -> None:
    for name in ("S1", "W1"):
        full = replace(
            LACKING,
            locations=tuple(
                replace(place, capacity_parcels=0) if place.id == name else place
                for place in LACKING.locations
            ),
        )
        places = [parcel.location for parcel in decide(full, "O1").plan.parcels]
        assert places == ([] if name == "S1" else ["S1", "S2"])


def test_a_location_without_a_lane_is_told_so() -> None:
    without = replace(LACKING, transfers=LACKING.transfers[1:])
    removed = decide(without, "O1").explanation.removed
    [removal] = [one for one in removed if "W1" in one.locations]
    assert [reason.kind for reason in removal.reasons] == [Out.NO_LANE]
    told = sentences(decide(without, "O1").explanation)
    assert "W1 has no transfer to where it can be picked up." in told


def test_a_supposed_change_says_what_would_bring_the_other_sender_in() -> None:
    found = counterfactuals(LACKING, "O1")
    wanted = [one for one in found if one.goal == Goal(Aim.USES, "S2")]
    changes = {one.change.figure.value: one.change.after for one in wanted}
    # By S2 it is 200 dearer, which no fall of its own prices outweighs alone: they are 100 and 50.
    assert changes == {"transfers.parcel_cents": 200}
    leaves = [one for one in found if one.goal == Goal(Aim.LEAVES, "W1")]
    assert {"parcel_cents", "line_cents", "stock", "handling_days"} <= {
        one.change.figure.value for one in leaves
    }
    assert all(one.goal.met_by(one.plan) for one in found)


def test_rules_of_thumb_and_long_orders_know_of_it_too() -> None:
    answer = solve_all(LACKING, method=Method.PRIORITY, effort=Effort())
    assert violations(LACKING, answer) == []
    assert answer.orders[0].unfilled == ("LAMP",)  # rules of thumb take from shelves alone
    skus = [f"SKU{number}" for number in range(12)]
    order = an_order(*(a_line(sku, weight_g=20) for sku in skus), pickup_at=("S1",))
    long = replace(
        a_problem(
            LACKING.locations,
            {"S1": dict.fromkeys(skus[:5], 1), "W1": dict.fromkeys(skus[3:], 1)},
            order,
        ),
        transfers=LACKING.transfers,
    )
    decision = decide(long, "O1")
    assert violations(long, answer_of(decision.plan)) == []
    assert (decision.cost_cents, decision.status) == (
        (30 + 5 * 50) + (300 + 7 * 60),
        Status.OPTIMAL,
    )
    jointly = solve(long).answer
    assert violations(long, jointly) == []


def test_a_batch_lets_the_last_transfer_go_to_whom_it_saves_more() -> None:
    orders = (
        an_order(a_line("LAMP"), name="O1", pickup_at=("S1", "S2")),
        an_order(a_line("LAMP", unfilled_cents=9000), name="O2", pickup_at=("S1",)),
    )
    problem = replace(
        a_problem(LACKING.locations, {"S2": {"LAMP": 1}, "W1": {"LAMP": 1}}, *orders),
        transfers=LACKING.transfers[:1],
    )
    answer = solve(problem).answer
    assert violations(problem, answer) == []
    assert [plan.unfilled for plan in answer.orders] == [(), ()]
    assert answer.status is Status.OPTIMAL


@pytest.mark.parametrize(
    ("transfer", "said"),
    [
        ({"to": "S9"}, 'transfers[0].to: "S9" is not among the locations'),
        ({"to": "W1"}, 'transfers[0].to: "W1" is where it comes from'),
        ({"days": -1}, "transfers[0].days: must be zero or a positive integer, got -1"),
        ({"cents": 4}, "transfers[0].cents: is not a known field; known: from, to, parcel_cents,"),
    ],
)
def test_a_wrong_lane_is_named_by_its_place(transfer: dict[str, object], said: str) -> None:
    document = problem_document(LACKING)
    lanes = document["transfers"]
    assert isinstance(lanes, list)
    lanes[0] |= transfer
    with pytest.raises(ProblemFault) as raised:
        parse_problem(document)
    assert str(raised.value).startswith(said)


def test_the_checker_names_a_transfer_that_no_lane_allows_or_that_ends_elsewhere() -> None:
    plan = decide(LACKING, "O1").plan
    handed, sent = plan.parcels
    astray = replace(plan, parcels=(handed, replace(sent, to="S2")))
    assert violations(LACKING, answer_of(astray)) == [
        "order O1: the transfer from W1 to S2 does not end where the order is picked up",
        "order O1: the transfer from W1 to S2 has no lane",
    ]
    late = replace(LACKING, orders=(replace(LACKING.orders[0], promise_days=2),))
    assert violations(late, answer_of(plan)) == [
        "order O1: the transfer from W1 to S1 takes 3 days, 2 are promised"
    ]
    cheap = replace(plan, parcels=(handed, replace(sent, cents=1)), cost_cents=81)
    assert violations(LACKING, answer_of(cheap)) == [
        "order O1: the transfer from W1 to S1 costs 360, not 1"
    ]
