"""The rules of thumb do what their names say, and never anything illegal."""

import pytest
from hypothesis import given, settings

from routing import exact, greedy
from routing.check import violations
from routing.packages import cost_of, order_plan
from routing.plan import Status
from routing.problem import Problem
from tests.routing.builders import (
    CHICAGO,
    LOS_ANGELES,
    PHILADELPHIA,
    a_line,
    a_location,
    a_problem,
    an_order,
    surveyed,
)
from tests.routing.oracle import answer_of
from tests.routing.strategies import problems

NETWORK = a_problem(
    [
        a_location("FAR", LOS_ANGELES),
        a_location("MIDDLE", CHICAGO),
        a_location("NEAR", PHILADELPHIA),
        a_location("MIDDLE2", CHICAGO),
    ],
    {
        "FAR": {"MUG": 1},
        "MIDDLE": {"MUG": 1, "LAMP": 1},
        "NEAR": {"LAMP": 1},
        "MIDDLE2": {"MUG": 1, "LAMP": 1},
    },
    an_order(a_line("MUG"), a_line("LAMP")),
)


@pytest.mark.parametrize(
    ("rule", "parcels"),
    [
        (greedy.priority, [("FAR", ("MUG",)), ("MIDDLE", ("LAMP",))]),
        (greedy.nearest, [("MIDDLE", ("MUG",)), ("NEAR", ("LAMP",))]),
        (greedy.fewest_splits, [("MIDDLE", ("MUG", "LAMP"))]),
    ],
)
def test_a_rule_visits_locations_in_its_own_order(
    rule: greedy.Rule, parcels: list[tuple[str, tuple[str, ...]]]
) -> None:
    network, choices = surveyed(NETWORK)
    plan = order_plan(network, choices, rule(choices))
    assert [(parcel.location, parcel.lines) for parcel in plan.parcels] == parcels


def test_a_parcel_takes_no_more_than_the_tariff_carries() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2")],
        {name: {"MUG": 1, "LAMP": 1, "VASE": 1} for name in ("S1", "S2")},
        an_order(
            a_line("MUG", weight_g=900),
            a_line("LAMP", weight_g=1900),
            a_line("VASE", weight_g=1000),
        ),
    )
    network, choices = surveyed(problem)
    plan = order_plan(network, choices, greedy.priority(choices))
    assert [parcel.lines for parcel in plan.parcels] == [("MUG", "VASE"), ("LAMP",)]


@settings(max_examples=100, deadline=None)
@given(problems())
def test_a_rule_is_legal_and_never_cheaper_than_the_optimum(problem: Problem) -> None:
    network, choices = surveyed(problem)
    best = exact.solve(choices).cost_cents
    for rule in (greedy.priority, greedy.nearest, greedy.fewest_splits):
        packages = rule(choices)
        answer = answer_of(order_plan(network, choices, packages))
        assert answer.status is Status.OPTIMAL
        assert violations(problem, answer) == []
        assert cost_of(choices, packages) >= best
