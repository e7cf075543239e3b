"""A day of orders for the joint optimizer: real places, postage and baskets, made-up stock.

Real, from ../shared/data: where stores and customers are (customers by population), what postage
costs, which articles are bought together. Made up: warehouses (every fiftieth store is one), costs
of handling, capacities, promises, weights, units (one line in five has what the basket had, at most
two), the pairing of baskets with customers, and stock: of every article `plenty` times what a day
is expected to want, part of it in the warehouses, the rest in units strewn over the stores.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.worlds import World, baskets
from routing.problem import Line, Location, Order, Problem, Stock

MOST_LINES = 6
UNFILLED_CENTS = 3_000


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a batch is, and how scarce things are in it."""

    orders: int
    locations: int
    plenty: float
    """Stock over expected demand."""
    in_warehouses: float
    capacity: float
    """Parcels that can be made, over orders."""


TIGHT = {"plenty": 2.0, "in_warehouses": 0.5, "capacity": 1.6}
LOOSE = {"plenty": 6.0, "in_warehouses": 0.5, "capacity": 2.5}


@dataclass(frozen=True, slots=True)
class Day:
    """A network with its stock, from which days of orders are drawn."""

    world: World
    shape: Shape
    seed: int
    goods: Sequence[dict[str, int]]
    locations: tuple[Location, ...]
    stock: tuple[Stock, ...]
    weights_g: dict[str, int]

    def problem(self, day: int) -> Problem:
        """The orders of one day, first come first."""
        dice = random.Random(f"orders/{self.seed}/{day}")
        return Problem(
            currency="USD",
            tariff=self.world.tariff,
            locations=self.locations,
            stock=self.stock,
            orders=tuple(self._order(dice, number) for number in range(self.shape.orders)),
        )

    def _order(self, dice: random.Random, number: int) -> Order:
        basket, (lat, lon) = dice.choice(self.goods), dice.choice(self.world.customers)
        lines = []
        for at, (sku, had) in enumerate(basket.items()):
            units = _units(dice, had)
            lines.append(Line(str(at), sku, units, self.weights_g[sku] * units, UNFILLED_CENTS))
        return Order(f"O{number}", lat, lon, dice.choice((3, 5, 5, 7)), 3, tuple(lines))


def a_day(world: World, shape: Shape, seed: int) -> Day:
    """Make up a network and its stock."""
    dice = random.Random(f"network/{shape.orders}/{shape.locations}/{seed}")
    goods = baskets(MOST_LINES)
    warehouses = max(1, shape.locations // 50)
    expected = _expected(goods, shape.orders, seed)
    return Day(
        world=world,
        shape=shape,
        seed=seed,
        goods=goods,
        locations=_locations(world, shape, warehouses, dice),
        stock=_stock(expected, shape, warehouses, dice),
        weights_g={
            sku: int(min(3_000, max(40, dice.lognormvariate(5.8, 0.8)))) for sku in sorted(expected)
        },
    )


def _units(dice: random.Random, had: int) -> int:
    return min(had, 2) if dice.random() < 0.2 else 1


def _expected(goods: Sequence[dict[str, int]], orders: int, seed: int) -> Counter[str]:
    """Units of each article in as many orders of another day."""
    dice = random.Random(f"expected/{seed}")
    units: Counter[str] = Counter(dict.fromkeys({sku for basket in goods for sku in basket}, 0))
    for _ in range(orders):
        for sku, had in dice.choice(goods).items():
            units[sku] += _units(dice, had)
    return units


def _locations(
    world: World, shape: Shape, warehouses: int, dice: random.Random
) -> tuple[Location, ...]:
    parcels = shape.capacity * shape.orders
    each_warehouse = parcels * shape.in_warehouses / warehouses
    each_store = parcels * (1 - shape.in_warehouses) / (shape.locations - warehouses)
    places = []
    for number, (lat, lon) in enumerate(dice.sample(world.stores, shape.locations)):
        store = number >= warehouses
        places.append(
            Location(
                id=f"L{number}",
                kind="store" if store else "warehouse",
                lat=lat,
                lon=lon,
                parcel_cents=dice.randrange(150, 260, 10) if store else 110,
                line_cents=dice.randrange(100, 200, 10) if store else 45,
                pickup_cents=150,
                handling_days=dice.choice((0, 1, 1, 2)) if store else dice.choice((0, 1)),
                capacity_parcels=max(
                    1, round((each_store if store else each_warehouse) * dice.uniform(0.5, 1.5))
                ),
            )
        )
    return tuple(places)


def _stock(
    expected: Counter[str], shape: Shape, warehouses: int, dice: random.Random
) -> tuple[Stock, ...]:
    held: Counter[tuple[int, str]] = Counter()
    for sku, wanted in sorted(expected.items()):
        total = max(1, round(wanted * shape.plenty))
        central = round(total * shape.in_warehouses)
        for unit in range(total):
            first, end = (0, warehouses) if unit < central else (warehouses, shape.locations)
            held[dice.randrange(first, end), sku] += 1
    return tuple(Stock(f"L{at}", sku, units) for (at, sku), units in sorted(held.items()))
