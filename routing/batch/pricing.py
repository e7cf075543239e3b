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

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import mul
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from routing.added import Surcharges
from routing.batch.layout import Block, Layout, Supplies
from routing.cost import Ints
from routing.network import UNLIMITED

SCALE: Final = 64
"""Prices are counted in this part of a cent."""

NEVER: Final = 1 << 55
"""What a package that is not allowed costs, in 1/SCALE cent."""

_WORKERS: Final = 2
"""Threads that price at the same time; the answer does not depend on them."""

T = TypeVar("T")

Own: TypeAlias = Mapping[int, Sequence[tuple[int, int]]]
"""What orders have now: by place in the block, packages as (set of lines, location)."""

_Lines: TypeAlias = tuple[list[NDArray[np.integer[Any]]], list[NDArray[np.integer[Any]]]]

_CELLS: Final = 1 << 18
"""How many (order, location) pairs are priced at once: their arrays stay in the cache."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What each limit costs, in 1/SCALE cent; and so each want, and a parcel, at each location."""

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
    high = _high(kind)
    most = high // (SCALE * int(goods.want_units.max(initial=1)))
    kept = np.where(goods.limits >= UNLIMITED, 0.0, np.clip(cents, 0.0, most))
    parts = np.rint(kept * SCALE).astype(kind)
    wants = np.minimum(goods.price_of_wants(parts), kind(high))
    return Prices(parts, wants, parts[goods.parcels :])


