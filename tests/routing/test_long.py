"""Orders beyond the exact engine: CP-SAT decides, and says how far its proof goes."""

import random

import pytest

from routing import beam, exact, long
from routing.check import violations
from routing.decide import decide
from routing.effort import Effort
from routing.packages import cost_of, is_legal, order_plan
from routing.plan import Engine, Status
from routing.problem import Problem, Tariff
from routing.quick import quick_plan
from routing.sequence import Method, solve_all
from tests.routing.builders import a_line, a_location, a_problem, an_order, surveyed
from tests.routing.oracle import answer_of

ENOUGH = Effort(deterministic_time=60)
LINES = exact.EXACT_LINES + 2


def a_long_problem(seed: int, *, lines: int = LINES, locations: int = 8) -> Problem:
    """An order of many lines, each in stock at some of the locations, two of them of one SKU."""
    dice = random.Random(seed)
    skus = [f"SKU{number}" for number in range(lines - 1)]
    goods = [a_line(sku, weight_g=dice.randint(20, 90)) for sku in skus]
    names = [f"S{number}" for number in range(locations)]
    return a_problem(
        [
            a_location(
                name,
                (dice.uniform(30, 45), dice.uniform(-120, -75)),
                parcel_cents=dice.randint(50, 300),
                line_cents=dice.randint(20, 90),
            )
            for name in names
        ],
        {name: {sku: dice.randint(1, 2) for sku in skus if dice.random() < 0.6} for name in names},
        an_order(*goods, a_line(skus[0], id="again", weight_g=dice.randint(20, 90))),
    )


@pytest.mark.parametrize("seed", range(4))
def test_with_effort_enough_a_long_order_is_proven_best(seed: int) -> None:
    problem = a_long_problem(seed)
    network, choices = surveyed(problem)
    outcome = long.solve(choices, ENOUGH)
    assert outcome.cost_cents == outcome.bound_cents
    assert outcome.engine is Engine.CP_SAT
    plan = order_plan(network, choices, outcome.packages)
    assert violations(problem, answer_of(plan)) == []


@pytest.mark.parametrize("seed", range(4))
def test_on_an_order_within_its_reach_the_exact_engine_agrees(seed: int) -> None:
    _, choices = surveyed(a_long_problem(seed, lines=exact.EXACT_LINES, locations=5))
    outcome = long.solve(choices, ENOUGH)
    best = exact.solve(choices).cost_cents
    assert outcome.cost_cents == outcome.bound_cents == best
    assert best <= cost_of(choices, beam.search(choices))


def test_a_tariff_with_bargains_for_heavy_parcels_does_not_spoil_the_bound() -> None:
    # Two bands: a light parcel costs 9.00, a heavy one nothing. Part of the order is light.
    problem = a_problem(
        [a_location("S1", parcel_cents=0, line_cents=0)],
        {"S1": {f"SKU{number}": 1 for number in range(LINES)}},
        an_order(*(a_line(f"SKU{number}", weight_g=100) for number in range(LINES))),
        tariff=Tariff((), (LINES * 100 - 1, LINES * 100), ((900,), (0,)), (1,)),
    )
    _, choices = surveyed(problem)
    outcome = long.solve(choices, ENOUGH)
    assert (outcome.cost_cents, outcome.bound_cents) == (0, 0)


def test_when_effort_runs_out_the_plan_is_legal_and_the_bound_holds() -> None:
    problem = a_long_problem(7, lines=30, locations=60)
    network, choices = surveyed(problem)
    outcome = long.solve(choices, Effort(deterministic_time=0.02))
    assert outcome.bound_cents < outcome.cost_cents
    plan = order_plan(network, choices, outcome.packages)
    answer = answer_of(plan)
    assert violations(problem, answer) == []


def test_a_file_with_an_unproven_order_keeps_its_proven_bound() -> None:
    problem = a_long_problem(7, lines=30, locations=60)
    effort = Effort(deterministic_time=0.02)
    _, choices = surveyed(problem)
    outcome = long.solve(choices, effort)
    answer = solve_all(problem, method=Method.EXACT, effort=effort)
    assert (answer.status, answer.cost_cents) == (Status.FEASIBLE, outcome.cost_cents)
    assert answer.lower_bound_cents == outcome.bound_cents
    in_no_time = solve_all(
        problem, method=Method.EXACT, effort=effort, seconds_left=iter([1.0, 0.0]).__next__
    )
    assert in_no_time.status is Status.TIMEOUT


def test_without_a_plan_of_cp_sat_the_beam_decides_and_it_is_recorded() -> None:
    problem = a_long_problem(1)
    decision = decide(problem, "O1", effort=Effort(deterministic_time=0.0))
    assert (decision.engine, decision.status) == (Engine.BEAM, Status.FEASIBLE)
    assert decision.fallback == "CP-SAT found no plan within its effort"
    assert 0 < decision.lower_bound_cents < decision.cost_cents


def test_a_long_decision_is_made_again_and_names_rivals_without_figures() -> None:
    problem = a_long_problem(2)
    decision = decide(problem, "O1", effort=ENOUGH)
    assert decide(problem, "O1", effort=ENOUGH) == decision
    assert decision.status is Status.OPTIMAL
    assert decision.explanation.runner_up is not None
    assert decision.explanation.runner_up.cents >= decision.cost_cents
    assert {rival.dearer_cents for rival in decision.explanation.rivals} == {None}


def test_a_quick_plan_of_a_long_order_is_legal() -> None:
    problem = a_long_problem(3, lines=25, locations=40)
    _, choices = surveyed(problem)
    assert is_legal(choices, beam.search(choices))
    plan = quick_plan(problem, "O1")
    assert violations(problem, answer_of(plan)) == []


def test_a_long_pickup_is_handed_over_at_one_point() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", line_cents=10)],
        {name: {f"SKU{number}": 1 for number in range(LINES)} for name in ("S1", "S2")},
        an_order(*(a_line(f"SKU{number}") for number in range(LINES)), pickup_at=("S1", "S2")),
    )
    decision = decide(problem, "O1")
    assert [parcel.location for parcel in decision.plan.parcels] == ["S2"]
    assert (decision.cost_cents, decision.status) == (30 + LINES * 10, Status.OPTIMAL)
