"""Added costs, transfers, windows and lines to split in one model: every engine agrees on it."""

from dataclasses import replace

from hypothesis import given, settings

from routing import cpsat, exact, long
from routing.batch.solve import solve
from routing.changes import changed
from routing.check import violations
from routing.counterfactual import counterfactuals
from routing.decide import decide
from routing.document import problem_document
from routing.effort import Effort
from routing.packages import cost_of, order_plan
from routing.parse import parse_problem
from routing.plan import OrderPlan, ParcelPlan, Status
from routing.problem import MOST_ADDED_CENTS, Added, Lane, Problem, Stock, Window
from routing.rivals import best_through, costs_through
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
from tests.routing.strategies import together

ENOUGH = Effort(deterministic_time=60)


def least_by_location(plans: list[OrderPlan]) -> dict[str, int]:
    """What the cheapest plan costs that uses each location."""
    least: dict[str, int] = {}
    for plan in plans:
        for parcel in plan.parcels:
            cents = least.get(parcel.location, plan.cost_cents)
            least[parcel.location] = min(cents, plan.cost_cents)
    return least


@settings(max_examples=100, deadline=None)
@given(together())
def test_all_engines_find_what_no_plan_whatever_undercuts(problem: Problem) -> None:
    plans = list(legal_plans(problem))
    network, choices = surveyed(problem)
    ours = exact.solve(choices)
    assert ours.cost_cents == min(plan.cost_cents for plan in plans)
    theirs = cpsat.solve(choices, able_locations(choices), ENOUGH)
    assert theirs.packages is not None
    assert ours.cost_cents == cost_of(choices, theirs.packages) == theirs.bound_cents
    for packages in (ours.packages, theirs.packages):
        assert violations(problem, answer_of(order_plan(network, choices, packages))) == []
    assert long.bound_of_parts(choices) <= ours.cost_cents
    least = {network.index[place]: cents for place, cents in least_by_location(plans).items()}
    assert {at: cost for at, (cost, _) in costs_through(choices).items()} == least
    for at, cost in least.items():
        packages = best_through(choices, at)
        assert packages is not None
        assert cost_of(choices, packages) == cost


@settings(max_examples=25, deadline=None)
@given(together())
def test_the_method_for_long_orders_finds_and_proves_the_same(problem: Problem) -> None:
    _, choices = surveyed(problem)
    outcome = long.solve(choices, ENOUGH)
    assert outcome.cost_cents == outcome.bound_cents == exact.solve(choices).cost_cents


@settings(max_examples=30, deadline=None)
@given(together(most_locations=4, most_lines=3))
def test_a_decision_spells_every_cent_out_and_is_a_file_that_gives_it_again(
    problem: Problem,
) -> None:
    kept = parse_problem(problem_document(problem))
    assert kept == problem
    decision = decide(problem, "O0")
    assert decide(kept, "O0") == decision
    assert sentences(decision.explanation)
    for plan in filter(None, (decision.explanation.winner, decision.explanation.runner_up)):
        for parcel in plan.parcels:
            assert sum(parcel.terms.values()) == parcel.cents


@settings(max_examples=20, deadline=None)
@given(together())
def test_what_is_supposed_comes_true_and_is_legal(problem: Problem) -> None:
    [order] = problem.orders
    whole = tuple(replace(line, may_split=False) for line in order.lines)
    problem = replace(problem, orders=(replace(order, lines=whole),))
    for found in counterfactuals(problem, "O0"):
        there = changed(problem, found.change)
        assert found.goal.met_by(found.plan)
        assert violations(there, answer_of(found.plan)) == []
        assert found.plan.cost_cents == min(plan.cost_cents for plan in legal_plans(there))


SENT = replace(
    a_problem(
        [a_location("S1"), a_location("W1", CHICAGO)],
        {"S1": {"MUG": 1}, "W1": {"LAMP": 9}},
        an_order(
            a_line("MUG", added=(0,)), a_line("LAMP", added=(0,)), pickup_at=("S1",), added=(1,)
        ),
    ),
    transfers=(Lane("W1", "S1", parcel_cents=200, line_cents=10, days=2),),
    added=(Added("opportunity", {"S1": 7, "W1": 4}), Added("congestion", {"S1": 50, "W1": 20})),
)
"""The store has the mug; the lamp is sent to it."""


