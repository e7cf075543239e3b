"""Lay the orders of a batch out in arrays, in blocks of orders of one length and kind.

Of thousands of locations most hold nothing for an order, and are no columns of it. Orders with
about as many columns share a block. What orders share is numbered in `routing.batch.goods`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from routing import geo
from routing.added import Surcharges, surcharges
from routing.arrivals import fed
from routing.batch.blocks import MOST_BLOCK_LINES, Block, Layout, layout_of
from routing.batch.goods import goods_of
from routing.batch.stores import by_store
from routing.cost import Ints
from routing.network import Network, Supply
from routing.packages import picked_by_set
from routing.problem import Order, Problem
from routing.splitting import parts_before
from routing.subsets import subsets

_CHUNK: Final = 512
_NARROWEST: Final = 16
"""Blocks of fewer columns are not made: small blocks cost more than the columns they spare."""

_Wants: TypeAlias = Mapping[tuple[int, int], int]
_Table: TypeAlias = tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]
"""Place, lines and zone by row and column."""


def lay_out(problem: Problem, network: Network, supply: Supply) -> Layout:
    """Arrange every order that fits into a block. Lines that may be split must be in parts."""
    short = [order for order in problem.orders if len(order.lines) <= MOST_BLOCK_LINES]
    where = None if network.windows is None else network.windows.location
    goods, want = goods_of(supply, short, where)
    kinds: dict[tuple[bool, bool, int, tuple[int, ...]], list[int]] = {}
    for at, order in enumerate(problem.orders):
        if len(order.lines) <= MOST_BLOCK_LINES:
            kind = (fed(network, order), order.pickup_at is not None, len(order.lines))
            kinds.setdefault((*kind, parts_before(order.lines)), []).append(at)
    blocks = [
        block
        for _, positions in sorted(kinds.items())
        for block in _blocks(problem, network, supply, want, np.array(positions))
    ]
    return layout_of(blocks, goods, orders=len(problem.orders))


def _blocks(
    problem: Problem, network: Network, supply: Supply, want: _Wants, positions: Ints
) -> Iterator[Block]:
    """Arrange the orders of one kind."""
    orders = [problem.orders[at] for at in positions.tolist()]
    if fed(network, orders[0]):
        bare = _block(network, supply, want, positions, orders, _no_columns(len(orders)))
        yield by_store(network, supply, bare, orders)
        return
    columns = _columns(network, supply, orders)
    for width, some in columns.by_width():
        table = columns.table(some, width)
        these = [orders[number] for number in some.tolist()]
        yield _block(network, supply, want, positions[some], these, table)


def _no_columns(orders: int) -> _Table:
    none = np.zeros((orders, 0), dtype=np.uint8)
    return none.astype(np.int32), none, none


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

    def table(self, orders: Ints, width: int) -> _Table:
        """Return the columns of some orders."""
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
    """Find the places that may serve a line of orders of one length and kind."""
    where = slice(None) if network.windows is None else network.windows.location
    counts, found = [np.zeros(1, dtype=np.int64)], []
    for first in range(0, len(orders), _CHUNK):
        some = orders[first : first + _CHUNK]
        zone = np.zeros((len(some), len(supply.parcels_left)), dtype=np.uint8)
        able = np.zeros_like(zone)
        allowed = _allowed(network, supply, some, zone)
        for line in range(len(some[0].lines)):
            rows = [supply.row[order.lines[line].sku] for order in some]
            units = np.array([order.lines[line].units for order in some])
            held = supply.units[rows][:, where] >= units[:, None]
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
    want: _Wants,
    positions: Ints,
    orders: Sequence[Order],
    columns: _Table,
) -> Block:
    count = len(orders[0].lines)
    sets = subsets(count)
    pickup = orders[0].pickup_at is not None
    rates = network.by_window(network.pickup if pickup else network.shipping)
    weights = np.array([[line.weight_g for line in order.lines] for order in orders])
    bands = rates.max_weight_g.searchsorted(weights @ sets.bits.T, side="left")
    at, able, zone = columns
    return Block(
        orders=positions,
        rates=rates,
        sets=sets,
        picked=picked_by_set(orders[0].lines, sets),
        again=parts_before(orders[0].lines),
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
    """Return which places may serve each order at all; writes the zones of shipped ones."""
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
