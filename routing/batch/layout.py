"""Lay the orders of a batch out in arrays, in blocks of orders of one length and kind.

Arrays run over a block's orders, then over lines or locations. What orders share is numbered in
`routing.batch.goods`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing import geo
from routing.added import Surcharges, surcharges
from routing.arrivals import fed
from routing.batch.goods import Goods, goods_of
from routing.cost import Ints, Rates
from routing.network import Network, Supply
from routing.packages import picked_by_set
from routing.problem import Order, Problem
from routing.splitting import parts_before
from routing.subsets import Subsets, subsets

MOST_BLOCK_LINES: Final = 8
"""Longer orders are decided one by one: their sets of lines would fill the memory."""

_CHUNK: Final = 512


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

    Where goods may come by transfer an order has several rows, one a store (see `routing.ways`).
    Else it has one.

    `able[o, l]` has bit i set where l may serve line i of order o with the batch's whole stock.
    `band[o, S]` is the weight band of the set S of lines.
    """

    orders: Ints
    """Positions in the problem."""
    rates: Rates
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
    at: NDArray[np.int32] | None = None
    """The locations that the columns of `able` and `zone` stand for; None when for all."""
    supplies: Supplies | None = None
    """Where goods may come by transfer."""
    added: Surcharges | None = None
    """What is charged beside the rates and `supplies`; None if nothing is."""

    def columns_at(self, places: Ints) -> Ints:
        """Return the location of every column for some orders."""
        every = np.arange(self.able.shape[1])[None]
        return every if self.at is None else self.at[places].astype(np.int64)

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
    """All blocks, and where each order stands: its block (-1: too long for any) and place there."""

    blocks: tuple[Block, ...]
    block_of: Ints
    place_of: Ints
    goods: Goods
    first: tuple[int, ...]
    """How many rows the blocks before each have."""

    def place(self, order: int, store: int | None) -> int:
        """Return the row of an order in its block; where it has several, that of one store."""
        supplies = self.blocks[self.block_of[order]].supplies
        if supplies is None or store is None:
            return int(self.place_of[order])
        rows = np.flatnonzero(self.blocks[self.block_of[order]].orders == order)
        return int(rows[supplies.store[rows] == store][0])

    @property
    def orders(self) -> int:
        """How many orders the problem has, those in no block included."""
        return len(self.block_of)


def lay_out(problem: Problem, network: Network, supply: Supply) -> Layout:
    """Arrange every order that fits into a block."""
    short = [order for order in problem.orders if len(order.lines) <= MOST_BLOCK_LINES]
    where = None if network.windows is None else network.windows.location
    goods, want = goods_of(supply, short, where)
    kinds: dict[tuple[bool, bool, int, tuple[int, ...]], list[int]] = {}
    for at, order in enumerate(problem.orders):
        if len(order.lines) <= MOST_BLOCK_LINES:
            kind = (fed(network, order), order.pickup_at is not None, len(order.lines))
            kinds.setdefault((*kind, parts_before(order.lines)), []).append(at)
    blocks = [
        _block(network, supply, want, positions, [problem.orders[at] for at in positions])
        for _, positions in sorted(kinds.items())
    ]
    block_of = np.full(len(problem.orders), -1, dtype=np.int64)
    place_of = np.zeros(len(problem.orders), dtype=np.int64)
    for number, block in enumerate(blocks):
        block_of[block.orders] = number
        place_of[block.orders] = np.arange(len(block.orders))
    return Layout(
        blocks=tuple(blocks),
        block_of=block_of,
        place_of=place_of,
        goods=goods,
        first=first_rows(blocks),
    )


def first_rows(blocks: Sequence[Block]) -> tuple[int, ...]:
    """Return how many rows the blocks before each one have."""
    return tuple(accumulate((len(block.orders) for block in blocks), initial=0))


def _block(
    network: Network,
    supply: Supply,
    want: Mapping[tuple[int, int], int],
    positions: Sequence[int],
    orders: Sequence[Order],
) -> Block:
    count = len(orders[0].lines)
    sets = subsets(count)
    pickup = orders[0].pickup_at is not None
    rates = network.by_window(network.pickup if pickup else network.shipping)
    weights = np.array([[line.weight_g for line in order.lines] for order in orders])
    bands = rates.max_weight_g.searchsorted(weights @ sets.bits.T, side="left")
    rows = np.array([[supply.row[line.sku] for line in order.lines] for order in orders])
    units = np.array([[line.units for line in order.lines] for order in orders], dtype=np.int32)
    able = np.zeros((len(orders), len(supply.parcels_left)), dtype=np.uint8)
    where = slice(None) if network.windows is None else network.windows.location
    zone = np.zeros_like(able)
    for first in range(0, len(orders), _CHUNK):
        some = slice(first, first + _CHUNK)
        allowed = _allowed(network, supply, orders[some], zone[some])
        for line in range(count):
            held = supply.units[rows[some, line]][:, where] >= units[some, line, None]
            able[some] |= (held & allowed).astype(np.uint8) << np.uint8(line)
    return Block(
        orders=np.array(positions),
        rates=rates,
        sets=sets,
        picked=picked_by_set(orders[0].lines, sets),
        again=parts_before(orders[0].lines),
        rows=rows,
        want=np.array(
            [[want[supply.row[line.sku], line.units] for line in order.lines] for order in orders]
        ),
        units=units,
        unfilled=np.array([[line.unfilled_cents for line in order.lines] for order in orders]),
        band=bands.astype(np.int16),
        parcels=np.array(
            [1 if pickup else min(order.max_parcels, count) for order in orders], dtype=np.int64
        ),
        able=able,
        zone=zone,
        added=_added(network, orders),
    )


def _added(network: Network, orders: Sequence[Order]) -> Surcharges | None:
    """Return what is charged beside the rates, by window where some location has several."""
    found = None if network.added is None else surcharges(network.added, orders)
    if found is None or network.windows is None:
        return found
    return found.by_window(network.windows.location)


def _allowed(
    network: Network, supply: Supply, orders: Sequence[Order], zone: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Return which locations may serve each order at all; writes the zones of shipped ones.

    Where some location has several windows, columns are windows.
    """
    windows = network.windows
    where = slice(None) if windows is None else windows.location
    leaves = network.handling_days if windows is None else windows.leaves
    ready = network.pickup_days if windows is None else windows.ready
    days = np.broadcast_to(ready, zone.shape)
    if orders[0].pickup_at is None:
        for at, order in enumerate(orders):
            chords = geo.squared_chords(network.points, lat=order.lat, lon=order.lon)
            zone[at] = geo.zones(network.zone_edges, chords)[where]
        days = leaves + network.transit_days[zone]
    promised = np.array([order.promise_days for order in orders])
    allowed: NDArray[np.bool_] = (days <= promised[:, None]) & (supply.parcels_left > 0)
    if windows is not None and orders[0].pickup_at is None:
        allowed &= windows.ships
    for at, order in enumerate(orders):
        if order.pickup_at is not None:
            points = np.zeros(len(network.ids), dtype=np.bool_)
            points[[network.index[location] for location in order.pickup_at]] = True
            allowed[at] &= points[where]
            if windows is not None:
                allowed[at] &= windows.handing_over(order.slot)
        for location in order.excluded:
            at_all = network.index[location]
            allowed[at, at_all if windows is None else windows.of(at_all)] = False
    return allowed
