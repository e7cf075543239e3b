"""The routing benchmark at a size of seconds: what must hold whatever the figures are."""

import pytest

from bench.routing_parts import Figures, Sizes, as_they_come, least_unfilled, loose, medium
from routing.batch.effort import BatchEffort
from routing.batch.solve import solve
from tests.routing.builders import CHICAGO, a_line, a_location, a_problem, an_order

LITTLE = BatchEffort(price_rounds=20, column_rounds=2, variations=2, polish_steps=1, whole_orders=0)
TINY = Sizes(
    medium=(250, 30),
    large=(400, 40),
    rolling=(60, 15),
    medium_s=None,
    large_s=None,
    effort=LITTLE,
    alone=10,
    quick=LITTLE,
)
"""By counted work, not by time."""


@pytest.fixture(scope="module")
def tight() -> Figures:
    """The figures of a tight day."""
    return medium(TINY, 0)


def test_a_plan_is_legal_and_between_its_bound_and_first_come_first_served(tight: Figures) -> None:
    # The part itself checks every plan.
    assert 1 <= tight["R3"] < 1.2
    assert tight["R5 fifo-exact"] <= 1
    assert all(tight[f"R5 {rule}"] < 1 for rule in ("priority", "nearest", "fewest-splits"))


def test_no_plan_leaves_fewer_lines_than_is_proven(tight: Figures) -> None:
    plenty = loose(TINY, 0)
    assert 0 < tight["R9 least unfilled"] <= tight["R9 unfilled"] <= 1
    assert plenty["R6 least unfilled"] <= plenty["R6 unfilled"] <= 1
    assert plenty["R6"] <= 1 <= plenty["R6 bound"]


def test_the_same_seed_gives_the_same_figures(tight: Figures) -> None:
    again = medium(TINY, 0)
    assert again | {"R3 seconds": 0} == tight | {"R3 seconds": 0}


def test_nobody_wins_more_than_perfect_foresight() -> None:
    won = as_they_come(TINY, 0)
    assert won["R7 whole day"] <= 1
    for way in ("R7", "R7 priced once", "R8", "R8 with prices"):
        assert won[way] <= 1


def test_the_fewest_unfilled_lines_do_not_depend_on_what_filling_costs() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", CHICAGO, line_cents=10_000)],
        {"S1": {"MUG": 2}, "S2": {"MUG": 1}},
        *(an_order(a_line("MUG", units=units), name=f"O{units}") for units in (1, 2, 3)),
    )
    # Three units are nowhere; one is in Chicago, and costs more than to leave it.
    assert least_unfilled(problem) == 1
    assert sum(len(plan.unfilled) for plan in solve(problem).answer.orders) == 2
