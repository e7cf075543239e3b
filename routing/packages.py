"""A package: lines of an order at one location. What each costs, and the cheapest for every set.

Two ways lead to the cheapest location of every set of lines. `cheapest_by_stock` folds all
locations into a table by (number of lines, zone, what is in stock) and takes minima over supersets
of the stock: its work per location does not grow with the number of sets. `package_costs` writes
out every set at every location; it answers what the table cannot: lines that share one stock, costs
that are added by line and location, the second cheapest location, and what another would have cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from routing.candidates import Choices, Way
from routing.cost import FORBIDDEN, MOST_COUNTED_LINES, Ints
from routing.network import Network
from routing.plan import Engine, OrderPlan, ParcelPlan
from routing.problem import Line
from routing.splitting import parts_before, picked, units_of_parts, whole_ids
from routing.subsets import Subsets, subsets

_EVERYWHERE: Final = slice(None)


@dataclass(frozen=True, slots=True)
class Package:
    """Lines, by position in the order, that leave one location together.

    A transfer goes `to` the location that hands the order over. A hand-over has only those lines
    that were on its own shelf. Which window a package falls in, `placed` says.
    """

    lines: tuple[int, ...]
    at: int
    to: int | None = None
    window: int | None = None

    @property
    def place(self) -> int:
        """The window, where some location has several; else the location."""
        return self.at if self.window is None else self.window


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine found for one order; lines in no package stay unfilled.

    `bound_cents` is proven: no legal plan costs less. `fallback` says why a simpler rule decided.
    """

    packages: tuple[Package, ...]
    cost_cents: int
    bound_cents: int
    engine: Engine
    fallback: str | None = None


def cheapest_by_stock(choices: Choices) -> Ints:
    """Return the code (cost shifted, plus location) of the best package of every set of lines.

    For orders whose lines all want different SKUs, and have nothing added to each of them. The
    empty set costs nothing; a set that nobody can take has a code of at least `FORBIDDEN`, shifted.
    """
    rates, count = choices.rates, len(choices.lines)
    sets = subsets(count)
    locations, zones = choices.in_stock.shape[1], rates.carriage.shape[1]

    # A dot product in floats is the quickest way to turn columns of bits into numbers.
    stocked = _POWERS[:count] @ choices.able.astype(np.float32)
    cell = (choices.zone << count) + stocked.astype(np.int64)
    table = np.full((count, zones << count), FORBIDDEN << rates.shift, dtype=np.int64)
    by_count = rates.codes
    if choices.added is not None:
        by_count = by_count + (choices.added.parcel << rates.shift)
    if locations:
        for lines in range(count):
            np.minimum.at(table[lines], cell, by_count[lines])
    for bit in range(count):
        pairs = table.reshape(count * zones, sets.full + 1 >> bit + 1, 2, 1 << bit)
        np.minimum(pairs[:, :, 0], pairs[:, :, 1], out=pairs[:, :, 0])

    handling = table.reshape(count, zones, sets.full + 1)[sets.size - 1, :, sets.number]
    codes: Ints = ((_carriage(choices, sets) << rates.shift) + handling).min(axis=1)
    codes[0] = 0
    return codes


def cheapest_by_trying_all(choices: Choices) -> Ints:
    """Return the same codes for any order, from the cost of every package.

    What nobody can take has the code `FORBIDDEN`, shifted, or more.
    """
    shift, places = choices.rates.shift, np.flatnonzero(choices.able.any(axis=0))
    costs = package_costs(choices, places)
    if not costs.shape[1]:
        codes = np.full(len(costs), FORBIDDEN << shift)
    else:
        best = costs.argmin(axis=1)
        least = np.take_along_axis(costs, best[:, None], axis=1)[:, 0]
        codes = (least << shift) + places[best]
    codes[0] = 0
    return codes


def package_costs(choices: Choices, at: Ints | slice = _EVERYWHERE) -> Ints:
    """Return the cost of every set of lines (rows) at every location (columns), in cents.

    Or at some locations only. What is not allowed, the empty set included, costs exactly
    `FORBIDDEN`.
    """
    rates = choices.rates
    sets = subsets(len(choices.lines))
    charged = picked_by_set(choices.lines, sets)
    costs = _carriage(choices, sets)[:, choices.zone[at]]
    costs += rates.parcel[at]
    costs += sets.size[charged, None] * rates.line[at]
    if choices.added is not None:
        costs += choices.added.parcel[at]
        costs += sets.bits[charged] @ choices.added.line[:, at]
    np.minimum(costs, FORBIDDEN, out=costs)

    able = choices.able[:, at]
    stocked = sets.number[1 << np.arange(len(able))] @ able.astype(np.int64)
    costs[(sets.number[:, None] & ~stocked) != 0] = FORBIDDEN
    for group, held in zip(choices.shared, choices.held, strict=True):
        units = np.array([choices.lines[line].units for line in group])
        costs[(sets.bits[:, group] @ units)[:, None] > held[at]] = FORBIDDEN
    costs[0] = FORBIDDEN
    return costs


