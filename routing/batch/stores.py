"""Give pickup orders to whose stores goods may be sent a row for every store.

In such a row the columns are the store's own shelf and the lanes that lead to it; the partition of
the lines over them is priced as any other, and the hand-over is charged once (`routing.ways`).
"""

from dataclasses import replace

import numpy as np

from routing.batch.layout import Block, Layout, Supplies, first_rows
from routing.candidates import NEVER, arriving, arriving_days, fed
from routing.cost import Ints
from routing.network import Network, Supply
from routing.problem import Problem


def by_store(problem: Problem, network: Network, supply: Supply, layout: Layout) -> Layout:
    """Return the layout in which all orders that may be fed by transfers have such rows."""
    if not network.inbound:
        return layout
    blocks = tuple(
        _spread(problem, network, supply, block)
        if fed(network, problem.orders[block.orders[0]])
        else block
        for block in layout.blocks
    )
    place_of = layout.place_of.copy()
    for block in blocks:
        place_of[block.orders] = np.arange(len(block.orders))
    return replace(layout, blocks=blocks, place_of=place_of, first=first_rows(blocks))


def _spread(problem: Problem, network: Network, supply: Supply, block: Block) -> Block:
    """Return a block with a row for every store of each of its orders."""
    orders = [problem.orders[at] for at in block.orders.tolist()]
    pairs = [
        (place, network.index[store])
        for place, order in enumerate(orders)
        for store in order.pickup_at or ()
    ]
    place, store = np.array(sorted(pairs), dtype=np.int64).T
    count = len(orders[0].lines)
    at, parcel, line, days = _columns(network, store)

    promised = np.array([order.promise_days for order in orders])[place]
    served = np.repeat((supply.parcels_left > 0)[None], len(orders), axis=0)
    for number, order in enumerate(orders):
        served[number, [network.index[name] for name in order.excluded]] = False
    is_open = served[place, store] & (network.pickup_days[store] <= promised)
    allowed = served[place[:, None], at] & (days <= promised[:, None]) & is_open[:, None]
    able = np.zeros(at.shape, dtype=np.uint8)
    for each in range(count):
        wanted = block.units[place, each, None]
        held = supply.units[block.rows[place, each, None], at] >= wanted
        able |= (held & allowed).astype(np.uint8) << np.uint8(each)

    most = np.array([min(order.max_parcels, count) for order in orders], dtype=np.int64)
    return replace(
        block,
        orders=block.orders[place],
        rows=block.rows[place],
        want=block.want[place],
        units=block.units[place],
        unfilled=block.unfilled[place],
        band=block.band[place],
        parcels=most[place],
        able=able,
        zone=np.zeros_like(able),
        at=at.astype(np.int32),
        supplies=Supplies(store, network.pickup.parcel[store], parcel, line),
    )


def _columns(network: Network, store: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return by row and column: where goods come from, their cents by parcel and line, the days.

    The first column is the shelf. Rows with fewer lanes than others repeat it, never in time.
    """
    every, which = np.unique(store, return_inverse=True)
    none = np.zeros(0, dtype=np.int64)
    sources = [network.inbound[at].sources if at in network.inbound else none for at in every]
    width = 1 + max(len(each) for each in sources)
    figures = np.zeros((4, len(every), width), dtype=np.int64)
    figures[0] = every[:, None]
    figures[3] = NEVER
    for number, at in enumerate(every.tolist()):
        columns = np.concatenate([[at], sources[number]])
        rates, days = arriving(network, at), arriving_days(network, at)
        rows = (columns, rates.parcel[columns], rates.line[columns], days[columns])
        figures[:, number, : len(columns)] = rows
    at, parcel, line, days = figures[:, which]
    return at, parcel, line, days
