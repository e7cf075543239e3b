"""Many orders decided together: legal, bounded, no dearer than in turn, and the same every time."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings

from routing.batch.effort import BatchEffort, Limits, Phase, Progress
from routing.batch.solve import bound_of, solve
from routing.check import violations
from routing.effort import Effort
from routing.method import Method
from routing.plan import Status
from routing.problem import Problem
from routing.sequence import solve_all
from tests.routing.builders import CHICAGO, a_line, a_location, a_problem, an_order
from tests.routing.oracle import least_cost_by_trying_everything
from tests.routing.strategies import problems

LITTLE = BatchEffort(price_rounds=20, column_rounds=4, polish_steps=2)


@settings(max_examples=40, deadline=None)
@given(problems(most_locations=3, most_lines=2, most_orders=3))
def test_the_bound_is_below_and_the_plan_not_below_the_true_optimum(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert answer.lower_bound_cents <= least_cost_by_trying_everything(problem)
    assert answer.cost_cents >= answer.lower_bound_cents


@settings(max_examples=15, deadline=None)
@given(problems(most_locations=5, most_lines=5, most_orders=12))
def test_a_crowded_batch_is_legal_and_bounded(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert [plan.id for plan in answer.orders] == [order.id for order in problem.orders]
    assert 0 <= bound_of(problem, effort=LITTLE) <= answer.cost_cents


TWO_FOR_ONE = a_problem(
    [a_location("S1"), a_location("S2", CHICAGO, parcel_cents=2_000)],
    {"S1": {"MUG": 1, "POT": 1}, "S2": {"POT": 1}},
    an_order(a_line("POT"), name="O1"),
    an_order(a_line("MUG"), a_line("POT"), name="O2"),
)
"""If O1 takes the near pot, O2 needs a second, dear parcel."""


def test_an_order_leaves_the_near_unit_to_one_that_needs_it_more() -> None:
    in_turn = solve_all(TWO_FOR_ONE, method=Method.FIFO_EXACT, effort=Effort())
    jointly = solve(TWO_FOR_ONE).answer
    assert [len(plan.parcels) for plan in in_turn.orders] == [1, 2]
    assert [[parcel.location for parcel in plan.parcels] for plan in jointly.orders] == [
        ["S2"],
        ["S1"],
    ]
    assert jointly.cost_cents < in_turn.cost_cents
    assert jointly.status is Status.OPTIMAL


def test_three_units_never_serve_one_and_a_half_orders_of_two() -> None:
    problem = a_problem(
        [a_location("S1")],
        {"S1": {"MUG": 3}},
        *(an_order(a_line("MUG", units=2), name=name) for name in ("O1", "O2")),
    )
    answer = solve(problem).answer
    assert (answer.cost_cents, answer.status) == (550 + 3000, Status.OPTIMAL)


def test_what_is_scarce_has_a_price_and_what_is_plenty_has_none() -> None:
    solution = solve(
        a_problem(
            [a_location("S1")],
            {"S1": {"MUG": 1, "POT": 9}},
            *(an_order(a_line("MUG"), a_line("POT"), name=name) for name in ("O1", "O2")),
        )
    )
    assert set(solution.prices.units) == {("MUG", "S1")}
    # One mug more saves the price of the line, less what picking it costs.
    assert 0 < solution.prices.units["MUG", "S1"] <= 3000


@settings(max_examples=6, deadline=None)
@given(problems(most_locations=4, most_lines=4, most_orders=8))
def test_the_same_problem_gives_the_same_plan(problem: Problem) -> None:
    assert solve(problem, effort=LITTLE).answer == solve(problem, effort=LITTLE).answer


def test_neighbourhoods_decided_side_by_side_give_the_same_plan_every_time() -> None:
    effort = BatchEffort(
        price_rounds=10,
        column_rounds=2,
        rough_orders=100,
        variations=1,
        whole_orders=0,
        polish_steps=6,
    )
    problem = _scarce(orders=700)
    answer = solve(problem, effort=effort).answer
    assert violations(problem, answer) == []
    assert solve(problem, effort=effort).answer == answer


def test_without_time_every_order_still_has_a_plan() -> None:
    answer = solve(TWO_FOR_ONE, limits=Limits(seconds_left=lambda: 0.0)).answer
    assert violations(TWO_FOR_ONE, answer) == []
    assert [len(plan.unfilled) for plan in answer.orders] == [0, 0]
    assert answer.status is Status.TIMEOUT


@pytest.mark.parametrize("phase", [Phase.FIRST_COME, Phase.PRICING, Phase.COLUMNS, Phase.DIVING])
def test_interrupted_in_any_phase_it_answers_with_the_best_plan_so_far(phase: Phase) -> None:
    def stop(progress: Progress) -> None:
        if progress.phase is phase:
            limits.interrupter.interrupt()

    limits = Limits(report=stop)
    problem = _scarce(orders=30)
    answer = solve(problem, limits=limits).answer
    assert violations(problem, answer) == []
    assert answer.lower_bound_cents <= answer.cost_cents


def test_each_phase_leaves_time_to_those_after_it() -> None:
    left = [200.0]

    def seconds_left() -> float:
        left[0] -= 1
        return left[0]

    told: list[Phase] = []
    endless = BatchEffort(price_rounds=100_000, column_rounds=100_000, polish_steps=100_000)
    limits = Limits(seconds_left, report=lambda progress: told.append(progress.phase))
    problem = _scarce(orders=30)
    answer = solve(problem, effort=endless, limits=limits).answer
    assert violations(problem, answer) == []
    assert {Phase.PRICING, Phase.COLUMNS, Phase.DIVING} <= set(told)


def test_progress_tells_rising_bounds_and_falling_plans() -> None:
    told: list[Progress] = []
    answer = solve(_scarce(orders=30), limits=Limits(report=told.append)).answer
    assert told[0].phase is Phase.FIRST_COME
    assert {Phase.PRICING, Phase.COLUMNS, Phase.DIVING} <= {progress.phase for progress in told}
    assert all(a.bound_cents <= b.bound_cents for a, b in pairwise(told))
    plans = [progress.plan_cents for progress in told if progress.plan_cents is not None]
    assert plans == sorted(plans, reverse=True)
    assert answer.cost_cents <= plans[-1]


def test_an_order_too_long_for_the_batch_is_decided_before_it() -> None:
    skus = [f"SKU{number}" for number in range(12)]
    problem = a_problem(
        [a_location("S1"), a_location("S2", CHICAGO)],
        {"S1": dict.fromkeys(skus, 1), "S2": {"SKU0": 1}},
        an_order(a_line("SKU0"), name="O1"),
        an_order(*(a_line(sku, weight_g=20) for sku in skus), name="O2"),
    )
    answer = solve(problem).answer
    assert violations(problem, answer) == []
    assert [[parcel.location for parcel in plan.parcels] for plan in answer.orders] == [
        ["S2"],
        ["S1"],
    ]


def test_what_long_orders_took_is_not_gone_for_the_bound() -> None:
    skus = [f"SKU{number}" for number in range(12)]
    cheap = [a_line(sku, weight_g=20, unfilled_cents=100) for sku in skus]
    problem = a_problem(
        [a_location("S1")],
        {"S1": dict.fromkeys(skus, 1)},
        an_order(a_line("SKU0"), name="O1"),
        an_order(*cheap, name="O2"),
    )
    answer = solve(problem).answer
    # Decided first, O2 takes the only SKU0 to spare itself 50. O1 would spare itself 2,450.
    best = 550 + (500 + 11 * 50 + 100)
    assert answer.cost_cents == 3_000 + (500 + 12 * 50)
    assert answer.lower_bound_cents <= best
    assert answer.status is Status.FEASIBLE


def test_a_batch_without_orders_costs_nothing() -> None:
    answer = solve(replace(TWO_FOR_ONE, orders=())).answer
    assert (answer.cost_cents, answer.lower_bound_cents, answer.orders) == (0, 0, ())
    assert answer.status is Status.OPTIMAL


def _scarce(orders: int) -> Problem:
    """Orders of one or two lines for a third of the units that they want."""
    wants = [
        an_order(
            a_line("MUG", units=1 + number % 2),
            *([a_line("POT")] if number % 3 else []),
            name=f"O{number}",
        )
        for number in range(orders)
    ]
    places = [a_location("S1"), a_location("S2", CHICAGO), a_location("S3", capacity_parcels=4)]
    return a_problem(places, {place.id: {"MUG": 5, "POT": 4} for place in places}, *wants)