def lower_bound(layout: Layout, prices: Prices, charged: int) -> int:
    """Return a proven bound in cents from the sum of all orders' cheapest methods."""
    priced = np.flatnonzero(prices.limits)
    each = prices.limits[priced].astype(np.int64).tolist()
    owed: int = sum(map(mul, each, layout.goods.limits[priced].tolist()))
    bound: int = -((owed - charged) // SCALE)
    return bound


def cheapest(
    layout: Layout,
    block: Block,
    prices: Prices,
    *,
    places: Ints | None = None,
    free: Ints | None = None,
    own: Own | None = None,
) -> Methods:
    """Return the cheapest method of some orders of a block, of all by default.

    With `free`, only what is left of the limits may be used; with `own` besides what each order
    has now.
    """
    places = np.arange(len(block.orders)) if places is None else places
    if not len(places):
        none = np.zeros((0, block.slots), dtype=np.int64)
        return Methods(places, none, none, np.zeros(0, dtype=np.int64))
    cells = Cells(layout, block, prices, free)
    parts = in_pieces(block, len(places), lambda some: cells.price(places[some], own))
    methods = Methods(
        places,
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


def in_pieces(block: Block, orders: int, work: Callable[[slice], T]) -> list[T]:
    """Do some work for so many orders of a block, cut so that its arrays stay in the cache.

    What is one piece is done at once: threads are started for more alone.
    """
    step = max(1, _CELLS // max(1, block.able.shape[1]))
    pieces = [slice(first, first + step) for first in range(0, orders, step)]
    if len(pieces) < 2:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(_WORKERS) as pool:  # NumPy lets go of the interpreter meanwhile
        return list(pool.map(work, pieces))


class Cells:
    """What is common to all orders of a block: prices and rates as numbers of one type."""

    def __init__(
        self, layout: Layout, block: Block, prices: Prices, free: Ints | None = None
    ) -> None:
        self.block, self.prices = block, prices
        self.type = prices.limits.dtype
        self.high = self.type.type(_high(self.type.type))
        rates, self.most = block.rates, _high(self.type.type) // SCALE
        self.carriage = (np.minimum(rates.carriage, self.most) * SCALE).astype(self.type)
        parcel = np.minimum(rates.parcel, self.most) * SCALE + prices.parcels
        self.parcel = parcel.astype(self.type)
        self.picking = (np.minimum(rates.line, self.most) * SCALE).astype(self.type)
        self.left: NDArray[np.int32] | None = None
        if free is not None:
            self.left = layout.goods.by_place(layout.goods.dense(free))
            self.open = free[layout.goods.parcels :] > 0

    def price(self, places: Ints, own: Own | None) -> Methods:
        """Return the cheapest methods of a few orders."""
        costs, at = self._packages(places, own)
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

    def _parcel(self, places: Ints) -> NDArray[np.integer[Any]]:
        """Return what a parcel is charged at each column, one row for all orders or one each."""
        at, added, supplies = self.block.columns_at(places), self.block.added, self.block.supplies
        if supplies is None:
            everywhere: NDArray[np.integer[Any]] = self.parcel[at]
            if added is None:
                return everywhere
            return everywhere + self._besides(added, added.parcel[places], at)
        sent = at != supplies.store[places, None]
        cents = np.minimum(supplies.parcel[places], self.most) * SCALE
        charged: NDArray[np.integer[Any]] = cents + np.where(sent, self.prices.parcels[at], 0)
        return charged.astype(self.type)

    def _picking(self, places: Ints, at: Ints) -> NDArray[np.integer[Any]]:
        """Return what every line is charged at each column."""
        supplies = self.block.supplies
        if supplies is None:
            return self.picking[at]
        cents = np.minimum(supplies.line[places], self.most) * SCALE
        charged: NDArray[np.integer[Any]] = cents.astype(self.type)
        return charged

    def _lines(self, places: Ints, own: Own | None) -> _Lines:
        """Return what each line is charged at each column, alone and beside a part of the same."""
        able, at = self._able(places, own), self.block.columns_at(places)
        picking, added = self._picking(places, at), self.block.added
        alone, again = [], []
        for line in range(self.block.lines):
            want = self.block.want[places, line]
            prices = self.prices.wants
            units = prices[want] if self.block.at is None else prices[want[:, None], at]
            cents = units + picking
            if added is not None:
                cents += self._besides(added, added.line[places, line], at)
            unable = (able >> np.uint8(line)) & 1 == 0
            cents[unable] = self.high
            alone.append(cents)
            again.append(np.where(unable, self.high, units) if self.block.again[line] else cents)
        return alone, again

    def _besides(
        self, added: Surcharges, rows: NDArray[np.int32], at: Ints
    ) -> NDArray[np.integer[Any]]:
        """Return what is added at each column, by one row of sums for each order."""
        cents = added.cents[rows] if self.block.at is None else added.cents[rows[:, None], at]
        kept: NDArray[np.integer[Any]] = np.minimum(cents.astype(self.type), self.most) * SCALE
        return kept

    def _able(self, places: Ints, own: Own | None) -> NDArray[np.uint8]:
        able = self.block.able[places]
        if self.left is None:
            return able
        now, at = np.zeros_like(able), self.block.columns_at(places)
        is_open = self.open[at]
        if self.block.supplies is not None:
            is_open = is_open & self.open[self.block.supplies.store[places], None]
        for line in range(self.block.lines):
            rows = self.block.rows[places, line]
            left = self.left[rows] if self.block.at is None else self.left[rows[:, None], at]
            held = left >= self.block.units[places, line, None]
            now |= (held & is_open).astype(np.uint8) << np.uint8(line)
        if own is not None:
            for number, place in enumerate(places.tolist()):
                for part, where in own.get(place, ()):
                    now[number, np.flatnonzero(at[number % len(at)] == where)] |= part
        return able & now

    def totals(
        self, places: Ints, own: Own | None = None
    ) -> Iterator[tuple[int, NDArray[np.integer[Any]]]]:
        """Yield every set of lines with its cost at each column; `high` or more: not allowed."""
        block, count, (alone, again) = self.block, len(places), self._lines(places, own)
        zones = block.zone[places].astype(np.intp)
        zones += (np.arange(count) * self.carriage.shape[1])[:, None]
        handling = [np.broadcast_to(self._parcel(places), zones.shape)]
        for number in range(1, block.sets.full + 1):
            top = number.bit_length() - 1
            lines = again if number & block.again[top] else alone
            grown = handling[number ^ (1 << top)] + lines[top]
            np.minimum(grown, self.high, out=grown)
            handling.append(grown)
            total = self.carriage[block.band[places, number]].ravel()[zones]
            total += grown
            yield number, total

    def _packages(self, places: Ints, own: Own | None) -> tuple[Ints, Ints]:
        """Return the least cost of every set of lines, and where."""
        block, every = self.block, np.arange(len(places))
        costs = np.zeros((len(places), block.sets.full + 1), dtype=np.int64)
        where = np.zeros_like(costs)
        for number, total in self.totals(places, own):
            best = total.argmin(axis=1)
            least = total[every, best].astype(np.int64)
            where[:, number] = best if block.at is None else block.at[places, best]
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
