"""Transfers, windows, lines to split and added costs, all at once, in a joint batch."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.batch.effort import BatchEffort
from routing.batch.foresight import foresee
from routing.batch.solve import in_turn, solve
from routing.check import violations
from routing.decide import decide
from routing.problem import Lane, Problem, Window
from tests.routing.builders import CHICAGO, a_line, a_location, a_problem, an_order
from tests.routing.oracle import least_cost_by_trying_everything
from tests.routing.strategies import problems, splitting, timed, together, transferring, weighed

LITTLE = BatchEffort(price_rounds=20, column_rounds=4, polish_steps=2)
SENT = transferring(most_locations=3, most_lines=1, most_orders=2)
SINGLES = problems(most_locations=3, most_lines=1, most_orders=3)
SMALL = SENT | splitting(timed(SENT), most_units=2) | timed(SINGLES)


@settings(max_examples=25, deadline=None)
@given(weighed(SMALL) | together(most_lines=1, most_orders=2))
def test_the_bound_is_below_and_the_plan_not_below_the_true_optimum(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    least = least_cost_by_trying_everything(problem)
    assert answer.lower_bound_cents <= least <= answer.cost_cents


@settings(max_examples=20, deadline=None)
@given(together(most_lines=3))
def test_alone_an_order_is_decided_jointly_as_it_is_in_turn(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert answer.cost_cents == decide(problem, "O0").cost_cents


@settings(max_examples=5, deadline=None)
@given(
    weighed(splitting(timed(transferring(most_orders=10)), most_units=2))
    | together(most_locations=5, most_lines=3, most_orders=10)
)
def test_a_crowded_batch_is_legal_and_bounded(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    assert answer.lower_bound_cents <= answer.cost_cents


@settings(max_examples=6, deadline=None)
@given(together(most_locations=4, most_orders=5), st.booleans())
def test_what_stock_is_worth_steers_orders_with_options_too(
    problem: Problem, all_of_it: bool
) -> None:
    worth = foresee(problem if all_of_it else replace(problem, orders=()), [problem.orders])
    names = {place.id for place in problem.locations}
    assert names >= {location for _, location in worth.units} | worth.parcels.keys()
    bound = solve(problem, effort=LITTLE).answer.lower_bound_cents
    for steered in (
        in_turn(problem, values=worth),
        solve(problem, effort=LITTLE, values=worth).answer,
    ):
        assert violations(problem, steered) == []
        assert max(bound, steered.lower_bound_cents) <= steered.cost_cents


def test_a_window_or_a_lane_that_is_wanted_too_much_gives_its_place_a_worth() -> None:
    early = (Window("am", 1, 1), Window("pm", 2, 9))
    windows = a_problem(
        [a_location("S1", windows=early), a_location("S2", CHICAGO, parcel_cents=900)],
        {"S1": {"MUG": 9}, "S2": {"MUG": 9}},
    )
    hurried = [an_order(a_line("MUG"), name=name, promise_days=2) for name in ("O1", "O2")]
    assert foresee(replace(windows, orders=()), [hurried]).parcels["S1"] > 200
    patient = [replace(order, promise_days=9) for order in hurried]
    assert foresee(replace(windows, orders=()), [patient]).parcels.get("S1", 0) < 10
    lanes = a_problem([a_location("S1"), a_location("S2", CHICAGO)], {"S2": {"MUG": 1}})
    sent = replace(lanes, orders=(), transfers=(Lane("S2", "S1", 200, 10, 2),))
    collected = [replace(order, promise_days=9, pickup_at=("S1",)) for order in hurried]
    assert foresee(sent, [collected]).units["MUG", "S2"] > 1_000
