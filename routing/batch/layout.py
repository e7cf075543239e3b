"""Lay the orders of a batch out in arrays, in blocks of orders of one length and kind.

Arrays run over a block's orders, then over lines or *columns*. A column is a location that may
serve at least one of the order's lines: of thousands of locations most hold none of them, and are
left out. Orders with about as many columns share a block. What orders share is numbered in
`routing.batch.goods`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing import geo
from routing.added import Surcharges, surcharges
from routing.batch.goods import Goods, goods_of
from routing.cost import Ints, Rates
from routing.network import Network, Supply
from routing.problem import Order, Problem
from routing.subsets import Subsets, subsets

MOST_BLOCK_LINES: Final = 8
"""Longer orders are decided one by one: their sets of lines would fill the memory."""

_CHUNK: Final = 512
_NARROWEST: Final = 16
"""Blocks of fewer columns are not made: small blocks cost more than the columns they spare."""


@dataclass(frozen=True, slots=True)
class Block:
    """Orders that have equally many lines and are all shipped, or all picked up.

    `at[o, c]` is the location that column c of order o stands for, and `zone[o, c]` its zone.
    `able[o, c]` has bit i set where it may serve line i with the batch's whole stock; where the
    order has fewer columns than its block, it is 0. `band[o, S]` is the weight band of the set S
    of lines.
    """

    orders: Ints
    """Positions in the problem."""
    rates: Rates
    sets: Subsets
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
    """What is charged beside the rates; None if nothing is."""

    def zones(self, places: Ints, at: Ints) -> NDArray[np.uint8]:
        """Return the zone of one location for each of some orders, which must be a column of it."""
        column = (self.at[places] == at[:, None]).argmax(axis=1)
        zones: NDArray[np.uint8] = self.zone[places, column]
        return zones

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
    values: Ints
    """By limit: what one of it is worth to others than these orders, in whole cents."""

    @property
    def orders(self) -> int:
        """How many orders the problem has, those in no block included."""
        return len(self.block_of)


def lay_out(problem: Problem, network: Network, supply: Supply) -> Layout:
    """Arrange every order that fits into a block."""
    short = [order for order in problem.orders if len(order.lines) <= MOST_BLOCK_LINES]
    goods, want = goods_of(supply, short)
    kinds: dict[tuple[bool, int], list[int]] = {}
    for at, order in enumerate(problem.orders):
        if len(order.lines) <= MOST_BLOCK_LINES:
            kinds.setdefault((order.pickup_at is not None, len(order.lines)), []).append(at)
    blocks: list[Block] = []
    for _, positions in sorted(kinds.items()):
        columns = _columns(network, supply, [problem.orders[at] for at in positions])
        for width, some in columns.by_width():
            orders = [problem.orders[positions[number]] for number in some.tolist()]
            table = columns.table(some, width)
            blocks.append(_block(network, supply, want, np.array(positions)[some], orders, table))
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
        values=np.zeros(len(goods.limits), dtype=np.int64),
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of some orders, one order after another; those of order n begin at `first[n]`."""

    first: Ints
    at: NDArray[np.int32]
    able: NDArray[np.uint8]
    zone: NDArray[np.uint8]

    def by_width(self) -> list[tuple[int, Ints]]:
        """Return the orders by how many columns they have, rounded up to a power of two."""
        counts = np.maximum(np.diff(self.first), _NARROWEST)
        powers = np.ceil(np.log2(counts)).astype(np.int64)
        return [
            (int(counts[powers == power].max()), np.flatnonzero(powers == power))
            for power in np.unique(powers).tolist()
        ]

    def table(
        self, orders: Ints, width: int
    ) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]:
        """Return location, lines and zone by order and column."""
        counts = self.first[orders + 1] - self.first[orders]
        inside = np.arange(width) < counts[:, None]
        entry = np.where(inside, self.first[orders][:, None] + np.arange(width), 0)
        if not len(self.at):
            empty = np.zeros(inside.shape, dtype=np.uint8)
            return empty.astype(np.int32), empty, empty
        return (
            np.where(inside, self.at[entry], np.int32(0)),
            np.where(inside, self.able[entry], np.uint8(0)),
            np.where(inside, self.zone[entry], np.uint8(0)),
        )


def _columns(network: Network, supply: Supply, orders: Sequence[Order]) -> _Columns:
    """Find the locations that may serve a line of orders of one length and kind."""
    counts, found = [np.zeros(1, dtype=np.int64)], []
    for first in range(0, len(orders), _CHUNK):
        some = orders[first : first + _CHUNK]
        zone = np.zeros((len(some), len(network.ids)), dtype=np.uint8)
        able = np.zeros_like(zone)
        allowed = _allowed(network, supply, some, zone)
        for line in range(len(some[0].lines)):
            rows = [supply.row[order.lines[line].sku] for order in some]
            units = np.array([order.lines[line].units for order in some])
            held = supply.units[rows] >= units[:, None]
            able |= (held & allowed).astype(np.uint8) << np.uint8(line)
        which, at = np.nonzero(able)
        counts.append(np.bincount(which, minlength=len(some)))
        found.append((at.astype(np.int32), able[which, at], zone[which, at]))
    ats, ables, zones = zip(*found, strict=True)
    return _Columns(
        first=np.cumsum(np.concatenate(counts)),
        at=np.concatenate(ats),
        able=np.concatenate(ables),
        zone=np.concatenate(zones),
    )


def _block(
    network: Network,
    supply: Supply,
    want: Mapping[tuple[int, int], int],
    positions: Ints,
    orders: Sequence[Order],
    columns: tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]],
) -> Block:
    count = len(orders[0].lines)
    sets = subsets(count)
    pickup = orders[0].pickup_at is not None
    rates = network.pickup if pickup else network.shipping
    weights = np.array([[line.weight_g for line in order.lines] for order in orders])
    bands = rates.max_weight_g.searchsorted(weights @ sets.bits.T, side="left")
    at, able, zone = columns
    return Block(
        orders=positions,
        rates=rates,
        sets=sets,
        rows=np.array([[supply.row[line.sku] for line in order.lines] for order in orders]),
        want=np.array(
            [[want[supply.row[line.sku], line.units] for line in order.lines] for order in orders]
        ),
        units=np.array([[line.units for line in order.lines] for order in orders], dtype=np.int32),
        unfilled=np.array([[line.unfilled_cents for line in order.lines] for order in orders]),
        band=bands.astype(np.int16),
        parcels=np.array(
            [1 if pickup else min(order.max_parcels, count) for order in orders], dtype=np.int64
        ),
        able=able,
        zone=zone,
        at=at,
        added=None if network.added is None else surcharges(network.added, orders),
    )


def _allowed(
    network: Network, supply: Supply, orders: Sequence[Order], zone: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Return which locations may serve each order at all; writes the zones of shipped ones."""
    days = np.broadcast_to(network.pickup_days, zone.shape)
    if orders[0].pickup_at is None:
        for at, order in enumerate(orders):
            chords = geo.squared_chords(network.points, lat=order.lat, lon=order.lon)
            zone[at] = geo.zones(network.zone_edges, chords)
        days = network.handling_days + network.transit_days[zone]
    promised = np.array([order.promise_days for order in orders])
    allowed: NDArray[np.bool_] = (days <= promised[:, None]) & (supply.parcels_left > 0)
    for at, order in enumerate(orders):
        if order.pickup_at is not None:
            points = np.zeros(len(network.ids), dtype=np.bool_)
            points[[network.index[location] for location in order.pickup_at]] = True
            allowed[at] &= points
        for location in order.excluded:
            allowed[at, network.index[location]] = False
    return allowed
