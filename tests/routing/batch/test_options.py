"""Transfers, windows, lines to split and added costs, all at once, in a joint batch."""

from hypothesis import given, settings

from routing.batch.effort import BatchEffort
from routing.batch.solve import solve
from routing.check import violations
from routing.decide import decide
from routing.problem import Problem
from tests.routing.oracle import least_cost_by_trying_everything
from tests.routing.strategies import splitting, timed, together, transferring

LITTLE = BatchEffort(price_rounds=20, column_rounds=4, polish_steps=2)
SMALL = transferring(most_locations=3, most_lines=1, most_orders=2)


@settings(max_examples=10, deadline=None)
@given(SMALL | splitting(timed(SMALL), most_units=2))
def test_the_bound_is_below_and_the_plan_not_below_the_true_optimum(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert answer.lower_bound_cents <= least_cost_by_trying_everything(problem)
    assert answer.cost_cents >= answer.lower_bound_cents


@settings(max_examples=30, deadline=None)
@given(together(most_lines=1, most_orders=2))
def test_with_added_costs_the_true_optimum_lies_between_bound_and_plan(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    optimum = least_cost_by_trying_everything(problem)
    assert answer.lower_bound_cents <= optimum <= answer.cost_cents


@settings(max_examples=25, deadline=None)
@given(together(most_lines=3))
def test_alone_an_order_is_decided_jointly_as_it_is_in_turn(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert answer.cost_cents == decide(problem, "O0").cost_cents


@settings(max_examples=5, deadline=None)
@given(
    splitting(timed(transferring(most_orders=10)), most_units=2)
    | together(most_locations=5, most_lines=3, most_orders=10)
)
def test_a_crowded_batch_is_legal_and_bounded(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert answer.lower_bound_cents <= answer.cost_cents
