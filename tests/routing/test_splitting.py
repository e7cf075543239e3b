"""Lines whose units may leave from several locations."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import cpsat, exact
from routing.batch.effort import BatchEffort
from routing.batch.solve import solve
from routing.check import violations
from routing.contest import Aim
from routing.counterfactual import counterfactuals
from routing.decide import decide
from routing.document import answer_document, problem_document
from routing.effort import Effort
from routing.method import Method
from routing.packages import cost_of, order_plan
from routing.parse import ProblemFault, parse_problem
from routing.plan import ParcelPlan, Status
from routing.problem import Problem
from routing.sequence import solve_all
from routing.splitting import MOST_PARTS, in_parts
from routing.wording import sentences
from tests.routing.builders import (
    CHICAGO,
    a_line,
    a_location,
    a_problem,
    able_locations,
    an_order,
    surveyed,
)
from tests.routing.oracle import answer_of, legal_plans
from tests.routing.strategies import problems, splitting, timed, transferring

ENOUGH = Effort(deterministic_time=60)
LITTLE = BatchEffort(price_rounds=20, column_rounds=4, polish_steps=2)


def any_options(**sizes: int) -> st.SearchStrategy[Problem]:
    """Problems with lines to split, some with transfers or windows besides."""
    plain, sent = problems(**sizes), transferring(**sizes)
    return splitting(plain) | splitting(sent) | splitting(timed(sent))


@settings(max_examples=6, deadline=None)
@given(any_options(most_locations=3, most_lines=2))
def test_no_plan_whatever_is_cheaper(problem: Problem) -> None:
    network, choices = surveyed(problem)
    ours = exact.solve(choices)
    assert ours.cost_cents == min(plan.cost_cents for plan in legal_plans(problem))
    theirs = cpsat.solve(choices, able_locations(choices), ENOUGH)
    assert theirs.packages is not None
    assert ours.cost_cents == cost_of(choices, theirs.packages) == theirs.bound_cents
    for packages in (ours.packages, theirs.packages):
        assert violations(problem, answer_of(order_plan(network, choices, packages))) == []


@settings(max_examples=6, deadline=None)
@given(any_options(most_locations=3, most_lines=2, most_orders=4))
def test_a_joint_batch_is_legal_and_its_bound_below_every_plan(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    for method in (Method.FIFO_EXACT, Method.NEAREST):
        in_turn = solve_all(problem, method=method, effort=Effort())
        assert violations(problem, in_turn) == []
        assert answer.lower_bound_cents <= min(answer.cost_cents, in_turn.cost_cents)
    decision = decide(problem, problem.orders[0].id)
    assert sentences(decision.explanation)
    if len(problem.orders) == 1:
        assert answer.cost_cents == decision.cost_cents


@settings(max_examples=10, deadline=None)
@given(any_options(most_orders=2))
def test_a_problem_with_lines_to_split_survives_being_written_and_read(problem: Problem) -> None:
    assert parse_problem(problem_document(problem)) == problem


SCATTERED = a_problem(
    [a_location("S1"), a_location("S2", CHICAGO)],
    {"S1": {"MUG": 2}, "S2": {"MUG": 2, "POT": 1}},
    an_order(
        a_line("MUG", units=5, weight_g=500, may_split=True, unfilled_cents=5000), a_line("POT")
    ),
)
"""Two mugs here and two there; five are wanted."""


def test_units_of_a_line_leave_from_several_locations_and_the_rest_stays_unfilled() -> None:
    decision = decide(SCATTERED, "O1")
    assert decision.plan.parcels == (
        ParcelPlan("S1", ("MUG",), 400 + 100 + 50, units={"MUG": 2}),
        ParcelPlan("S2", ("MUG", "POT"), 440 + 100 + 2 * 50, units={"MUG": 2}),
    )
    assert (decision.plan.unfilled, decision.plan.unfilled_units) == (("MUG",), {"MUG": 1})
    assert decision.plan.cost_cents == 550 + 640 + 1000
    assert decision.status is Status.OPTIMAL
    told = sentences(decision.explanation)
    assert told[0].startswith("S1 ships 2 of MUG for 5.50 USD")
    assert told[1].startswith("S2 ships 2 of MUG and POT for 6.40 USD")
    answer = solve(SCATTERED).answer
    assert violations(SCATTERED, answer) == []
    assert answer.orders[0] == decision.plan
    [written] = answer_document(answer, wall_s=0)["orders"]  # type: ignore[misc]
    assert written["parcels"][0]["units"] == {"MUG": 2}
    assert written["unfilled_units"] == {"MUG": 1}


def test_a_line_that_may_not_be_split_stays_whole() -> None:
    [order] = SCATTERED.orders
    whole = replace(order, lines=(replace(order.lines[0], may_split=False), order.lines[1]))
    plan = decide(replace(SCATTERED, orders=(whole,)), "O1").plan
    assert plan.unfilled == ("MUG",)
    assert plan.unfilled_units == {}


def test_many_units_go_in_groups_as_equal_as_possible() -> None:
    order = in_parts(an_order(a_line("MUG", units=20, weight_g=2000, may_split=True)))
    assert [line.units for line in order.lines] == [4, 4, 3, 3, 3, 3]
    assert len(order.lines) == MOST_PARTS
    assert sum(line.weight_g for line in order.lines) == 2000
    assert sum(line.unfilled_cents for line in order.lines) == 20 * 150


def test_a_supposed_change_says_what_would_fill_a_line_that_is_split() -> None:
    found = counterfactuals(SCATTERED, "O1")
    wanted = [one.change for one in found if one.goal.aim is Aim.FILLS]
    assert {(one.location, one.sku, one.before, one.after) for one in wanted} == {
        ("S1", "MUG", 2, 3),
        ("S2", "MUG", 2, 3),
    }
    assert all(one.goal.met_by(one.plan) for one in found)


def test_the_checker_counts_the_units_of_a_line_that_is_split() -> None:
    plan = decide(SCATTERED, "O1").plan
    first, second = plan.parcels
    greedy = replace(plan, parcels=(replace(first, units={"MUG": 3}), second))
    assert violations(SCATTERED, answer_of(greedy)) == [
        "order O1: of line MUG 6 units are decided, not 5",
        "stock: 3 of MUG leave S1, which holds 2",
    ]


@pytest.mark.parametrize("value", [1, "yes", None])
def test_may_split_is_true_or_false(value: object) -> None:
    document: Any = problem_document(SCATTERED)
    document["orders"][0]["lines"][0]["may_split"] = value
    with pytest.raises(
        ProblemFault, match=r"orders\[0\].lines\[0\].may_split: must be true or false"
    ):
        parse_problem(document)
