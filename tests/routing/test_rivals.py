"""What a plan by way of another location costs, also where its other parcels conflict."""

from hypothesis import given, settings

from routing.packages import Package, cost_of
from routing.problem import Problem
from routing.rivals import costs_through, plan_through
from tests.routing.builders import CHICAGO, a_line, a_location, a_problem, an_order, surveyed
from tests.routing.oracle import legal_plans
from tests.routing.strategies import problems


@settings(max_examples=60, deadline=None)
@given(problems(most_locations=3, most_lines=4))
def test_a_plan_through_a_location_costs_the_least_of_all_that_use_it(problem: Problem) -> None:
    network, choices = surveyed(problem)
    plans = list(legal_plans(problem))
    through = costs_through(choices)
    least = {
        network.index[place]: min(
            plan.cost_cents
            for plan in plans
            if place in {parcel.location for parcel in plan.parcels}
        )
        for place in {parcel.location for plan in plans for parcel in plan.parcels}
    }
    assert {at: cost for at, (cost, _) in through.items()} == least
    for at, (cost, lines) in through.items():
        assert cost_of(choices, plan_through(choices, Package(lines, at))) == cost


def test_the_other_parcels_of_such_a_plan_do_not_share_the_last_of_capacity() -> None:
    # Each line fills a parcel of its own. By way of S2, the two others would both leave S1 if
    # they could, but S1 can make one parcel only: one of them must come from S3.
    heavy = [a_line(sku, weight_g=1500) for sku in ("LAMP", "VASE", "MUG")]
    stock = {"LAMP": 1, "VASE": 1, "MUG": 1}
    problem = a_problem(
        [
            a_location("S1", capacity_parcels=1),
            a_location("S2", parcel_cents=700),
            a_location("S3", CHICAGO),
        ],
        {"S1": stock, "S2": stock, "S3": stock},
        an_order(*heavy),
    )
    network, choices = surveyed(problem)
    cost, _ = costs_through(choices)[network.index["S2"]]
    assert cost == (700 + 150) + (700 + 750) + (860 + 150)