def test_what_is_added_to_the_order_counts_once_at_the_counter_and_once_for_each_transfer() -> None:
    decision = decide(SENT, "O1")
    assert decision.plan.parcels == (
        ParcelPlan("S1", ("MUG",), (30 + 50) + 50 + 7),
        ParcelPlan("W1", ("LAMP",), (100 + 200) + (50 + 10) + 20 + 4, to="S1"),
    )
    assert decision.status is Status.OPTIMAL
    assert sentences(decision.explanation)[:2] == [
        "S1 hands over MUG for 1.37 USD: handover 0.30, picking 0.50, congestion 0.50,"
        " opportunity 0.07.",
        "W1 sends LAMP to S1 for 3.84 USD: packing 1.00, picking 0.50, transfer 2.00,"
        " transfer by the line 0.10, congestion 0.20, opportunity 0.04.",
    ]
    jointly = solve(SENT).answer
    assert violations(SENT, jointly) == []
    assert (jointly.cost_cents, jointly.status) == (137 + 384, Status.OPTIMAL)


def test_the_checker_reckons_what_is_added_to_a_transfer_by_itself() -> None:
    plan = decide(SENT, "O1").plan
    handed, sent = plan.parcels
    cheap = replace(
        plan, parcels=(handed, replace(sent, cents=360)), cost_cents=plan.cost_cents - 24
    )
    assert violations(SENT, answer_of(cheap)) == [
        "order O1: the transfer from W1 to S1 costs 384, not 360"
    ]


def test_a_hand_over_goes_where_less_is_added_and_a_batch_knows_figures_of_any_size() -> None:
    [order] = SENT.orders
    for dear in (1_000, MOST_ADDED_CENTS):
        choice = replace(
            SENT,
            locations=(*SENT.locations, a_location("S2", PHILADELPHIA)),
            orders=(replace(order, pickup_at=("S1", "S2")),),
            stock=(*SENT.stock, Stock("S2", "MUG", 1)),
            transfers=(*SENT.transfers, Lane("W1", "S2", 300, 10, 2)),
            added=(SENT.added[0], Added("congestion", {"S1": dear})),
        )
        plan = decide(choice, "O1").plan
        assert [(parcel.location, parcel.to) for parcel in plan.parcels] == [
            ("S2", None),
            ("W1", "S2"),
        ]
        jointly = solve(choice).answer
        assert violations(choice, jointly) == []
        assert (jointly.cost_cents, jointly.status) == (plan.cost_cents, Status.OPTIMAL)


def test_what_is_added_to_a_line_counts_once_in_each_parcel_that_has_some_of_it() -> None:
    mugs = a_line("MUG", units=5, weight_g=500, may_split=True, unfilled_cents=5000, added=(0,))
    problem = replace(
        a_problem(
            [a_location("S1"), a_location("S2", CHICAGO)],
            {"S1": {"MUG": 2}, "S2": {"MUG": 2}},
            an_order(mugs, added=(1,)),
        ),
        added=(Added("opportunity", {"S1": 7, "S2": 4}), Added("congestion", {"S1": 50})),
    )
    jointly = solve(problem).answer
    assert violations(problem, jointly) == []
    for plan in (decide(problem, "O1").plan, *jointly.orders):
        assert sorted(plan.parcels, key=lambda parcel: parcel.location) == [
            ParcelPlan("S1", ("MUG",), 400 + 100 + 50 + 50 + 7, units={"MUG": 2}),
            ParcelPlan("S2", ("MUG",), 440 + 100 + 50 + 4, units={"MUG": 2}),
        ]


def test_what_is_added_at_a_location_is_the_same_in_all_its_windows() -> None:
    windows = (Window("today", 1, 1), Window("tomorrow", 2, 1))
    problem = replace(
        a_problem(
            [a_location("S1", windows=windows), a_location("S2", windows=windows)],
            {name: {"MUG": 9} for name in ("S1", "S2")},
            *(an_order(a_line("MUG"), name=f"O{number}", added=(0,)) for number in range(3)),
        ),
        added=(Added("congestion", {"S1": 90, "S2": 5}),),
    )
    answer = solve(problem).answer
    assert violations(problem, answer) == []
    assert (answer.cost_cents, answer.status) == (3 * 550 + 5 + 5 + 90, Status.OPTIMAL)


def test_a_batch_ships_units_that_are_worth_one_charge_for_their_line_and_not_two() -> None:
    mugs = a_line("MUG", units=2, weight_g=200, may_split=True, unfilled_cents=1000, added=(0,))
    problem = replace(
        a_problem([a_location("S1")], {"S1": {"MUG": 2}}, an_order(mugs)),
        added=(Added("opportunity", {"S1": 300}),),
    )
    answer = solve(problem).answer
    assert violations(problem, answer) == []
    assert (answer.cost_cents, answer.status) == (400 + 100 + 50 + 300, Status.OPTIMAL)
