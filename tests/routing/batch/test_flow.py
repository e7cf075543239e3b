"""Waves of single lines against CP-SAT over every legal plan of every order."""

from collections import defaultdict
from dataclasses import replace

from hypothesis import given, settings
from ortools.sat.python import cp_model

from routing.batch.effort import Limits, Phase, Progress
from routing.batch.solve import solve
from routing.check import violations
from routing.plan import Status
from routing.problem import Lane, Problem, Window
from tests.routing.builders import CHICAGO, a_line, a_location, a_problem, an_order
from tests.routing.oracle import legal_plans
from tests.routing.strategies import problems, weighed

UNITS = {"A": 1, "B": 2, "C": 1, "D": 3}


def of_one_size(problem: Problem) -> Problem:
    """The same problem with all lines of a SKU wanting equally many units."""
    orders = [
        replace(order, lines=tuple(replace(line, units=UNITS[line.sku]) for line in order.lines))
        for order in problem.orders
    ]
    return replace(problem, orders=tuple(orders))


def least_cost_by_cp_sat(problem: Problem) -> int:
    """The least cost of one legal plan an order within stock and capacity."""
    model = cp_model.CpModel()
    cents: list[cp_model.LinearExpr | int] = []
    units = defaultdict(list)
    parcels = defaultdict(list)
    for order in problem.orders:
        chosen = []
        for plan in legal_plans(replace(problem, orders=(order,))):
            choice = model.new_bool_var("")
            chosen.append(choice)
            cents.append(plan.cost_cents * choice)
            for parcel in plan.parcels:
                parcels[parcel.location].append(choice)
                line = order.lines[0]
                units[parcel.location, line.sku].append(line.units * choice)
        model.add_exactly_one(chosen)
    for row in problem.stock:
        model.add(sum(units[row.location, row.sku]) <= row.units)
    for place in problem.locations:
        if place.capacity_parcels is not None:
            model.add(sum(parcels[place.id]) <= place.capacity_parcels)
    model.minimize(sum(cents))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return round(solver.objective_value)


@settings(max_examples=60, deadline=None)
@given(weighed(problems(most_locations=4, most_lines=1, most_orders=9)))
def test_a_wave_of_single_lines_is_decided_at_the_least_cost_there_is(problem: Problem) -> None:
    problem = of_one_size(problem)
    answer = solve(problem).answer
    assert violations(problem, answer) == []
    assert answer.cost_cents == least_cost_by_cp_sat(problem)
    # The bound is proven from the prices, not from the flow.
    assert answer.lower_bound_cents == answer.cost_cents
    assert answer.status is Status.OPTIMAL


def phases(problem: Problem) -> set[Phase]:
    """What solving a problem went through."""
    told: list[Progress] = []
    solve(problem, limits=Limits(report=told.append))
    return {progress.phase for progress in told}


def test_a_flow_is_chosen_for_single_lines_of_one_size_and_for_nothing_else() -> None:
    places = [a_location("S1"), a_location("S2", CHICAGO)]
    stock = {place.id: {"MUG": 3, "POT": 2} for place in places}
    single = [an_order(a_line("MUG"), name=f"O{number}") for number in range(5)]
    assert Phase.FLOW in phases(a_problem(places, stock, *single))
    for other in (a_line("MUG", units=2), a_line("POT")):
        lines = (other,) if other.sku == "MUG" else (a_line("MUG"), other)
        mixed = a_problem(places, stock, *single, an_order(*lines, name="O9"))
        assert Phase.FLOW not in phases(mixed)


def test_a_flow_is_not_chosen_where_windows_share_stock_or_goods_are_sent_to_stores() -> None:
    places = [a_location("S1"), a_location("S2", CHICAGO)]
    stock = {place.id: {"MUG": 3} for place in places}
    whole = a_problem(places, stock, *(an_order(name=f"O{number}") for number in range(5)))
    one, two = (Window("am", 1, 2),), (Window("am", 1, 2), Window("pm", 2, 2))
    assert Phase.FLOW in phases(
        replace(whole, locations=(replace(places[0], windows=one), places[1]))
    )
    timed = replace(whole, locations=(replace(places[0], windows=two), places[1]))
    assert Phase.FLOW not in phases(timed)
    lane = Lane("S2", "S1", parcel_cents=10, line_cents=0, days=1)
    collected = replace(whole.orders[0], pickup_at=("S1",))
    sent = replace(whole, transfers=(lane,), orders=(collected, *whole.orders[1:]))
    assert Phase.FLOW not in phases(sent)
    parts = an_order(a_line("MUG", units=2, may_split=True), name="O9")
    assert Phase.FLOW not in phases(replace(whole, orders=(*whole.orders, parts)))


def test_a_flow_prices_the_unit_that_is_scarce_by_what_another_would_save() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", CHICAGO)],
        {"S1": {"MUG": 1}, "S2": {"MUG": 9}},
        *(an_order(a_line("MUG"), name=f"O{number}") for number in range(3)),
    )
    solution = solve(problem)
    # From Chicago a mug pays four zones more: 10 each.
    assert solution.prices.units == {("MUG", "S1"): 40}
    assert solution.answer.cost_cents == 550 + 2 * 590
