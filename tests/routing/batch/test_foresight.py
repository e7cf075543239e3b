"""Stock is worth what it will save the orders still to come, and steers those that are here."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.batch.effort import BatchEffort
from routing.batch.foresight import foresee
from routing.batch.solve import in_turn, solve
from routing.batch.worth import Worth
from routing.check import violations
from routing.problem import Problem, Stock
from tests.routing.builders import CHICAGO, a_line, a_location, a_problem, an_order
from tests.routing.strategies import problems

LITTLE = BatchEffort(price_rounds=10, column_rounds=2, polish_steps=1)
TODAY = a_problem(
    [a_location("S1"), a_location("S2", CHICAGO)],
    {"S1": {"MUG": 1, "POT": 1, "TIN": 9}, "S2": {"POT": 9}},
    an_order(a_line("POT"), name="O1"),
)
"""The near pot lies beside the only mug: an order for both would need a second, dear parcel."""
BOTH = an_order(a_line("MUG"), a_line("POT"), a_line("TIN"), name="later")
MORE_MUGS = (Stock("S1", "MUG", 2), *TODAY.stock[1:])
STOCK = replace(TODAY, orders=())


def places_of(problem: Problem, worth: Worth | None) -> list[str]:
    """Where each order's parcels leave from when it is decided in turn."""
    answer = in_turn(problem, values=worth)
    assert violations(problem, answer) == []
    return [parcel.location for plan in answer.orders for parcel in plan.parcels]


def test_the_unit_that_a_later_order_needs_more_is_kept_for_it() -> None:
    assert places_of(TODAY, None) == ["S1"]
    two = [[BOTH, replace(BOTH, id="later still")]]
    worth = foresee(replace(STOCK, stock=MORE_MUGS), two)
    assert places_of(TODAY, worth) == ["S2"]
    assert solve(TODAY, values=worth).answer.orders == in_turn(TODAY, values=worth).orders


def test_what_lies_in_plenty_is_worth_nothing_however_much_is_asked() -> None:
    two = [[BOTH, replace(BOTH, id="later still")]]
    worth = foresee(STOCK, two)
    assert worth.units["MUG", "S1"] > 0
    assert worth.units.get(("TIN", "S1"), 0) == 0


def test_without_orders_to_come_nothing_is_worth_keeping() -> None:
    assert foresee(STOCK, []) == foresee(STOCK, [[], []]) == Worth()


def test_a_parcel_is_worth_something_where_capacity_is_short() -> None:
    places = [a_location("S1", capacity_parcels=1), a_location("S2", CHICAGO)]
    problem = replace(STOCK, locations=tuple(places))
    worth = foresee(problem, [[an_order(a_line("POT"), name=name) for name in ("O7", "O8")]])
    assert worth.parcels.get("S1", 0) + worth.units.get(("POT", "S1"), 0) > 0
    tins = [an_order(a_line("TIN"), name=name) for name in ("O7", "O8")]
    assert foresee(problem, [tins]).parcels["S1"] > 0


def test_an_order_that_comes_on_one_day_of_two_counts_half() -> None:
    # One mug, and on one day of two an order for it: no more is wanted than there is.
    asked = an_order(a_line("MUG"), name="O7")
    assert foresee(STOCK, [[asked], []]).units == {}
    # On both days two orders: one of them always goes without.
    both = [[asked, replace(asked, id="O8")]] * 2
    assert foresee(STOCK, both).units["MUG", "S1"] > 1_000


@settings(max_examples=10, deadline=None)
@given(problems(most_locations=4, most_lines=3, most_orders=6), st.integers(0, 3_000))
def test_values_steer_and_are_no_part_of_cost_or_bound(problem: Problem, cents: int) -> None:
    everything = Worth(
        units={(row.sku, row.location): cents for row in problem.stock},
        parcels={place.id: cents / 2 for place in problem.locations},
    )
    steered = solve(problem, effort=LITTLE, values=everything).answer
    assert violations(problem, steered) == []
    assert steered.lower_bound_cents <= solve(problem, effort=LITTLE).answer.cost_cents
