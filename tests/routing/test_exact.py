"""The exact engine against CP-SAT, against trying everything, and where parcels conflict."""

from hypothesis import given, settings

from routing import cpsat, exact
from routing.check import violations
from routing.cost import FORBIDDEN
from routing.packages import cheapest_by_stock, cheapest_by_trying_all, cost_of, order_plan
from routing.problem import Problem, Tariff
from routing.pruning import needed_locations
from tests.routing.builders import (
    CHICAGO,
    LOS_ANGELES,
    PHILADELPHIA,
    a_line,
    a_location,
    a_problem,
    able_locations,
    an_order,
    surveyed,
)
from tests.routing.oracle import answer_of, legal_plans
from tests.routing.strategies import problems

ENOUGH = cpsat.Effort(deterministic_time=60)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_no_plan_of_cp_sat_is_cheaper_and_both_are_legal(problem: Problem) -> None:
    network, choices = surveyed(problem)
    ours = exact.solve(choices)
    theirs = cpsat.solve(choices, able_locations(choices), ENOUGH)
    assert theirs.packages is not None
    assert ours.cost_cents == cost_of(choices, theirs.packages) == theirs.bound_cents
    for packages in (ours.packages, theirs.packages):
        assert violations(problem, answer_of(order_plan(network, choices, packages))) == []


@settings(max_examples=60, deadline=None)
@given(problems(most_locations=3, most_lines=3))
def test_no_plan_whatever_is_cheaper(problem: Problem) -> None:
    _, choices = surveyed(problem)
    assert exact.solve(choices).cost_cents == min(plan.cost_cents for plan in legal_plans(problem))


@settings(max_examples=80, deadline=None)
@given(problems(most_locations=8, most_lines=4))
def test_leaving_out_locations_that_are_not_needed_costs_nothing(problem: Problem) -> None:
    _, choices = surveyed(problem)
    theirs = cpsat.solve(choices, needed_locations(choices), ENOUGH)
    assert theirs.bound_cents == exact.solve(choices).cost_cents


@settings(max_examples=150, deadline=None)
@given(problems(most_lines=4))
def test_both_ways_to_the_cheapest_packages_agree(problem: Problem) -> None:
    _, choices = surveyed(problem)
    if not choices.shared:
        shift = choices.rates.shift
        by_stock, by_all = cheapest_by_stock(choices), cheapest_by_trying_all(choices)
        possible = by_all < FORBIDDEN << shift
        assert by_stock[possible].tolist() == by_all[possible].tolist()
        assert (by_stock[~possible] >= FORBIDDEN << shift).all()


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_same_snapshot_gives_the_same_plan(problem: Problem) -> None:
    for _ in range(2):
        _, choices = surveyed(problem)
        _, again = surveyed(problem)
        assert exact.solve(choices) == exact.solve(again)
        first, second = (
            cpsat.solve(view, able_locations(view), ENOUGH).packages for view in (choices, again)
        )
        assert first == second


def test_one_parcel_is_preferred_to_two_at_the_same_cost() -> None:
    problem = a_problem(
        [a_location("S1", parcel_cents=0), a_location("S2", parcel_cents=0)],
        {"S1": {"MUG": 1, "LAMP": 1}, "S2": {"MUG": 1, "LAMP": 1}},
        an_order(a_line("MUG"), a_line("LAMP")),
        tariff=Tariff((), (1000,), ((0,),), (1,)),
    )
    network, choices = surveyed(problem)
    plan = order_plan(network, choices, exact.solve(choices).packages)
    assert [(parcel.location, parcel.lines) for parcel in plan.parcels] == [("S1", ("MUG", "LAMP"))]
    assert plan.cost_cents == 100


def test_of_equal_locations_the_first_in_the_file_ships() -> None:
    stock = {"S2": {"MUG": 1}, "S1": {"MUG": 1}}
    problem = a_problem([a_location("S2"), a_location("S1")], stock)
    network, choices = surveyed(problem)
    plan = order_plan(network, choices, exact.solve(choices).packages)
    assert [parcel.location for parcel in plan.parcels] == ["S2"]


def test_two_lines_of_one_sku_do_not_both_take_the_last_unit() -> None:
    # Apart, both parcels would come from S1; it holds one lamp. A parcel of both is too heavy.
    problem = a_problem(
        [a_location("S1"), a_location("S2", CHICAGO)],
        {"S1": {"LAMP": 1}, "S2": {"LAMP": 1}},
        an_order(a_line("LAMP", id="1", weight_g=1500), a_line("LAMP", id="2", weight_g=1500)),
    )
    network, choices = surveyed(problem)
    plan = order_plan(network, choices, exact.solve(choices).packages)
    assert {parcel.location for parcel in plan.parcels} == {"S1", "S2"}
    assert plan.cost_cents == (700 + 150) + (860 + 150)


def test_two_parcels_may_leave_one_location_when_one_would_be_too_heavy() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", CHICAGO)],
        {"S1": {"LAMP": 1, "VASE": 1}, "S2": {"LAMP": 1, "VASE": 1}},
        an_order(a_line("LAMP", weight_g=1500), a_line("VASE", weight_g=1500)),
    )
    network, choices = surveyed(problem)
    plan = order_plan(network, choices, exact.solve(choices).packages)
    assert [parcel.location for parcel in plan.parcels] == ["S1", "S1"]
    assert violations(problem, answer_of(plan)) == []


def test_the_last_parcel_of_capacity_is_given_once() -> None:
    problem = a_problem(
        [a_location("S1", capacity_parcels=1), a_location("S2", LOS_ANGELES)],
        {"S1": {"LAMP": 1, "VASE": 1}, "S2": {"LAMP": 1, "VASE": 1}},
        an_order(a_line("LAMP", weight_g=1500), a_line("VASE", weight_g=1200)),
    )
    network, choices = surveyed(problem)
    plan = order_plan(network, choices, exact.solve(choices).packages)
    assert sorted(parcel.location for parcel in plan.parcels) == ["S1", "S2"]
    assert violations(problem, answer_of(plan)) == []


def test_a_line_dearer_to_ship_than_to_leave_stays_unfilled() -> None:
    problem = a_problem(
        [a_location("S1")], {"S1": {"MUG": 1}}, an_order(a_line("MUG", unfilled_cents=549))
    )
    network, choices = surveyed(problem)
    plan = order_plan(network, choices, exact.solve(choices).packages)
    assert (plan.parcels, plan.unfilled, plan.cost_cents) == ((), ("MUG",), 549)


def test_a_pickup_order_is_handed_over_at_one_of_its_points() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", PHILADELPHIA), a_location("S3", CHICAGO)],
        {"S1": {"MUG": 1, "LAMP": 1}, "S2": {"LAMP": 1}, "S3": {"MUG": 1, "LAMP": 1}},
        an_order(a_line("MUG"), a_line("LAMP"), pickup_at=("S2", "S3")),
    )
    network, choices = surveyed(problem)
    plan = order_plan(network, choices, exact.solve(choices).packages)
    assert [(parcel.location, parcel.lines) for parcel in plan.parcels] == [("S3", ("MUG", "LAMP"))]
    assert plan.cost_cents == 30 + 2 * 50


def test_a_network_without_locations_leaves_everything_unfilled() -> None:
    problem = a_problem([], {}, an_order(a_line("MUG"), a_line("LAMP")))
    network, choices = surveyed(problem)
    plan = order_plan(network, choices, exact.solve(choices).packages)
    assert (plan.unfilled, plan.cost_cents) == (("MUG", "LAMP"), 6000)
