"""Rules of thumb that other systems route by, to compare with and to fall back on.

Each visits locations in some order; a location visited takes every line still open that it has in
stock and that its parcel can carry, until nothing is open or the parcels are used up. Cost plays no
part. A pickup order is one parcel: the first location visited takes what it can.

- priority: locations as the problem lists them (ranked sources);
- nearest: locations by distance;
- fewest splits: always the location with most of the open lines, the nearest of equals.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np

from routing.candidates import Choices
from routing.cost import Ints
from routing.packages import Package

Rule: TypeAlias = Callable[[Choices], tuple[Package, ...]]


def priority(choices: Choices) -> tuple[Package, ...]:
    """Visit locations in the problem's order."""
    return _visit(choices, range(choices.able.shape[1]))


def nearest(choices: Choices) -> tuple[Package, ...]:
    """Visit the nearest location first; of equals the one listed first."""
    return _visit(choices, choices.chord.argsort(kind="stable").tolist())


def fewest_splits(choices: Choices) -> tuple[Package, ...]:
    """Visit the location with most of the open lines; of equals the nearest."""
    left = list(range(len(choices.lines)))
    packages: list[Package] = []
    unvisited = choices.able.copy()
    while len(packages) < choices.parcels and unvisited[left].any():
        counts: Ints = unvisited[left].sum(axis=0)
        most = np.flatnonzero(counts == counts.max())
        at = int(most[choices.chord[most].argmin()])
        unvisited[:, at] = False
        if loaded := load(choices, at, left):
            left = [line for line in left if line not in loaded]
            packages.append(Package(loaded, at))
    return in_line_order(packages)


def _visit(choices: Choices, places: Iterable[int]) -> tuple[Package, ...]:
    left = list(range(len(choices.lines)))
    packages: list[Package] = []
    useful = set(np.flatnonzero(choices.able.any(axis=0)).tolist())
    for at in places:
        if not left or len(packages) == choices.parcels:
            break
        if at in useful and (loaded := load(choices, at, left)):
            left = [line for line in left if line not in loaded]
            packages.append(Package(loaded, at))
    return in_line_order(packages)


def load(choices: Choices, at: int, left: list[int]) -> tuple[int, ...]:
    """Return the open lines that go into one parcel, taken in the order's sequence."""
    most_g = choices.rates.max_weight_g
    free = {
        group: int(units[at]) for group, units in zip(choices.shared, choices.held, strict=True)
    }
    loaded: list[int] = []
    weight_g = 0
    for position in left:
        line = choices.lines[position]
        group = next((group for group in free if position in group), None)
        heavier = weight_g + line.weight_g
        if not choices.able[position, at] or (len(most_g) and heavier > most_g[-1]):
            continue
        if group is not None:
            if line.units > free[group]:
                continue
            free[group] -= line.units
        loaded.append(position)
        weight_g = heavier
    return tuple(loaded)


def in_line_order(packages: Iterable[Package]) -> tuple[Package, ...]:
    """Return the packages by their first lines."""
    return tuple(sorted(packages, key=lambda package: package.lines))
