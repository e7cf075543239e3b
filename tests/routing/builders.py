"""Routing problems to test with: each builder fills in whatever the test does not care about."""

from collections.abc import Sequence
from typing import Any

from routing.candidates import Choices, survey
from routing.network import Network, network_of, supply_of
from routing.problem import Line, Location, Order, Problem, Stock, Tariff

NEW_YORK = (40.71, -74.0)
PHILADELPHIA = (39.95, -75.17)  # 80 miles from New York: zone 2
CHICAGO = (41.88, -87.63)  # 711 miles: zone 5
LOS_ANGELES = (34.05, -118.24)  # 2,446 miles: zone 8

TARIFF = Tariff(
    zone_miles=(50, 150, 300, 600, 1000, 1400, 1800),
    max_weight_g=(500, 1000, 2000),
    cents=(
        (400, 410, 420, 430, 440, 450, 460, 470),
        (500, 520, 540, 560, 580, 600, 620, 640),
        (700, 740, 780, 820, 860, 900, 940, 980),
    ),
    transit_days=(1, 2, 2, 3, 4, 4, 5, 5),
)


def a_location(name: str, at: tuple[float, float] = NEW_YORK, **changes: Any) -> Location:
    """A store that packs for 100, picks for 50 a line, and is ready the next day."""
    fields: dict[str, Any] = {
        "kind": "store",
        "parcel_cents": 100,
        "line_cents": 50,
        "pickup_cents": 30,
        "handling_days": 1,
        "capacity_parcels": None,
    }
    return Location(id=name, lat=at[0], lon=at[1], **(fields | changes))


def a_line(sku: str, **changes: Any) -> Line:
    """One unit of 250 g that would cost 30.00 to leave out."""
    fields: dict[str, Any] = {"id": sku, "units": 1, "weight_g": 250, "unfilled_cents": 3000}
    return Line(sku=sku, **(fields | changes))


def an_order(*lines: Line, name: str = "O1", **changes: Any) -> Order:
    """An order from New York, promised within nine days, in three parcels at most."""
    fields: dict[str, Any] = {
        "lat": NEW_YORK[0],
        "lon": NEW_YORK[1],
        "promise_days": 9,
        "max_parcels": 3,
    }
    return Order(id=name, lines=lines or (a_line("MUG"),), **(fields | changes))


def a_problem(
    locations: Sequence[Location],
    stock: dict[str, dict[str, int]],
    *orders: Order,
    tariff: Tariff = TARIFF,
) -> Problem:
    """A problem with the stock given by location and SKU."""
    return Problem(
        currency="USD",
        tariff=tariff,
        locations=tuple(locations),
        stock=tuple(
            Stock(location, sku, units)
            for location, held in stock.items()
            for sku, units in held.items()
        ),
        orders=orders or (an_order(),),
    )


def able_locations(choices: Choices) -> list[int]:
    """Every location that could take a line, needed or not."""
    return [at for at in range(choices.able.shape[1]) if choices.able[:, at].any()]


def surveyed(problem: Problem) -> tuple[Network, Choices]:
    """The network, and the choices for the problem's first order."""
    network = network_of(problem)
    return network, survey(network, supply_of(problem, network), problem.orders[0])
