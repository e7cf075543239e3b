"""Decide orders of one line each exactly, as a flow of least cost.

    order → (SKU, location) → location → done         and   order → done, unfilled at its price
             stock in units     capacity in parcels

One unit flows from every order. An arc from an order costs what its package would cost, the arcs
after it have as much room as there is stock and capacity. Such a flow is whole by itself, so the
linear program has no gap (Ahuja, Magnanti, Orlin 1993). Lines may want more than one unit, as long
as all lines of a SKU want equally many: they are then counted in that size.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from routing.batch.blocks import Block, Layout
from routing.batch.columns import Market, look_at_all
from routing.batch.pricing import SCALE, Cells, Methods, chunks, whole
from routing.batch.standing import Standing
from routing.cost import Ints

Floats = NDArray[np.float64]

_MOST_ARCS: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class _Arcs:
    """Which order may go where: `limit` is the stock that it takes one of."""

    order: Ints
    limit: Ints
    at: Ints
    cents: Ints


@dataclass(frozen=True, slots=True)
class _Graph:
    """Arcs with their room and cost; nodes are orders, kinds of stock, locations and the end."""

    tail: Ints
    head: Ints
    room: Ints
    cents: Ints
    nodes: int


def is_flow(layout: Layout) -> bool:
    """Whether every order has one line, and all lines of a SKU want equally many units.

    Neither do goods go by way of stores, nor do windows share a location's stock. A graph that
    would fill the memory is none.
    """
    skus = layout.goods.want_rows[:, 0]
    return (
        all(block.lines == 1 and block.supplies is None for block in layout.blocks)
        and layout.goods.places == layout.goods.locations
        and len(np.unique(skus)) == len(skus)
        and sum(int(np.count_nonzero(block.able)) for block in layout.blocks) <= _MOST_ARCS
    )


def decide(market: Market) -> Standing:
    """Return the best plan; the market gets its prices, and the bound that they prove."""
    layout = market.layout
    arcs = _arcs(layout)
    limits, spot = np.unique(arcs.limit, return_inverse=True)
    graph = _graph(market, arcs, limits, spot)
    flows = _solve(graph, market.layout)
    look_at_all(market, _prices(market, graph, limits, flows))
    chosen = np.flatnonzero(flows[: len(arcs.order)])
    where = np.full(layout.orders, -1, dtype=np.int64)
    where[arcs.order[chosen]] = arcs.at[chosen]
    first = len(market.pool)
    market.pool.add([_methods(block, where[block.orders]) for block in layout.blocks])
    standing = Standing(market.pool, market.free)
    for method in range(first, len(market.pool)):
        standing.give(method)
    return standing


def _arcs(layout: Layout) -> _Arcs:
    goods, prices = layout.goods, whole(layout, np.zeros(len(layout.goods.limits)))
    orders, limits, ats, cents = [], [], [], []
    for block in layout.blocks:
        cells = Cells(block, prices)
        for some in chunks(block, len(block.orders)):
            places = np.arange(len(block.orders))[some]
            _, total = next(cells.totals(places))
            row, column = np.nonzero(total < cells.high)
            want, at = block.want[places[row], 0], block.at[places[row], column].astype(np.int64)
            counted = goods.want_rows[want, np.where(goods.want_units[want] > 1, 1, 0)]
            orders.append(block.orders[places[row]])
            limits.append(goods.numbers[counted, at].astype(np.int64))
            ats.append(at)
            cents.append(total[row, column].astype(np.int64) // SCALE)
    return _Arcs(*(np.concatenate(each) for each in (orders, limits, ats, cents)))


def _graph(market: Market, arcs: _Arcs, limits: Ints, spot: Ints) -> _Graph:
    layout, goods = market.layout, market.layout.goods
    places = goods.locations
    inside = np.flatnonzero(layout.block_of >= 0)
    stock, place, end = layout.orders, layout.orders + len(limits), layout.orders + len(limits)
    end += places
    at = np.zeros(len(limits), dtype=np.int64)
    at[spot] = arcs.at
    unfilled = np.zeros(layout.orders, dtype=np.int64)
    for block in layout.blocks:
        unfilled[block.orders] = block.unfilled[:, 0]
    every = np.arange(places)
    return _Graph(
        tail=np.concatenate([arcs.order, stock + np.arange(len(limits)), place + every, inside]),
        head=np.concatenate(
            [stock + spot, place + at, np.full(places, end), np.full(len(inside), end)]
        ),
        room=np.concatenate(
            [
                np.ones(len(spot), dtype=np.int64),
                market.free[limits],
                np.minimum(market.free[goods.parcels :], layout.orders),
                np.ones(len(inside), dtype=np.int64),
            ]
        ),
        cents=np.concatenate(
            [arcs.cents, np.zeros(len(limits) + places, dtype=np.int64), unfilled[inside]]
        ),
        nodes=end + 1,
    )


def _solve(graph: _Graph, layout: Layout) -> Ints:
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        graph.tail.astype(np.int32), graph.head.astype(np.int32), graph.room, graph.cents
    )
    inside = np.flatnonzero(layout.block_of >= 0)
    supplies = np.zeros(graph.nodes, dtype=np.int64)
    supplies[inside], supplies[-1] = 1, -len(inside)
    flow.set_nodes_supplies(np.arange(graph.nodes, dtype=np.int32), supplies)
    status = flow.solve()
    assert status == flow.OPTIMAL, "every order may stay unfilled, so there is a flow"
    flows: Ints = flow.flows(np.arange(len(graph.tail), dtype=np.int32))
    return flows


def _prices(market: Market, graph: _Graph, limits: Ints, flows: Ints) -> Floats:
    """Return the duals: shortest distances over arcs that have room, and back over used ones."""
    forth, back = flows < graph.room, flows > 0
    tail = np.concatenate([graph.tail[forth], graph.head[back]])
    head = np.concatenate([graph.head[forth], graph.tail[back]])
    cents = np.concatenate([graph.cents[forth], -graph.cents[back]])
    distance = np.zeros(graph.nodes, dtype=np.int64)
    while True:
        nearer = distance.copy()
        np.minimum.at(nearer, head, distance[tail] + cents)
        if (nearer == distance).all():
            break
        distance = nearer
    rise = np.maximum(0, distance[graph.head] - distance[graph.tail]).astype(np.float64)
    goods = market.layout.goods
    prices = np.zeros(len(goods.limits))
    first = len(graph.tail) - len(limits) - goods.locations
    first -= int((market.layout.block_of >= 0).sum())
    prices[limits] = rise[first : first + len(limits)]
    prices[goods.parcels :] = rise[first + len(limits) : first + len(limits) + goods.locations]
    return prices


def _methods(block: Block, where: Ints) -> Methods:
    """Return a method for each order of a block: its line goes there, or stays unfilled (-1)."""
    sets = np.zeros((len(where), block.slots), dtype=np.int64)
    at = np.zeros_like(sets)
    sets[:, 0], at[:, 0] = where >= 0, np.maximum(where, 0)
    return Methods(np.arange(len(where)), sets, at, np.zeros(len(where), dtype=np.int64))
