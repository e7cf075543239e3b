"""Transfers, windows and lines to split, all at once, in a joint batch."""

from hypothesis import given, settings

from routing.batch.effort import BatchEffort
from routing.batch.solve import solve
from routing.check import violations
from routing.problem import Problem
from tests.routing.oracle import least_cost_by_trying_everything
from tests.routing.strategies import splitting, timed, transferring

LITTLE = BatchEffort(price_rounds=20, column_rounds=4, polish_steps=2)
SMALL = transferring(most_locations=3, most_lines=1, most_orders=2)


@settings(max_examples=15, deadline=None)
@given(SMALL | splitting(timed(SMALL), most_units=2))
def test_the_bound_is_below_and_the_plan_not_below_the_true_optimum(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert answer.lower_bound_cents <= least_cost_by_trying_everything(problem)
    assert answer.cost_cents >= answer.lower_bound_cents


@settings(max_examples=8, deadline=None)
@given(splitting(timed(transferring(most_orders=10)), most_units=2))
def test_a_crowded_batch_is_legal_and_bounded(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert answer.lower_bound_cents <= answer.cost_cents
