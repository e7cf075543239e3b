"""What a layout consists of: blocks of orders of one length and kind, in arrays.

Arrays run over a block's rows, then over lines or *columns*. An order has one row, or where goods
may come by transfer one for every store (`routing.batch.stores`). A column is a place that may
serve at least one of the row's lines. Places are locations, or windows where some location has
several (`routing.windows`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.added import Surcharges
from routing.batch.goods import Goods
from routing.cost import Ints, Rates
from routing.subsets import Subsets

MOST_BLOCK_LINES: Final = 8
"""Longer orders are decided one by one: their sets of lines would fill the memory."""


@dataclass(frozen=True, slots=True)
class Supplies:
    """What goods cost that come to the stores of a block, by row and column.

    A column is the store's own shelf or a transfer from elsewhere. The hand-over costs `cents`, and
    a parcel of the store's capacity, once. What is added to parcels is part of these figures.
    """

    store: Ints
    cents: Ints
    parcel: Ints
    line: Ints


@dataclass(frozen=True, slots=True)
class Block:
    """Orders that have equally many lines and are all shipped, or all picked up.

    `at[o, c]` is the place that column c of row o stands for, and `zone[o, c]` its zone.
    `able[o, c]` has bit i set where it may serve line i with the batch's whole stock; where the
    row has fewer columns than its block, it is 0. `band[o, S]` is the weight band of the set S
    of lines.
    """

    orders: Ints
    """Positions in the problem."""
    rates: Rates
    """By place."""
    sets: Subsets
    picked: Ints
    """By set of lines: those that are charged; of the parts of a line one (`routing.splitting`)."""
    again: tuple[int, ...]
    """By line: the set of the parts of the same line that come before it."""
    rows: Ints
    """Which row of stock each line wants."""
    want: Ints
    """Which want of `Goods` each line is."""
    units: NDArray[np.int32]
    unfilled: Ints
    band: NDArray[np.int16]
    parcels: Ints
    able: NDArray[np.uint8]
    zone: NDArray[np.uint8]
    at: NDArray[np.int32]
    added: Surcharges | None
    """What is charged beside the rates and `supplies`; None if nothing is."""
    supplies: Supplies | None = None
    """Where goods may come by transfer."""

    def column(self, rows: Ints, at: Ints) -> Ints:
        """Return the column of one place for each of some rows, which must have it."""
        found: Ints = (self.at[rows] == at[:, None]).argmax(axis=1)
        return found

    @property
    def lines(self) -> int:
        """How many lines each order has."""
        return int(self.rows.shape[1])

    @property
    def slots(self) -> int:
        """The most packages that any of its orders may have."""
        return int(self.parcels.max())


@dataclass(frozen=True, slots=True)
class Layout:
    """All blocks, and where each order stands: its block (-1: too long for any) and row there."""

    blocks: tuple[Block, ...]
    block_of: Ints
    place_of: Ints
    """The row; any of them, where an order has several."""
    goods: Goods
    first: tuple[int, ...]
    """How many rows the blocks before each have."""
    values: Ints
    """By limit: what one of it is worth to others than these orders, in whole cents."""

    def row(self, order: int, store: int | None) -> int:
        """Return the row of an order in its block; where it has several, that of one store."""
        block = self.blocks[self.block_of[order]]
        if block.supplies is None or store is None:
            return int(self.place_of[order])
        rows = np.flatnonzero(block.orders == order)
        return int(rows[block.supplies.store[rows] == store][0])

    @property
    def orders(self) -> int:
        """How many orders the problem has, those in no block included."""
        return len(self.block_of)


def layout_of(blocks: Sequence[Block], goods: Goods, *, orders: int) -> Layout:
    """Return the layout of so many orders, of which these are in blocks."""
    block_of = np.full(orders, -1, dtype=np.int64)
    place_of = np.zeros(orders, dtype=np.int64)
    for number, block in enumerate(blocks):
        block_of[block.orders] = number
        place_of[block.orders] = np.arange(len(block.orders))
    return Layout(
        blocks=tuple(blocks),
        block_of=block_of,
        place_of=place_of,
        goods=goods,
        first=tuple(accumulate((len(block.orders) for block in blocks), initial=0)),
        values=np.zeros(len(goods.limits), dtype=np.int64),
    )
