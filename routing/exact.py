r"""Decide one order of a few lines exactly, by dynamic programming over sets of its lines.

    best(S)  = the least cost of a package of the lines S at any location that may take it
    f(0, S)  = Σ unfilled price of the lines in S
    f(k, S)  = min over T ⊆ S of best(T) + f(k - 1, S \ T),   best(∅) = 0

f(K, all lines) is the least cost with at most K parcels, each charged as if it were alone. Only two
parcels at one location can make that untrue: they may want the same units (two lines of one SKU) or
its last parcel of capacity. Then `routing.contested` goes on from these tables, which stay lower
bounds. Of equal plans the one with fewer parcels wins, then the location that comes first.
"""

from typing import Final

import numpy as np

from routing.candidates import Choices
from routing.contested import cheapest_legal
from routing.cost import MOST_COUNTED_LINES, Ints
from routing.packages import (
    Outcome,
    Package,
    cheapest_by_stock,
    cheapest_by_trying_all,
    fits_together,
)
from routing.plan import Engine
from routing.subsets import members, subsets
from routing.ways import by_best_way

EXACT_LINES: Final = MOST_COUNTED_LINES
"""The longest order this engine takes."""


def solve(choices: Choices) -> Outcome:
    """Find the cheapest plan; it is proven so."""
    assert len(choices.lines) <= EXACT_LINES, "too many lines for the exact engine"
    if choices.ways:
        return by_best_way(choices, solve)
    plain = not choices.shared and (choices.added is None or not choices.added.line.any())
    codes = cheapest_by_stock(choices) if plain else cheapest_by_trying_all(choices)
    costs = codes >> choices.rates.shift
    floors = floor_tables(choices, costs, parcels=choices.parcels - 1)
    cost, parts = _partition(costs, floors)
    located = (1 << choices.rates.shift) - 1
    packages = tuple(Package(members(part), int(codes[part]) & located) for part in parts)
    if not fits_together(choices, packages):
        floors = floor_tables(choices, costs, parcels=choices.parcels)
        cost, packages = cheapest_legal(choices, floors)
    return Outcome(packages, cost_cents=cost, bound_cents=cost, engine=Engine.EXACT)


def floor_tables(choices: Choices, costs: Ints, *, parcels: int) -> list[Ints]:
    """Return f(k, S) for k from 0 to `parcels`, given best(S)."""
    sets = subsets(len(choices.lines))
    prices = np.array([line.unfilled_cents for line in choices.lines], dtype=np.int64)
    floors = [sets.bits @ prices]
    for _ in range(parcels):
        sums = costs[sets.part] + floors[-1][sets.rest]
        floors.append(np.minimum.reduceat(sums, sets.start))
    return floors


def _partition(costs: Ints, floors: list[Ints]) -> tuple[int, list[int]]:
    """Return f(K, all lines), K being one more than the tables go, and the sets that reach it."""
    sums = costs + floors[-1][::-1]  # all lines but S has the number `full - S`
    part = int(sums.argmin())
    cost, left = int(sums[part]), len(costs) - 1 - part
    parts = [part]
    sets = subsets(len(costs).bit_length() - 1)
    for floor in reversed(floors[:-1]):
        splits = sets.splits(left)
        sums = costs[sets.part[splits]] + floor[sets.rest[splits]]
        part = int(sets.part[splits][sums.argmin()])
        parts.append(part)
        left -= part
    return cost, sorted((part for part in parts if part), key=lambda part: part & -part)
