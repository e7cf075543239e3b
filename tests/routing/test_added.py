"""Costs by line and location, and by parcel and location, count alike in every engine."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import cpsat, exact, long
from routing.batch.effort import BatchEffort
from routing.batch.solve import solve
from routing.changes import Change, changed
from routing.check import violations
from routing.comparing import differences
from routing.cost import FORBIDDEN
from routing.counterfactual import counterfactuals
from routing.decide import decide
from routing.document import problem_document
from routing.effort import Effort
from routing.method import Method
from routing.packages import cheapest_by_stock, cheapest_by_trying_all, cost_of, order_plan
from routing.parse import parse_problem
from routing.plan import Answer, ParcelPlan, Status
from routing.problem import MOST_ADDED_CENTS, Added, Problem
from routing.pruning import needed_locations
from routing.sequence import solve_all
from routing.supposing import supposed
from tests.routing.builders import (
    PHILADELPHIA,
    a_line,
    a_location,
    a_problem,
    able_locations,
    an_order,
    surveyed,
)
from tests.routing.oracle import answer_of, least_cost_by_trying_everything, legal_plans
from tests.routing.strategies import problems, weighed

ENOUGH = Effort(deterministic_time=60)
LITTLE = BatchEffort(price_rounds=20, column_rounds=4, polish_steps=2)

TWO_STORES = replace(
    a_problem(
        [a_location("S1"), a_location("S2", PHILADELPHIA)],
        {name: {"MUG": 1, "LAMP": 1} for name in ("S1", "S2")},
        an_order(a_line("MUG", weight_g=100, added=(0,)), a_line("LAMP", weight_g=100), added=(1,)),
    ),
    added=(Added("opportunity", {"S1": 120, "S2": 5}), Added("congestion", {"S1": 50})),
)
"""S1 is nearer; its mug is wanted by others, and its packers are busy."""


@settings(max_examples=40, deadline=None)
@given(weighed(problems()))
def test_the_exact_engine_and_cp_sat_agree_and_both_are_legal(problem: Problem) -> None:
    network, choices = surveyed(problem)
    ours = exact.solve(choices)
    theirs = cpsat.solve(choices, able_locations(choices), ENOUGH)
    assert theirs.packages is not None
    assert ours.cost_cents == cost_of(choices, theirs.packages) == theirs.bound_cents
    for packages in (ours.packages, theirs.packages):
        assert violations(problem, answer_of(order_plan(network, choices, packages))) == []


@settings(max_examples=30, deadline=None)
@given(weighed(problems(most_lines=4)))
def test_both_ways_to_the_cheapest_packages_agree_on_what_parcels_are_charged(
    problem: Problem,
) -> None:
    order = problem.orders[0]
    bare = tuple(replace(line, added=()) for line in order.lines)
    _, choices = surveyed(replace(problem, orders=(replace(order, lines=bare),)))
    if not choices.shared:
        by_stock, by_all = cheapest_by_stock(choices), cheapest_by_trying_all(choices)
        possible = by_all < FORBIDDEN << choices.rates.shift
        assert by_stock[possible].tolist() == by_all[possible].tolist()


@settings(max_examples=25, deadline=None)
@given(weighed(problems(most_locations=3, most_lines=3)))
def test_no_plan_whatever_is_cheaper(problem: Problem) -> None:
    _, choices = surveyed(problem)
    assert exact.solve(choices).cost_cents == min(plan.cost_cents for plan in legal_plans(problem))


@settings(max_examples=40, deadline=None)
@given(weighed(problems(most_locations=8, most_lines=4)))
def test_leaving_out_locations_that_are_not_needed_costs_nothing(problem: Problem) -> None:
    _, choices = surveyed(problem)
    theirs = cpsat.solve(choices, needed_locations(choices), ENOUGH)
    assert theirs.bound_cents == exact.solve(choices).cost_cents


@settings(max_examples=12, deadline=None)
@given(weighed(problems(most_locations=4, most_lines=5)))
def test_the_methods_for_long_orders_find_and_bound_the_same(problem: Problem) -> None:
    _, choices = surveyed(problem)
    best = exact.solve(choices).cost_cents
    outcome = long.solve(choices, ENOUGH)
    assert outcome.cost_cents == outcome.bound_cents == best
    assert long.bound_of_parts(choices) <= best


@settings(max_examples=10, deadline=None)
@given(weighed(problems(most_locations=3, most_lines=2, most_orders=3)))
def test_a_batch_is_legal_and_bounded_by_the_true_optimum(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    optimum = least_cost_by_trying_everything(problem)
    assert answer.lower_bound_cents <= optimum <= answer.cost_cents


@settings(max_examples=2, deadline=None)
@given(weighed(problems(most_locations=5, most_lines=5, most_orders=10)))
def test_a_crowded_batch_is_legal_and_bounded(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert answer.lower_bound_cents <= answer.cost_cents


@settings(max_examples=15, deadline=None)
@given(weighed(problems(most_orders=4)), st.sampled_from([*Method]))
def test_every_rule_counts_what_is_added(problem: Problem, method: Method) -> None:
    if method is not Method.JOINT:
        answer = solve_all(problem, method=method, effort=ENOUGH)
        assert violations(problem, answer) == []


@settings(max_examples=20, deadline=None)
@given(weighed(problems()))
def test_a_decision_spells_every_cent_out_and_is_a_file_that_gives_it_again(
    problem: Problem,
) -> None:
    kept = parse_problem(problem_document(problem))
    assert kept == problem
    decision = decide(problem, "O0")
    assert decide(kept, "O0") == decision
    for plan in filter(None, (decision.explanation.winner, decision.explanation.runner_up)):
        for parcel in plan.parcels:
            assert sum(parcel.terms.values()) == parcel.cents


@settings(max_examples=10, deadline=None)
@given(weighed(problems(most_locations=3, most_lines=3)), st.data())
def test_a_counterfactual_holds_beside_added_costs(problem: Problem, data: st.DataObject) -> None:
    if not (all_found := counterfactuals(problem, "O0")):
        return
    found = data.draw(st.sampled_from(all_found))
    there = changed(problem, found.change)
    assert found.goal.met_by(found.plan)
    assert violations(there, answer_of(found.plan)) == []
    assert found.plan.cost_cents == min(plan.cost_cents for plan in legal_plans(there))
    less: Change = found.change.moved(
        found.change.after - (1 if found.change.after > found.change.before else -1)
    )
    if less.after != less.before:
        plans = list(legal_plans(changed(problem, less)))
        reaching = [plan.cost_cents for plan in plans if found.goal.met_by(plan)]
        missing = [plan.cost_cents for plan in plans if not found.goal.met_by(plan)]
        assert not reaching or (missing and min(missing) <= min(reaching))


@pytest.mark.parametrize("unfilled_cents", [3_000, 90_000_000])
@pytest.mark.parametrize("dear", [MOST_ADDED_CENTS, 1_000])
def test_a_batch_reckons_with_figures_of_any_size(unfilled_cents: int, dear: int) -> None:
    [order] = TWO_STORES.orders
    lines = tuple(replace(line, unfilled_cents=unfilled_cents) for line in order.lines)
    rows = (Added("opportunity", {"S1": dear}), Added("congestion", {"S1": dear, "S2": 7}))
    problem = replace(TWO_STORES, added=rows, orders=(replace(order, lines=lines),))
    answer = solve(problem).answer
    assert violations(problem, answer) == []
    assert answer.status is Status.OPTIMAL
    assert [parcel.location for parcel in answer.orders[0].parcels] == ["S2"]
    assert answer.cost_cents == 410 + 100 + 2 * 50 + 7


def test_added_costs_move_an_order_and_stand_in_its_explanation() -> None:
    assert [parcel.location for parcel in decide(replace(TWO_STORES, added=()), "O1").plan.parcels]
    decision = decide(TWO_STORES, "O1")
    [parcel] = decision.explanation.winner.parcels
    assert (parcel.location, dict(parcel.terms)) == (
        "S2",
        {"postage": 410, "packing": 100, "picking": 100, "opportunity": 5},
    )
    second = decision.explanation.runner_up
    assert second is not None
    assert dict(second.parcels[0].terms) == {
        "postage": 400,
        "packing": 100,
        "picking": 100,
        "opportunity": 120,
        "congestion": 50,
    }
    told = decision.explanation_document()["sentences"]
    assert isinstance(told, list)
    assert told[0] == (
        "S2 ships both lines for 6.15 USD: postage 4.10, packing 1.00, picking 1.00,"
        " opportunity 0.05."
    )


def test_the_checker_reckons_added_costs_by_itself() -> None:
    plan = decide(TWO_STORES, "O1").plan
    cheap = replace(
        plan, parcels=(ParcelPlan("S2", ("MUG", "LAMP"), 610),), cost_cents=plan.cost_cents - 5
    )
    answer = Answer(Status.OPTIMAL, cheap.cost_cents, cheap.cost_cents, (cheap,))
    assert violations(TWO_STORES, answer) == ["order O1: the parcel from S2 costs 615, not 610"]


def test_an_added_cost_that_would_have_changed_the_answer_is_told() -> None:
    told = supposed(TWO_STORES, "O1").sentences
    [to_win] = [one for one in told if one.startswith("S1 would ship")]
    assert "if opportunity of MUG there were 1.55 less" not in to_win  # it has but 1.20
    assert "if congestion there were" not in to_win  # 0.50 do not do it
    nearer = replace(TWO_STORES, added=(Added("opportunity", {"S1": 60}), Added("queue", {})))
    told = supposed(nearer, "O1").sentences
    [to_win] = [one for one in told if one.startswith("S1 would ship")]
    assert "if opportunity of MUG there were 0.50 less" in to_win
    [to_lose] = [one for one in told if one.startswith("S2 would lose")]
    assert "if queue there were 0.50 more" in to_lose
    assert "if opportunity of MUG there were 0.50 more" in to_lose


def test_what_changed_of_added_costs_between_two_decisions_is_told() -> None:
    busier = replace(TWO_STORES, added=(Added("opportunity", {"S2": 90}), *TWO_STORES.added[1:]))
    before, after = (
        (problem, decide(problem, "O1").explanation) for problem in (TWO_STORES, busier)
    )
    assert differences(before, after) == [
        "S1 instead of S2.",
        "It costs 0.35 USD more.",
        "Opportunity at S2 is 0.90, before 0.05.",
        "Opportunity at S1 is 0.00, before 1.20.",
    ]
