"""What orders share: units of a SKU at a location, and a location's parcels.

Every shared thing is a *limit* with a number. Units are counted once by one, and once more in each
size that lines want: if a location holds s units and lines want u of them whole, then

    Σ ⌊u / d⌋ · z ≤ ⌊s / d⌋        for every whole d, z being 0 or 1

holds for every plan, and for d > 1 it cuts off fractional ones (a rounded inequality of Chvátal and
Gomory): three units never serve one and a half orders of two. Without these rows the bound would be
some percent too low wherever lines want more than one unit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.cost import Ints
from routing.network import Supply
from routing.problem import Order

MOST_SIZES: Final = 3
"""How many sizes of a SKU beyond single units get rows of their own."""


@dataclass(frozen=True, slots=True)
class Goods:
    """The limits of a batch.

    They are numbered: stock by single units, then stock by sizes, then the locations' parcels, by
    window where some location has several. A window's column of `numbers` is its location's.
    A *want* is a SKU in a number of units, as a line has it.
    """

    locations: int
    places: int
    """Locations, or windows where some location has several."""
    spots: Ints
    """Of single units: row of the SKU · locations + location."""
    base: Ints
    """Of sizes: the limit that counts the same stock by single units."""
    size: Ints
    """Of sizes: how many units make one."""
    numbers: NDArray[np.int32]
    """By (SKU, size) row and place: the limit there, or the one after the last if none."""
    want_units: Ints
    want_rows: Ints
    """By want and slot: a row of `numbers`; the last, empty one where it has fewer."""
    want_takes: Ints
    """By want and slot: how many of that row's limit it takes."""
    skus: int
    limits: Ints
    """How much there is of each."""

    @property
    def parcels(self) -> int:
        """The first limit that counts parcels."""
        return len(self.limits) - self.places

    def by_size(self, free: Ints) -> Ints:
        """Return what is left of all limits, given what is left by single units and parcels."""
        left = free.copy()
        left[len(self.spots) : self.parcels] = free[self.base] // self.size
        return left

    def of(self, supply: Supply) -> Ints:
        """Return what a supply over the same SKUs has left of all limits."""
        units = supply.units.ravel()[self.spots]
        sizes = np.zeros(len(self.size), dtype=np.int64)
        return self.by_size(np.concatenate([units, sizes, supply.parcels_left]).astype(np.int64))

    def dense(self, free: Ints) -> NDArray[np.int32]:
        """Return the units left by SKU row and location."""
        units = np.zeros(self.skus * self.locations, dtype=np.int32)
        units[self.spots] = free[: len(self.spots)]
        return units.reshape(self.skus, self.locations)

    def price_of_wants(self, prices: NDArray[np.integer]) -> NDArray[np.integer]:
        """Return what each want costs at each location, given a price for each limit."""
        padded = np.append(prices, prices.dtype.type(0))
        total = np.zeros((len(self.want_units), self.places), dtype=prices.dtype)
        for slot in range(self.want_rows.shape[1]):
            some = np.flatnonzero(self.want_takes[:, slot])
            takes = self.want_takes[some, slot].astype(prices.dtype)
            total[some] += padded[self.numbers[self.want_rows[some, slot]]] * takes[:, None]
        return total


def goods_of(
    supply: Supply, orders: Sequence[Order], where: Ints | None
) -> tuple[Goods, dict[tuple[int, int], int]]:
    """Number the limits, and the wants by (row of the SKU, units)."""
    wanted = {(supply.row[line.sku], line.units): None for order in orders for line in order.lines}
    want = {pair: number for number, pair in enumerate(wanted)}
    skus, locations = supply.units.shape
    units = supply.units.astype(np.int64)
    spots = np.flatnonzero(units.ravel() > 0)
    sizes = _sizes(wanted)
    row_of = {(sku, 1): sku for sku in range(skus)}
    row_of |= {pair: skus + at for at, pair in enumerate(sizes)}
    numbers = np.full((skus + len(sizes) + 1, locations), -1, dtype=np.int64)
    numbers[:skus].ravel()[spots] = np.arange(len(spots))
    base, size, following = [], [], len(spots)
    for (sku, each), row in zip(sizes, range(skus, skus + len(sizes)), strict=True):
        at = np.flatnonzero(units[sku] >= each)
        numbers[row, at] = np.arange(following, following + len(at))
        base.append(numbers[sku, at])
        size.append(np.full(len(at), each))
        following += len(at)
    places = len(supply.parcels_left)
    numbers[numbers < 0] = following + places
    if where is not None:
        numbers = numbers[:, where]
    bases = np.concatenate(base) if base else np.zeros(0, dtype=np.int64)
    each_size = np.concatenate(size) if size else np.zeros(0, dtype=np.int64)
    stock = units.ravel()[spots]
    rows, takes = _slots(wanted, sizes, row_of, empty=len(numbers) - 1)
    goods = Goods(
        locations=locations,
        places=places,
        spots=spots,
        base=bases,
        size=each_size,
        numbers=numbers.astype(np.int32),
        want_units=np.array([pair[1] for pair in wanted], dtype=np.int64),
        want_rows=rows,
        want_takes=takes,
        skus=skus,
        limits=np.concatenate([stock, stock[bases] // each_size, supply.parcels_left]),
    )
    return goods, want


def _sizes(wanted: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the (SKU row, units) that get rows of their own, by SKU, the smallest sizes first."""
    chosen: list[tuple[int, int]] = []
    for sku, units in sorted(wanted):
        before = sum(1 for pair in chosen[-MOST_SIZES:] if pair[0] == sku)
        if units > 1 and before < MOST_SIZES:
            chosen.append((sku, units))
    return chosen


def _slots(
    wanted: Iterable[tuple[int, int]],
    sizes: Sequence[tuple[int, int]],
    row_of: Mapping[tuple[int, int], int],
    *,
    empty: int,
) -> tuple[Ints, Ints]:
    """Return by want the rows that it takes from, and how much."""
    by_sku: dict[int, list[int]] = {}
    for sku, size in sizes:
        by_sku.setdefault(sku, [1]).append(size)
    slots = [
        [(row_of[sku, size], units // size) for size in by_sku.get(sku, [1]) if size <= units]
        for sku, units in wanted
    ]
    most = max((len(each) for each in slots), default=1)
    padded = [[*each, *[(empty, 0)] * (most - len(each))] for each in slots]
    table = np.array(padded, dtype=np.int64).reshape(len(slots), most, 2)
    return table[:, :, 0], table[:, :, 1]
