"""Costs beside carriage and handling, laid out in arrays.

    added(S, l) = Σ rows of the order [l] + Σ_{i ∈ S} Σ rows of line i [l]

for a package of the lines S from location l. A problem states them row by row, named by the reason;
`routing.terms` makes such rows. Where nothing is added there are no arrays, and nothing to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing.cost import Ints
from routing.problem import Added, Line, Order, Problem

Cents = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a problem: each one's term, and its cents by location."""

    terms: tuple[str, ...]
    cents: Cents

    def total(self, rows: tuple[int, ...]) -> Ints:
        """Return some rows' cents together, by location."""
        total: Ints = self.cents[list(rows)].sum(axis=0, dtype=np.int64)
        return total


@dataclass(frozen=True, slots=True)
class Surcharge:
    """What one order is charged besides: `parcel[l]` for each package, `line[i, l]` for line i."""

    parcel: Ints
    line: Ints

    def of(self, lines: tuple[int, ...], at: int) -> int:
        """Return the part of one package."""
        return int(self.parcel[at]) + int(self.line[list(lines), at].sum())

    def only(self, lines: Sequence[int]) -> "Surcharge":
        """Return the same for some of the lines."""
        return Surcharge(self.parcel, self.line[list(lines)])

    def without_parcel(self, at: int) -> "Surcharge":
        """Return the same where a parcel of one location is charged nothing."""
        parcel = self.parcel.copy()
        parcel[at] = 0
        return Surcharge(parcel, self.line)


@dataclass(frozen=True, slots=True)
class Surcharges:
    """What many orders of one length are charged besides.

    `parcel[o]` and `line[o, i]` are rows of `cents`, which has every sum of rows that occurs once;
    row 0 is the sum of none. Its columns are locations, or windows where some location has several.
    """

    cents: Cents
    parcel: NDArray[np.int32]
    line: NDArray[np.int32]

    def of(self, places: Ints, parts: Ints, at: Ints) -> Ints:
        """Return the part of one package of each of some orders: a set of lines at a location."""
        total = self.cents[self.parcel[places], at].astype(np.int64)
        for line in range(self.line.shape[1]):
            total += (parts >> line & 1) * self.cents[self.line[places, line], at]
        return total

    def of_orders(self, places: Ints) -> "Surcharges":
        """Return the same for some of the orders, each as often as it is given."""
        return Surcharges(self.cents, self.parcel[places], self.line[places])

    def of_lines(self) -> "Surcharges":
        """Return the same where nothing is charged for parcels."""
        return Surcharges(self.cents, np.zeros_like(self.parcel), self.line)

    def by_window(self, location: Ints) -> "Surcharges":
        """Return the same with a column for each window, given the location of each."""
        return Surcharges(self.cents[:, location], self.parcel, self.line)


def rows_of(added: Sequence[Added], index: dict[str, int]) -> Rows | None:
    """Lay rows out by the positions of the locations; None where there are none."""
    if not added:
        return None
    cents = np.zeros((len(added), len(index)), dtype=np.int32)
    for number, row in enumerate(added):
        cents[number, [index[place] for place in row.cents]] = list(row.cents.values())
    return Rows(tuple(row.term for row in added), cents)


def surcharge(rows: Rows, order: Order) -> Surcharge | None:
    """Return what an order is charged besides; None if it names no row."""
    if not order.added and not any(line.added for line in order.lines):
        return None
    line = np.stack([rows.total(line.added) for line in order.lines])
    return Surcharge(rows.total(order.added), line)


def surcharges(rows: Rows, orders: Sequence[Order]) -> Surcharges | None:
    """Return what orders of one length are charged besides; None if none of them names a row."""
    numbers: dict[tuple[int, ...], int] = {(): 0}
    parcel = [numbers.setdefault(order.added, len(numbers)) for order in orders]
    line = [
        [numbers.setdefault(one.added, len(numbers)) for one in order.lines] for order in orders
    ]
    if len(numbers) == 1:
        return None
    return Surcharges(
        cents=np.stack([rows.total(some) for some in numbers]).astype(np.int32),
        parcel=np.array(parcel, dtype=np.int32),
        line=np.array(line, dtype=np.int32),
    )


def without(problem: Problem, term: str) -> Problem:
    """Return a problem in which the rows of one term charge nothing."""
    rows = (Added(term, {}) if row.term == term else row for row in problem.added)
    return replace(problem, added=tuple(rows))


def by_term(rows: Rows, order: Order, lines: Sequence[Line], at: int) -> dict[str, int]:
    """Return what each term adds to one package; terms that add nothing are left out."""
    found: dict[str, int] = {}
    for row in [*order.added, *(row for line in lines for row in line.added)]:
        if cents := int(rows.cents[row, at]):
            found[rows.terms[row]] = found.get(rows.terms[row], 0) + cents
    return found
