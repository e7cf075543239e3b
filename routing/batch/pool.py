"""All methods found so far: the columns of the master problem, in arrays that grow.

A method is known by its number. What method m takes of the limits stands in `limit` and `takes`
from `first[m]` to `first[m + 1]`, each limit once.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.batch.blocks import MOST_BLOCK_LINES, Block, Layout
from routing.batch.pricing import Methods
from routing.cost import Ints

_MIXER: Final = np.uint64(0x9E3779B97F4A7C15)
"""An odd number without pattern: 2⁶⁴ over the golden ratio."""


class Pool:
    """Methods with their cost in cents, their packages, and what they take.

    The cost includes what the units and parcels that they take are worth to others.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.slots = max((block.slots for block in layout.blocks), default=1)
        self.order = _ints(0)
        self.row = _ints(0)
        self.cents = _ints(0)
        self.sets = _ints(0, self.slots)
        self.at = _ints(0, self.slots)
        self.first = _ints(1)
        self.limit = _ints(0)
        self.takes = _ints(0)

    def __len__(self) -> int:
        return len(self.order)

    def add(self, additions: Sequence[Methods]) -> None:
        """Add methods, one group a block of the layout."""
        blocks = self.layout.blocks
        found = [
            _columns(self.layout, block, methods)
            for block, methods in zip(blocks, additions, strict=True)
        ]
        base, order, cents, sets, at = len(self), [self.order], [self.cents], [self.sets], [self.at]
        row = [self.row]
        who, limit, takes = [], [self.limit], [self.takes]
        counts = [np.diff(self.first)]
        for number, (block, methods) in enumerate(zip(blocks, additions, strict=True)):
            column = found[number]
            order.append(block.orders[methods.places])
            row.append(self.layout.first[number] + methods.places)
            cents.append(column.cents)
            sets.append(_widened(methods.sets, self.slots))
            at.append(_widened(methods.at, self.slots))
            who.append(column.who + base)
            limit.append(column.limit)
            takes.append(column.takes)
            counts.append(np.bincount(column.who, minlength=len(methods.places)))
        self.order, self.cents = np.concatenate(order), np.concatenate(cents)
        self.row = np.concatenate(row)
        self.sets, self.at = np.concatenate(sets), np.concatenate(at)
        self.limit, self.takes = np.concatenate(limit), np.concatenate(takes)
        self.first = np.concatenate([[0], np.cumsum(np.concatenate(counts))])

    def goods(self, method: int) -> tuple[Ints, Ints]:
        """Return which limits a method takes from, and how much."""
        part = slice(self.first[method], self.first[method + 1])
        return self.limit[part], self.takes[part]

    def packages(self, method: int) -> list[tuple[int, int]]:
        """Return a method's packages as (set of lines, location)."""
        pairs = zip(self.sets[method].tolist(), self.at[method].tolist(), strict=True)
        return [(part, at) for part, at in pairs if part]

    def package_cents(self, method: int, part: int, at: int) -> int:
        """Return what one package of a method costs, by its set of lines and location."""
        block, row = self._stand(method)
        return int(_package_cents(block, row, np.array([part]), np.array([at]))[0])

    def hand_over(self, method: int) -> tuple[int, int] | None:
        """Return the store to which a method's goods are sent, and what its hand-over costs."""
        block, row = self._stand(method)
        if block.supplies is None:
            return None
        return int(block.supplies.store[row[0]]), int(block.supplies.cents[row[0]])

    def _stand(self, method: int) -> tuple[Block, Ints]:
        """Return the block of a method's order, and its row there."""
        number = int(self.layout.block_of[self.order[method]])
        return self.layout.blocks[number], self.row[[method]] - self.layout.first[number]

    def charged(self, prices: Ints, scale: int) -> Ints:
        """Return each method's cost at these prices, in the parts of a cent that they are in."""
        owed = np.concatenate([[0], np.cumsum(prices[self.limit] * self.takes)])
        charged: Ints = self.cents * scale + owed[self.first[1:]] - owed[self.first[:-1]]
        return charged

    def beyond_cheapest(self, prices: Ints, scale: int) -> Ints:
        """Return by how much each method is dearer at these prices than the cheapest of its order.

        It is in the parts of a cent that the prices are in.
        """
        charged = self.charged(prices, scale)
        least = np.full(self.layout.orders, np.iinfo(np.int64).max)
        np.minimum.at(least, self.order, charged)
        beyond: Ints = charged - least[self.order]
        return beyond

    def nearest(self, beyond: Ints, *, most: int) -> Ints:
        """Return so many methods of every order, those the least beyond its cheapest one.

        The methods of one order come together, the least first.
        """
        ranked = np.lexsort((beyond, self.order))
        order = self.order[ranked]
        rank = np.arange(len(ranked)) - np.searchsorted(order, order)
        nearest: Ints = ranked[rank < most]
        return nearest

    def unknown(self, found: Sequence[Methods]) -> list[Methods]:
        """Return the methods that are not in the pool."""
        known = np.unique(_keys(self.row, self.sets, self.at))
        groups = []
        for first, methods in zip(self.layout.first, found, strict=False):
            keys = _keys(
                first + methods.places,
                _widened(methods.sets, self.slots),
                _widened(methods.at, self.slots),
            )
            nearest = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            groups.append(methods.only(np.flatnonzero(known[nearest] != keys)))
        return groups

    def entries(self, methods: Ints) -> tuple[Ints, Ints]:
        """Return the entries of some methods in sequence, and which of these each belongs to."""
        sizes = self.first[methods + 1] - self.first[methods]
        which = np.repeat(np.arange(len(methods)), sizes)
        before = np.cumsum(sizes) - sizes
        return self.first[methods][which] + np.arange(len(which)) - before[which], which

    def fitting(self, free: Ints, methods: Ints | None = None) -> NDArray[np.bool_]:
        """Return whether each method, or each of some, alone stays within what is left."""
        methods = np.arange(len(self)) if methods is None else methods
        entry, which = self.entries(methods)
        over = free[self.limit[entry]] < self.takes[entry]
        fits: NDArray[np.bool_] = np.bincount(which, weights=over, minlength=len(methods)) == 0
        return fits


