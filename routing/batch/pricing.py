"""Find the cheapest method of every order of a block when stock and parcels have prices.

A package of the lines S from location l is charged its own cost, the price of a parcel there and
the prices of the units it takes:

    c(S, l) = carriage[band(S), zone(l)] + handling[l] + parcel price[l]
              + Σ_{i ∈ S} (picking[l] + price of the want i at l)
              + what is added to the parcel and to its lines there

The least c(S, l) over l for every S, then the partition of the lines into at most K packages, are
those of `routing.exact`, for all orders of a block at once. Two packages at one location are
priced as if they were alone: what they may not share, the rows of the master problem forbid.

Prices and costs are whole numbers of 1/SCALE cent, so that the sums, and with them the bound, are
exact:  Σ over orders of the cheapest method  -  Σ over limits of price · limit  ≤  any plan.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from operator import mul
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from routing.added import Surcharges
from routing.batch.blocks import Block, Layout, Supplies
from routing.cost import Ints
from routing.network import UNLIMITED

SCALE: Final = 64
"""Prices are counted in this part of a cent."""

NEVER: Final = 1 << 55
"""What a package that is not allowed costs, in 1/SCALE cent."""

_WORKERS: Final = 2
"""Threads that price at the same time; the answer does not depend on them."""

_Lines: TypeAlias = tuple[list[NDArray[np.integer[Any]]], list[NDArray[np.integer[Any]]]]

T = TypeVar("T")

_CELLS: Final = 1 << 18
"""How many (order, column) pairs are priced at once: their arrays stay in the cache."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What each limit costs, in 1/SCALE cent; and so each want, and a parcel, at each location.

    The prices of wants and parcels include what units and parcels are worth to others.
    """

    limits: NDArray[np.integer[Any]]
    wants: NDArray[np.integer[Any]]
    parcels: NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Methods:
    """One method for each of some orders of a block: lines by set and their location.

    `sets[o, p]` is 0 where a method has fewer packages. `charged` is in 1/SCALE cent.
    """

    places: Ints
    sets: Ints
    at: Ints
    charged: Ints

    def only(self, some: Ints) -> "Methods":
        """Return those at some positions."""
        return Methods(self.places[some], self.sets[some], self.at[some], self.charged[some])


def whole(layout: Layout, cents: NDArray[np.float64]) -> Prices:
    """Round prices in cents to whole parts of a cent; none where there is no limit.

    They are cut off where no order would pay them, so that their sums fit into the type.
    """
    goods, kind = layout.goods, _cell_type(layout)
    most = most_cents(layout)
    kept = np.where(goods.limits >= UNLIMITED, 0.0, np.clip(cents, 0.0, most))
    parts = np.rint(kept * SCALE).astype(kind)
    paid = parts + (layout.values * SCALE).astype(kind)
    wants = np.minimum(goods.price_of_wants(paid), kind(_high(kind)))
    return Prices(parts, wants, paid[goods.parcels :])


def most_cents(layout: Layout) -> int:
    """Return the most that a price, or a value to others, may be: no order would pay it."""
    return _high(_cell_type(layout)) // (2 * SCALE * int(layout.goods.want_units.max(initial=1)))


def lower_bound(layout: Layout, prices: Prices, charged: int) -> int:
    """Return a proven bound in cents from the sum of all orders' cheapest methods."""
    priced = np.flatnonzero(prices.limits)
    each = prices.limits[priced].astype(np.int64).tolist()
    owed: int = sum(map(mul, each, layout.goods.limits[priced].tolist()))
    bound: int = -((owed - charged) // SCALE)
    return bound


def sweep(
    layout: Layout,
    prices: Prices,
    *,
    free: Ints | None = None,
    among: NDArray[np.bool_] | None = None,
) -> list[Methods]:
    """Return the cheapest methods of all orders, or of those `among` them, one group a block.

    With `free`, only what is left of the limits may be used.
    """
    wanted = [
        np.arange(len(block.orders)) if among is None else np.flatnonzero(among[block.orders])
        for block in layout.blocks
    ]
    left = None if free is None else Left(layout, free)
    jobs = []
    for block, places in zip(layout.blocks, wanted, strict=True):
        cells = Cells(block, prices, left)
        jobs.append([partial(cells.price, places[some]) for some in chunks(block, len(places))])
    flat = [job for of_block in jobs for job in of_block]
    found = iter(at_once(flat))
    return [
        _together(block, [next(found) for _ in of_block])
        for block, of_block in zip(layout.blocks, jobs, strict=True)
    ]


def _together(block: Block, parts: Sequence[Methods]) -> Methods:
    if not parts:
        none = np.zeros((0, block.slots), dtype=np.int64)
        return Methods(none[:, 0], none, none, none[:, 0])
    methods = Methods(
        np.concatenate([part.places for part in parts]),
        sets=np.concatenate([part.sets for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        charged=np.concatenate([part.charged for part in parts]),
    )
    return methods if block.supplies is None else one_each(block, methods)


def one_each(block: Block, methods: Methods) -> Methods:
    """Return the cheapest method of each order where it may have one by every store."""
    order = block.orders[methods.places]
    ranked = np.lexsort((methods.places, methods.charged, order))
    _, first = np.unique(order[ranked], return_index=True)
    return methods.only(np.sort(ranked[first]))


def chunks(block: Block, orders: int) -> list[slice]:
    """Cut so many orders of a block into pieces whose arrays stay in the cache."""
    step = max(1, _CELLS // max(block.able.shape[1], len(block.sets.part)))
    return [slice(first, first + step) for first in range(0, orders, step)]


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Do several jobs at the same time; for a single one no threads are started."""
    if len(jobs) < 2:
        return [job() for job in jobs]
    with ThreadPoolExecutor(_WORKERS) as pool:  # NumPy lets go of the interpreter meanwhile
        return list(pool.map(lambda job: job(), jobs))


class Left:
    """What is left of the limits, so that it can be looked up by SKU and location."""

    def __init__(self, layout: Layout, free: Ints) -> None:
        self._goods, self._units = layout.goods, np.append(free, 0)  # nothing where no limit is
        self.open = free[layout.goods.parcels :] > 0

    def units(self, rows: Ints, at: Ints) -> Ints:
        """Return the units left of some rows of stock at some locations."""
        found: Ints = self._units[self._goods.numbers[rows, at]]
        return found


class Cells:
    """What is common to all orders of a block: prices and rates as numbers of one type."""

    def __init__(self, block: Block, prices: Prices, left: Left | None = None) -> None:
        self.block, self.prices, self.left = block, prices, left
        self.type = prices.limits.dtype
        self.high = self.type.type(_high(self.type.type))
        rates, self.most = block.rates, _high(self.type.type) // SCALE
        self.carriage = (np.minimum(rates.carriage, self.most) * SCALE).astype(self.type)
        parcel = np.minimum(rates.parcel, self.most) * SCALE + prices.parcels
        self.parcel = parcel.astype(self.type)
        self.picking = (np.minimum(rates.line, self.most) * SCALE).astype(self.type)

    def price(self, places: Ints) -> Methods:
        """Return the cheapest methods of a few orders."""
        costs, at = self._packages(places)
        charged, sets = _partition(self.block, places, costs)
        if self.block.supplies is not None:
            charged, sets = self._handed_over(self.block.supplies, places, charged, sets)
        return Methods(places, sets, np.take_along_axis(at, sets, axis=1), charged)

    def _handed_over(
        self, supplies: Supplies, places: Ints, charged: Ints, sets: Ints
    ) -> tuple[Ints, Ints]:
        """Charge the hand-over, or hand nothing over if that is no dearer."""
        store = supplies.store[places]
        charged = charged + supplies.cents[places] * SCALE + self.prices.parcels[store]
        nothing = self.block.unfilled[places].sum(axis=1) * SCALE
        kept = charged < nothing
        return np.where(kept, charged, nothing), np.where(kept[:, None], sets, 0)

    def _lines(self, places: Ints, at: Ints) -> _Lines:
        """Return what each line is charged at each column, alone and beside a part of the same."""
        able, picking, added = self._able(places, at), self._picking(places, at), self.block.added
        alone, again = [], []
        for line in range(self.block.lines):
            cents = self.prices.wants[self.block.want[places, line, None], at]
            unable = (able >> np.uint8(line)) & 1 == 0
            units = np.where(unable, self.high, cents) if self.block.again[line] else None
            cents += picking
            if added is not None:
                cents += self._besides(added, added.line[places, line], at)
            cents[unable] = self.high
            alone.append(cents)
            again.append(cents if units is None else units)
        return alone, again

    def _parcels(self, places: Ints, at: Ints) -> NDArray[np.integer[Any]]:
        """Return what a parcel is charged at each column."""
        supplies, added = self.block.supplies, self.block.added
        if supplies is not None:
            sent = at != supplies.store[places, None]
            cents = np.minimum(supplies.parcel[places], self.most) * SCALE
            return (cents + np.where(sent, self.prices.parcels[at], 0)).astype(self.type)
        parcels: NDArray[np.integer[Any]] = self.parcel[at]
        if added is not None:
            parcels = parcels + self._besides(added, added.parcel[places], at)
        return parcels

    def _picking(self, places: Ints, at: Ints) -> NDArray[np.integer[Any]]:
        """Return what every line is charged at each column."""
        supplies = self.block.supplies
        if supplies is None:
            return self.picking[at]
        return (np.minimum(supplies.line[places], self.most) * SCALE).astype(self.type)

    def _besides(
        self, added: Surcharges, rows: NDArray[np.int32], at: Ints
    ) -> NDArray[np.integer[Any]]:
        """Return what is added at each column, by one row of sums for each order."""
        cents = added.cents[rows[:, None], at].astype(self.type)
        kept: NDArray[np.integer[Any]] = np.minimum(cents, self.most) * SCALE
        return kept

    def _able(self, places: Ints, at: Ints) -> NDArray[np.uint8]:
        able = self.block.able[places]
        if self.left is None:
            return able
        now, is_open = np.zeros_like(able), self.left.open[at]
        if self.block.supplies is not None:
            is_open &= self.left.open[self.block.supplies.store[places], None]
        for line in range(self.block.lines):
            left = self.left.units(self.block.rows[places, line, None], at)
            held = left >= self.block.units[places, line, None]
            now |= (held & is_open).astype(np.uint8) << np.uint8(line)
        return able & now

    def totals(self, places: Ints) -> Iterator[tuple[int, NDArray[np.integer[Any]]]]:
        """Yield every set of lines with its cost at each column; `high` or more: not allowed."""
        block, at = self.block, self.block.at[places].astype(np.int64)
        alone, again = self._lines(places, at)
        zones = block.zone[places].astype(np.intp)
        zones += (np.arange(len(places)) * self.carriage.shape[1])[:, None]
        handling = [self._parcels(places, at)]
        for number in range(1, block.sets.full + 1):
            top = number.bit_length() - 1
            lines = again if number & block.again[top] else alone
            grown = handling[number ^ (1 << top)] + lines[top]
            np.minimum(grown, self.high, out=grown)
            handling.append(grown)
            total = self.carriage[block.band[places, number]].ravel()[zones]
            total += grown
            yield number, total

    def _packages(self, places: Ints) -> tuple[Ints, Ints]:
        """Return the least cost of every set of lines, and where."""
        block, every = self.block, np.arange(len(places))
        costs = np.zeros((len(places), block.sets.full + 1), dtype=np.int64)
        where = np.zeros_like(costs)
        for number, total in self.totals(places):
            best = total.argmin(axis=1)
            least = total[every, best].astype(np.int64)
            where[:, number] = block.at[places, best]
            costs[:, number] = np.where(least < self.high, least, NEVER)
        return costs, where


def _partition(block: Block, places: Ints, costs: Ints) -> tuple[Ints, Ints]:
    """Return what the cheapest partition of each order's lines costs, and its sets."""
    sets, most = block.sets, block.slots
    floors = [block.unfilled[places] @ sets.bits.T * SCALE]
    for _ in range(most):
        sums = costs[:, sets.part] + floors[-1][:, sets.rest]
        floors.append(np.minimum.reduceat(sums, sets.start, axis=1))
    parcels = block.parcels[places]
    left = np.full(len(places), sets.full)
    charged = np.stack(floors)[parcels, np.arange(len(places)), left]
    parts = np.zeros((len(places), most), dtype=np.int64)
    for slot in range(most):
        kinds, kind_of = np.unique(left * (most + 1) + parcels, return_inverse=True)
        for kind, code in enumerate(kinds.tolist()):
            whole, remaining = divmod(code, most + 1)
            if whole and remaining:
                some = np.flatnonzero(kind_of == kind)
                splits = sets.splits(whole)
                sums = costs[some[:, None], sets.part[splits]]
                sums += floors[remaining - 1][some[:, None], sets.rest[splits]]
                parts[some, slot] = sets.part[splits][sums.argmin(axis=1)]
        left -= parts[:, slot]
        parcels = np.maximum(parcels - 1, 0)
    return charged, parts


def _cell_type(layout: Layout) -> type[np.int32] | type[np.int64]:
    """Return the smaller type if no order can cost more than it holds."""
    dearest = max(
        (int(block.unfilled.sum(axis=1).max(initial=0)) for block in layout.blocks), default=0
    )
    return np.int32 if dearest * SCALE < _high(np.int32) // 8 else np.int64


def _high(kind: type[np.integer[Any]]) -> int:
    """Return a cost that nothing real reaches and that can be added up twice."""
    return 1 << 28 if kind is np.int32 else 1 << 50
