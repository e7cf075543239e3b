"""Decide one order exactly where two of its parcels may get in each other's way at a location.

A depth-first search over partitions of the lines, cut off by the tables of `routing.exact`, which
ignore the conflict and are therefore lower bounds. Each set of lines need only consider its K
cheapest locations, K being the most parcels: the other parcels stand at K - 1 locations at most, so
one of those K is free of them, and moving the parcel there costs no more and disturbs nobody.
"""

import numpy as np

from routing.candidates import Choices
from routing.cost import FORBIDDEN, Ints
from routing.packages import Package, fits_together, package_costs
from routing.subsets import members, set_of, subsets


def cheapest_legal(choices: Choices, floors: list[Ints]) -> tuple[int, tuple[Package, ...]]:
    """Return the least cost and its packages; `floors[k][S]` bound the cost of S in k parcels."""
    search = Search(choices, floors, package_costs(choices))
    cost = search.cost_with(None)
    assert cost is not None, "leaving every line unfilled is always legal"
    return cost, search.packages


class Search:
    """One order's shortlists, and the best plan found so far."""

    def __init__(self, choices: Choices, floors: list[Ints], costs: Ints) -> None:
        self.choices = choices
        self.packages: tuple[Package, ...] = ()
        self._floors = [floor.tolist() for floor in floors]
        self._costs = costs
        self._sets = subsets(len(choices.lines))
        self._shortlists: dict[int, list[tuple[int, int]]] = {}
        self._best = FORBIDDEN

    def cost_with(self, first: Package | None, *, below: int = FORBIDDEN) -> int | None:
        """Return the least cost of a plan that has one given package, if it is under a ceiling."""
        self._best, spent, left = below, 0, self._sets.full
        placed: tuple[Package, ...] = ()
        if first is not None:
            part = set_of(first.lines)
            placed, left, spent = (first,), left ^ part, int(self._costs[part, first.at])
        self._extend(left, spent, placed)
        return self._best if self._best < below else None

    def _extend(self, left: int, spent: int, placed: tuple[Package, ...]) -> None:
        """Decide the first line left: unfilled, or in a package with some of the others."""
        parcels = self.choices.parcels - len(placed)
        if spent + self._floors[parcels][left] >= self._best:
            return
        if not left or not parcels:
            self._best, self.packages = spent + self._floors[0][left], placed
            return
        for least, part in self._options(left, parcels):
            if spent + least >= self._best:
                return
            if not part:
                first = left & -left
                self._extend(left ^ first, spent + self._floors[0][first], placed)
                continue
            for cents, at in self._shortlist(part):
                grown = (*placed, Package(members(part), at))
                if fits_together(self.choices, grown):
                    self._extend(left ^ part, spent + cents, grown)

    def _options(self, left: int, parcels: int) -> list[tuple[int, int]]:
        """Return what may become of the first line with a lower bound each, cheapest first."""
        first = left & -left
        unfilled = self._floors[0][first] + self._floors[parcels][left ^ first]
        options = [(unfilled, 0)]
        for part in self._sets.part[self._sets.splits(left)].tolist():
            shortlist = self._shortlist(part) if part & first else None
            if shortlist:
                least = shortlist[0][0] + self._floors[parcels - 1][left ^ part]
                options.append((least, part))
        return sorted(options)

    def _shortlist(self, part: int) -> list[tuple[int, int]]:
        """Return the cheapest (cents, location) of a set, as many as there may be parcels."""
        if part not in self._shortlists:
            row = self._costs[part]
            order = np.argsort(row, kind="stable")[: self.choices.parcels]
            self._shortlists[part] = [
                (int(row[at]), int(at)) for at in order if row[at] < FORBIDDEN
            ]
        return self._shortlists[part]