def fits_together(choices: Choices, packages: tuple[Package, ...]) -> bool:
    """Whether packages stay within each location's capacity and its stock of shared SKUs."""
    places = [package.at for package in packages]
    if not choices.shared and len(set(places)) == len(places):
        return True  # nobody shares anything: the usual case
    if any(places.count(at) > choices.parcels_left[at] for at in places):
        return False
    for group, held in zip(choices.shared, choices.held, strict=True):
        used: dict[int, int] = {}
        for package in packages:
            units = sum(choices.lines[line].units for line in package.lines if line in group)
            used[package.at] = used.get(package.at, 0) + units
        if any(units > held[at] for at, units in used.items()):
            return False
    return True


def cost_of(choices: Choices, packages: tuple[Package, ...]) -> int:
    """Return what the packages and the lines in none of them cost together."""
    shipped = {line for package in packages for line in package.lines}
    unfilled = (line for at, line in enumerate(choices.lines) if at not in shipped)
    return sum(package_cents(choices, package) for package in packages) + sum(
        line.unfilled_cents for line in unfilled
    )


def is_legal(choices: Choices, packages: tuple[Package, ...]) -> bool:
    """Whether the packages of a plan may all be made as stock and capacity stand."""
    means, is_open = choices, True
    if choices.ways and packages:
        way = way_of(choices, packages)
        means, is_open = way.choices, way.open
    each = all(means.able[line, package.at] for package in packages for line in package.lines)
    return is_open and each and fits_together(means, packages)


def way_of(choices: Choices, packages: tuple[Package, ...]) -> Way:
    """Return the way of a plan by transfers; it must hand something over."""
    handed = next(package for package in packages if package.to is None)
    return choices.way(handed.at, handed.window)


def placed(choices: Choices, packages: tuple[Package, ...]) -> tuple[Package, ...]:
    """Return the packages of a legal plan with the window that each falls in, if there are any."""
    if choices.slots is None or not packages:
        return packages
    slots, used = choices.slots, dict[int, int]()
    if choices.ways:
        means = way_of(choices, packages).choices
        assert means.slots is not None, "where there are windows every way has some"
        slots = means.slots
    return tuple(
        package
        if package.window is not None
        else replace(package, window=slots.room(package.at, used))
        for package in packages
    )


def order_plan(network: Network, choices: Choices, packages: tuple[Package, ...]) -> OrderPlan:
    """Put a plan into the words of the problem."""
    lines = choices.lines
    shipped = {line for package in packages for line in package.lines}
    left = [line for at, line in enumerate(lines) if at not in shipped]
    return OrderPlan(
        id=choices.order.id,
        parcels=tuple(
            _parcel_plan(network, choices, package) for package in placed(choices, packages)
        ),
        unfilled=whole_ids(left),
        cost_cents=cost_of(choices, packages),
        unfilled_units=units_of_parts(left),
    )


def _parcel_plan(network: Network, choices: Choices, package: Package) -> ParcelPlan:
    lines = [choices.lines[line] for line in package.lines]
    return ParcelPlan(
        location=network.ids[package.at],
        lines=whole_ids(lines),
        cents=package_cents(choices, package),
        to=None if package.to is None else network.ids[package.to],
        window=network.window_id(package.window),
        units=units_of_parts(lines),
    )


def picked_by_set(lines: Sequence[Line], sets: Subsets) -> Ints:
    """Return for every set that of the lines which are charged: of the parts of a line one."""
    charged = sets.number
    for line, before in enumerate(parts_before(lines)):
        if before:
            charged = charged & ~np.where(sets.number & before, 1 << line, 0)
    return charged


def package_cents(choices: Choices, package: Package) -> int:
    """Return what one package costs."""
    rates = choices.rates if package.to is None else choices.way(package.to).choices.rates
    charged, added = picked(choices.lines, package.lines), choices.added
    besides = 0 if added is None else added.of(charged, package.at)
    return besides + rates.package_cents(
        at=package.at,
        zone=int(choices.zone[package.at]),
        lines=len(charged),
        weight_g=sum(choices.lines[line].weight_g for line in package.lines),
    )


_POWERS = (1 << np.arange(MOST_COUNTED_LINES)).astype(np.float32)


def _carriage(choices: Choices, sets: Subsets) -> Ints:
    """Return the carriage of every set of lines by zone."""
    weights = sets.bits @ np.array([line.weight_g for line in choices.lines], dtype=np.int64)
    bands = choices.rates.max_weight_g.searchsorted(weights, side="left")
    carriage: Ints = choices.rates.carriage[bands]
    return carriage
