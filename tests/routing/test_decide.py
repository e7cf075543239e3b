"""A decision and its reasons: against every other legal plan, and again from its snapshot."""

import json

import pytest
from hypothesis import given, settings

from routing.decide import decide
from routing.document import problem_document
from routing.explain import PlanCost
from routing.parse import parse_problem
from routing.plan import Engine, OrderPlan, Status
from routing.problem import Problem
from routing.quick import quick_plan
from routing.removals import Out, Reason, Removal
from routing.stored import explanation_document, parse_explanation
from tests.routing.builders import (
    CHICAGO,
    LOS_ANGELES,
    PHILADELPHIA,
    a_line,
    a_location,
    a_problem,
    an_order,
)
from tests.routing.oracle import legal_plans
from tests.routing.strategies import problems


def places_of(plan: OrderPlan | PlanCost) -> set[str]:
    return {parcel.location for parcel in plan.parcels}


@settings(max_examples=60, deadline=None)
@given(problems(most_locations=3, most_lines=3))
def test_the_runner_up_is_the_cheapest_plan_by_other_locations(problem: Problem) -> None:
    decision = decide(problem, "O0")
    winner, runner_up = decision.explanation.winner, decision.explanation.runner_up
    others = [
        plan.cost_cents for plan in legal_plans(problem) if places_of(plan) != places_of(winner)
    ]
    assert (runner_up.cents if runner_up else None) == min(others, default=None)
    if runner_up:
        assert places_of(runner_up) != places_of(winner)
        assert decision.explanation.dearer_cents == runner_up.cents - winner.cents


@settings(max_examples=60, deadline=None)
@given(problems(most_locations=3, most_lines=3))
def test_a_rival_is_dearer_by_the_cheapest_plan_that_uses_it(problem: Problem) -> None:
    decision = decide(problem, "O0")
    plans = list(legal_plans(problem))
    for rival in decision.explanation.rivals:
        using = [plan.cost_cents for plan in plans if rival.location in places_of(plan)]
        assert rival.dearer_cents == min(using) - decision.cost_cents


@settings(max_examples=80, deadline=None)
@given(problems(most_locations=6))
def test_every_location_is_chosen_a_rival_or_removed_for_a_reason(problem: Problem) -> None:
    explanation = decide(problem, "O0").explanation
    chosen = places_of(explanation.winner)
    rivals = {rival.location for rival in explanation.rivals}
    removed = [location for removal in explanation.removed for location in removal.locations]
    assert sorted([*chosen, *rivals, *removed]) == sorted(place.id for place in problem.locations)
    assert all(removal.reasons for removal in explanation.removed)


@settings(max_examples=80, deadline=None)
@given(problems())
def test_the_figures_of_an_explanation_add_up_to_the_cost(problem: Problem) -> None:
    decision = decide(problem, "O0")
    for plan in (decision.explanation.winner, decision.explanation.runner_up):
        for parcel in plan.parcels if plan else ():
            assert sum(parcel.terms.values()) == parcel.cents
        if plan:
            unfilled = sum(line.cents for line in plan.unfilled)
            assert sum(parcel.cents for parcel in plan.parcels) + unfilled == plan.cents
    assert decision.explanation.winner.cents == decision.cost_cents == decision.lower_bound_cents
    assert (decision.status, decision.gap) == (Status.OPTIMAL, 0.0)


@settings(max_examples=60, deadline=None)
@given(problems(most_orders=2))
def test_a_decision_is_made_again_from_its_snapshot(problem: Problem) -> None:
    snapshot = json.dumps(problem_document(problem))
    for order in problem.orders:
        decision = decide(problem, order.id)
        again = decide(parse_problem(json.loads(snapshot)), order.id, effort=decision.effort)
        assert again == decision
        stored = json.loads(json.dumps(explanation_document(decision.explanation)))
        assert parse_explanation(stored) == decision.explanation
        assert json.loads(json.dumps(decision.document()))["plan"] == decision.plan_document()
        assert quick_plan(problem, order.id) == decision.plan


def test_each_constraint_that_removes_a_location_is_kept() -> None:
    lamp = a_line("LAMP", weight_g=2500)
    problem = a_problem(
        [
            a_location("S1"),
            a_location("REJECTED", PHILADELPHIA),
            a_location("EMPTY", handling_days=20),
            a_location("SLOW", CHICAGO, handling_days=8),
            a_location("FULL", capacity_parcels=0),
            a_location("HEAVY"),
        ],
        {name: {"MUG": 1} for name in ("S1", "REJECTED", "SLOW", "FULL")} | {"HEAVY": {"LAMP": 1}},
        an_order(a_line("MUG"), lamp, excluded={"REJECTED": "rejected: damaged"}),
    )
    assert decide(problem, "O1").explanation.removed == (
        Removal((Reason(Out.EXCLUDED, note="rejected: damaged"),), ("REJECTED",)),
        Removal(
            (Reason(Out.NO_STOCK, skus=("MUG", "LAMP")), Reason(Out.TOO_LATE, days_late=12)),
            ("EMPTY",),
        ),
        Removal((Reason(Out.TOO_LATE, days_late=3),), ("SLOW",)),
        Removal((Reason(Out.NO_CAPACITY),), ("FULL",)),
        Removal((Reason(Out.TOO_HEAVY, skus=("LAMP",)),), ("HEAVY",)),
    )


def test_a_pickup_is_explained_by_its_points() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", PHILADELPHIA), a_location("S3", LOS_ANGELES)],
        {name: {"MUG": 1} for name in ("S1", "S2", "S3")},
        an_order(pickup_at=("S2", "S3")),
    )
    explanation = decide(problem, "O1").explanation
    assert explanation.winner.parcels[0].terms == {"handover": 30, "picking": 50}
    assert explanation.removed == (Removal((Reason(Out.NOT_A_PICKUP_POINT),), ("S1",)),)


def test_a_pickup_without_a_point_stays_unfilled() -> None:
    problem = a_problem([a_location("S1")], {"S1": {"MUG": 1}}, an_order(pickup_at=()))
    decision = decide(parse_problem(problem_document(problem)), "O1")
    assert (decision.plan.parcels, decision.plan.unfilled) == ((), ("MUG",))
    assert decision.explanation.removed[0].locations == ("S1",)


def test_an_order_that_nobody_can_fill_is_decided_too() -> None:
    decision = decide(a_problem([a_location("S1")], {}), "O1")
    assert (decision.plan.unfilled, decision.cost_cents) == (("MUG",), 3000)
    assert (decision.engine, decision.status) == (Engine.EXACT, Status.OPTIMAL)
    assert decision.explanation.runner_up is None


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(KeyError, match="O9"):
        decide(a_problem([a_location("S1")], {}), "O9")