class _Columns:
    """Methods of one block as columns: costs, and entries sorted by method."""

    def __init__(self, cents: Ints, who: Ints, limit: Ints, takes: Ints) -> None:
        self.cents, self.who, self.limit, self.takes = cents, who, limit, takes


def _columns(layout: Layout, block: Block, methods: Methods) -> _Columns:
    count, places = len(methods.places), methods.places
    goods = layout.goods
    cents, covered = _ints(count), _ints(count)
    who, limit, takes = [], [], []
    for slot in range(methods.sets.shape[1]):
        used = np.flatnonzero(methods.sets[:, slot])
        part, at = methods.sets[used, slot], methods.at[used, slot]
        cents[used] += _package_cents(block, places[used], part, at)
        covered[used] |= part
        sent = used if block.supplies is None else used[at != block.supplies.store[places[used]]]
        who.append(sent)
        limit.append(goods.parcels + methods.at[sent, slot])
        takes.append(np.ones(len(sent), dtype=np.int64))
        for line in range(block.lines):
            some = np.flatnonzero(part >> line & 1)
            wants = block.want[places[used[some]], line]
            for size in range(goods.want_rows.shape[1]):
                takes.append(goods.want_takes[wants, size])
                limit.append(goods.numbers[goods.want_rows[wants, size], at[some]].astype(np.int64))
                who.append(used[some])
    if block.supplies is not None:
        handed = np.flatnonzero(covered)
        cents[handed] += block.supplies.cents[places[handed]]
        who.append(handed)
        limit.append(goods.parcels + block.supplies.store[places[handed]])
        takes.append(np.ones(len(handed), dtype=np.int64))
    left = ((block.sets.full ^ covered)[:, None] >> np.arange(block.lines)) & 1
    cents += (left * block.unfilled[places]).sum(axis=1)
    entries = _merged(
        np.concatenate(who), np.concatenate(limit), np.concatenate(takes), len(goods.limits)
    )
    by, limits, units = entries
    np.add.at(cents, by, layout.values[limits] * units)
    return _Columns(cents, *entries)


def _package_cents(block: Block, places: Ints, part: Ints, at: Ints) -> Ints:
    column, charged = block.column(places, at), block.picked[part]
    picks, rates, supplies = block.sets.size[charged], block.rates, block.supplies
    cents: Ints
    if supplies is not None:
        cents = supplies.parcel[places, column] + picks * supplies.line[places, column]
    else:
        carriage = rates.carriage[block.band[places, part], block.zone[places, column]]
        cents = carriage + rates.parcel[at] + picks * rates.line[at]
    if block.added is not None:
        cents += block.added.of(places, charged, at)
    return cents


def _keys(row: Ints, sets: Ints, at: Ints) -> NDArray[np.uint64]:
    """Return one number for each method, whatever the sequence of its packages.

    Two methods may have the same by chance: then one that is new passes for known, which does no
    harm. Whole rows instead of numbers took minutes to compare with 50,000 orders.
    """
    packages = np.sort(np.where(sets > 0, (at << MOST_BLOCK_LINES) | sets, 0), axis=1)
    keys = row.astype(np.uint64)
    for column in packages.T.astype(np.uint64):
        keys = (keys ^ (keys >> np.uint64(29))) * _MIXER + column
    return keys


def _merged(who: Ints, limit: Ints, takes: Ints, limits: int) -> tuple[Ints, Ints, Ints]:
    """Sort entries by method, and add up what one method takes from one limit twice."""
    some = np.flatnonzero((takes > 0) & (limit < limits))
    codes, inverse = np.unique(who[some] * limits + limit[some], return_inverse=True)
    sums = np.bincount(inverse, weights=takes[some], minlength=len(codes)).astype(np.int64)
    return codes // limits, codes % limits, sums


def _widened(table: Ints, slots: int) -> Ints:
    return np.pad(table, ((0, 0), (0, slots - table.shape[1])))


def _ints(*shape: int) -> Ints:
    return np.zeros(shape, dtype=np.int64)
