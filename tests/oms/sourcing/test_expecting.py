"""The orders of the last days are what joint runs value stock for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

import routing.problem as routing
from oms import clock
from oms.ordering import cancelling
from oms.sourcing import expecting
from oms.sourcing.joint import solve_jointly
from oms.sourcing.solving_apart import solve_apart
from routing.parse import parse_tariff
from tests.builders import NEW_YORK, TARIFF, an_address, an_order
from tests.oms.shop import BOSTON, CHICAGO, Shop, a_shop, fill

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(session: Session) -> Shop:
    """Three locations with mugs and lamps."""
    made = a_shop(session)
    fill(session, made)
    return made


def wanted(days: list[list[routing.Order]]) -> list[list[dict[str, int]]]:
    """Units by SKU of each order of each day."""
    return [[{line.sku: line.units for line in order.lines} for order in day] for day in days]


def test_orders_of_the_last_two_days_are_expected_as_if_they_came_now(
    session: Session, shop: Shop
) -> None:
    now = clock.now()
    placed = {}
    for hours, units in ((60, {"LAMP": 3}), (30, {"LAMP": 2}), (5, {"MUG": 1, "LAMP": 1})):
        with clock.at(now - hours * HOUR):
            placed[hours] = an_order(session, units)
    with clock.at(now):
        days = [list(day) for day in expecting.orders(session, currency="USD")]
        assert wanted(days) == [[{"MUG": 1, "LAMP": 1}], [{"LAMP": 2}]]
        assert (days[0][0].lat, days[0][0].lon) == NEW_YORK
        # Promised as far ahead as it was then, not for the day before yesterday.
        again = an_order(session, {"LAMP": 2})
        [today] = [
            order
            for order in expecting.orders(session, currency="USD")[0]
            if order.id == str(again.id)
        ]
        assert days[1][0].promise_days == today.promise_days
        assert expecting.orders(session, currency="EUR") == []


def test_what_was_cancelled_or_is_collected_is_not_expected(session: Session, shop: Shop) -> None:
    with clock.at(clock.now() - 3 * HOUR):
        gone = an_order(session, {"MUG": 1})
        cancelling.cancel(session, gone.id, actor="test", reason="changed_mind")
        an_order(session, {"MUG": 1}, pickup_store="S01")
    assert expecting.orders(session, currency="USD") == []


def test_an_address_says_where_an_expected_order_comes_from(session: Session, shop: Shop) -> None:
    with clock.at(clock.now() - HOUR):
        for at in (BOSTON, CHICAGO):
            address = an_address(latitude=at[0], longitude=at[1])
            an_order(session, {"MUG": 1}, address=address)
    [day, none] = expecting.orders(session, currency="USD")
    assert [(order.lat, order.lon) for order in day] == [BOSTON, CHICAGO]
    assert none == []


def an_order_for_a_mug(name: str, *added: int) -> routing.Order:
    """It is better off without one than charged 30.00."""
    line = routing.Line("1", "MUG", 1, 300, 3_000, added=added)
    return routing.Order(name, *NEW_YORK, 5, 3, (line,))


FEW_MUGS = routing.Problem(
    currency="USD",
    tariff=parse_tariff(TARIFF),
    locations=(routing.Location("S01", "store", *NEW_YORK, 190, 60, 100, 0),),
    stock=(routing.Stock("S01", "MUG", 2),),
    orders=(an_order_for_a_mug("O1"),),
)


def test_the_solver_process_values_stock_for_the_days_it_is_given() -> None:
    busy = [[an_order_for_a_mug(f"O{day}{number}") for number in range(3)] for day in range(2)]
    quiet = [[], [an_order_for_a_mug("O9")]]
    attempt = solve_apart(FEW_MUGS, seconds=30.0, expected=busy)
    assert attempt.failure is None
    assert attempt.joint == solve_jointly(FEW_MUGS, 30.0, expected=busy)
    assert attempt.joint is not None
    # A fourth order goes without a mug, whoever it is: 30.00 less what sending one costs.
    assert 1_500 < attempt.joint.worth["MUG", "S01"] <= 3_000
    assert solve_jointly(FEW_MUGS, 30.0, expected=quiet).worth == {}


@pytest.mark.parametrize("expected", [[], [[an_order_for_a_mug("O9")]]])
def test_stock_keeps_its_worth_whatever_is_charged_for_it(
    expected: list[list[routing.Order]],
) -> None:
    def asked(*added: int) -> dict[tuple[str, str], int]:
        orders = tuple(an_order_for_a_mug(f"O{number}", *added) for number in range(3))
        rows = (routing.Added("opportunity", {"S01": 1_000}), routing.Added("wear", {"S01": 1_000}))
        stated = replace(FEW_MUGS, orders=orders, added=rows)
        return dict(solve_jointly(stated, 30.0, expected=expected).worth)

    assert asked(0) == asked()
    assert 0 < asked(1)["MUG", "S01"] < asked()["MUG", "S01"]
