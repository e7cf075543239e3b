r"""What every other location would have cost: the best plan that uses it.

    through(l) = min over S of cost(S, l) + f(K - 1, all lines \ S)

with f from `routing.exact`. Where parcels may get in each other's way at a location, f is only a
lower bound and `routing.contested` finds the true figure.
"""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from routing.candidates import Choices
from routing.contested import Search
from routing.cost import FORBIDDEN, Ints
from routing.exact import floor_tables
from routing.packages import Package, cheapest_by_trying_all, cost_of, package_costs
from routing.subsets import members
from routing.ways import handed_over

Through: TypeAlias = Mapping[int, tuple[int, tuple[int, ...]]]
"""By location: the least cost of a plan that uses it, and the lines it takes in that plan."""


def costs_through(choices: Choices) -> Through:
    """Price every location that can serve, for an order within the exact engine's reach."""
    if choices.ways:
        return _through_ways(choices)
    costs = package_costs(choices)
    floors = _floors(choices)
    through = costs + floors[choices.parcels - 1][::-1, None]
    search = Search(choices, floors, costs) if _contestable(choices) else None

    found = {}
    for at in np.flatnonzero((through < FORBIDDEN).any(axis=0)).tolist():
        column = through[:, at]
        part = int(column.argmin())
        cost: tuple[int, int] | None = (int(column[part]), part)
        if search is not None:
            cost = _through(search, column, at)
        assert cost is not None, "a location able to ship a line can do so on its own"
        found[at] = (cost[0], members(cost[1]))
    return found


def best_through(choices: Choices, at: int) -> tuple[Package, ...] | None:
    """Return the cheapest plan that uses one location; None when it can serve no line."""
    if choices.ways:
        return _best_of_ways(choices, at)
    costs = package_costs(choices)
    best = costs.min(axis=1)
    best[0] = 0
    floors = floor_tables(choices, best, parcels=choices.parcels)
    column = costs[:, at] + floors[choices.parcels - 1][::-1]
    search = Search(choices, floors, costs)
    found = _through(search, column, at)
    if found is None:
        return None
    return tuple(sorted(search.packages, key=lambda package: package.lines))


def plan_through(choices: Choices, package: Package) -> tuple[Package, ...]:
    """Return the cheapest plan that has one given package, which must be allowed."""
    search = Search(choices, _floors(choices), package_costs(choices))
    search.cost_with(package)
    return tuple(sorted(search.packages, key=lambda found: found.lines))


def _through_ways(choices: Choices) -> Through:
    """Price every location that hands over or sends; a store is used by all plans of its way."""
    found: dict[int, tuple[int, tuple[int, ...]]] = {}
    for way in choices.ways:
        inside = dict(costs_through(way.choices))
        if inside:
            least = min(cost for cost, _ in inside.values())
            own = inside.get(way.at, (FORBIDDEN, ()))
            inside[way.at] = own if own[0] == least else (least, ())
        for at, (cost, lines) in inside.items():
            if at not in found or cost + way.cents < found[at][0]:
                found[at] = (cost + way.cents, lines)
    return found


def _best_of_ways(choices: Choices, at: int) -> tuple[Package, ...] | None:
    plans = []
    for way in choices.ways:
        inside = costs_through(way.choices)
        first = min(inside, key=lambda one: inside[one][0], default=None) if way.at == at else at
        packages = None if first is None else best_through(way.choices, first)
        if packages is not None:
            plans.append(handed_over(packages, way))
    return min(plans, key=lambda packages: cost_of(choices, packages), default=None)


def _floors(choices: Choices) -> list[Ints]:
    best = cheapest_by_trying_all(choices) >> choices.rates.shift
    return floor_tables(choices, best, parcels=choices.parcels)


def _contestable(choices: Choices) -> bool:
    """Whether two parcels at one location could get in each other's way."""
    able = choices.able.any(axis=0)
    scarce = able & (choices.parcels_left < choices.parcels)
    return bool(choices.shared) or bool(scarce.any())


def _through(search: Search, bounds: Ints, at: int) -> tuple[int, int] | None:
    """Return the least cost of a plan with a package at one location, and the package's lines."""
    best: tuple[int, int] | None = None
    for part in np.argsort(bounds, kind="stable").tolist():
        below = best[0] if best else FORBIDDEN
        if bounds[part] >= below:
            break
        cost = search.cost_with(Package(members(part), at), below=below)
        if cost is not None:
            best = (cost, part)
    return best
