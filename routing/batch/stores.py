"""Give pickup orders to whose stores goods may be sent a row for every store.

In such a row the columns are the store's own shelf and the lanes that lead to it; the partition of
the lines over them is priced as any other, and the hand-over is charged once (`routing.ways`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.added import Surcharges
from routing.arrivals import arriving, lane_days
from routing.batch.blocks import Block, Supplies
from routing.cost import Ints
from routing.network import Network, Supply
from routing.problem import Order
from routing.windows import NEVER, Windows


def by_store(network: Network, supply: Supply, block: Block, orders: Sequence[Order]) -> Block:
    """Return the block with a row for every store of each of its orders, and for its windows."""
    rows = sorted(
        (row, place, serves)
        for row, order in enumerate(orders)
        for place, serves in _hand_overs(network, order)
    )
    row, store, serves = np.array(rows, dtype=np.int64).T
    count = len(orders[0].lines)
    columns = _columns(network, store)

    promised = np.array([order.promise_days for order in orders])[row]
    served = np.repeat((supply.parcels_left > 0)[None], len(orders), axis=0)
    for number, order in enumerate(orders):
        for name in order.excluded:
            served[number, network.places(network.index[name])] = False
    is_open = served[row, store] & (columns.days[:, 0] <= promised) & (serves > 0)
    by = promised if network.windows is None else _by(network.windows, store, promised)
    at = columns.at
    allowed = served[row[:, None], at] & (columns.days <= by[:, None]) & is_open[:, None]
    able = np.zeros(at.shape, dtype=np.uint8)
    where = at if network.windows is None else network.windows.location[at]
    for each in range(count):
        wanted = block.units[row, each, None]
        held = supply.units[block.rows[row, each, None], where] >= wanted
        able |= (held & allowed).astype(np.uint8) << np.uint8(each)

    most = np.array([min(order.max_parcels, count) for order in orders], dtype=np.int64)
    supplies = Supplies(
        store, network.by_window(network.pickup).parcel[store], columns.parcel, columns.line
    )
    added = None if block.added is None else block.added.of_orders(row)
    if added is not None:
        supplies, added = _with_parcels(supplies, added, at), added.of_lines()
    return replace(
        block,
        orders=block.orders[row],
        rows=block.rows[row],
        want=block.want[row],
        units=block.units[row],
        unfilled=block.unfilled[row],
        band=block.band[row],
        parcels=most[row],
        able=able,
        zone=np.zeros_like(able),
        at=at.astype(np.int32),
        supplies=supplies,
        added=added,
    )


def _with_parcels(supplies: Supplies, added: Surcharges, at: Ints) -> Supplies:
    """Return supplies with what is added to parcels: the hand-over, and those that are sent."""
    sent = np.where(at == supplies.store[:, None], 0, added.cents[added.parcel[:, None], at])
    return replace(
        supplies,
        cents=supplies.cents + added.cents[added.parcel, supplies.store],
        parcel=supplies.parcel + sent,
    )


def _hand_overs(network: Network, order: Order) -> list[tuple[int, bool]]:
    """Return where an order could be handed over: stores, or windows of them; or one that is shut.

    An order needs one row at least, for the method that leaves all of it unfilled.
    """
    stores = [network.index[store] for store in order.pickup_at or ()]
    places = [place for store in stores for place in network.places(store)]
    if network.windows is None:
        return [(place, True) for place in places]
    serves = network.windows.handing_over(order.slot)
    return [(place, True) for place in places if serves[place]] or [(places[0], False)]


def _by(windows: Windows, store: Ints, promised: Ints) -> Ints:
    """Return by row within how many days everything must be there."""
    by: Ints = np.where(windows.timed[store], np.minimum(windows.ready[store], promised), promised)
    return by


@dataclass(frozen=True, slots=True)
class _Columns:
    """By row and column: where goods come from, their cents by parcel and by line, the days."""

    at: Ints
    parcel: Ints
    line: Ints
    days: Ints


def _columns(network: Network, store: Ints) -> _Columns:
    """Return the columns of rows with these stores.

    The first column is the shelf. Rows with fewer lanes than others repeat it, never in time.
    """
    every, which = np.unique(store, return_inverse=True)
    found = [_of_store(network, place) for place in every.tolist()]
    figures = np.zeros((4, len(every), max(each.shape[1] for each in found)), dtype=np.int64)
    figures[0] = every[:, None]
    figures[3] = NEVER
    for number, each in enumerate(found):
        figures[:, number, : each.shape[1]] = each
    return _Columns(*figures[:, which])


def _of_store(network: Network, place: int) -> Ints:
    """Return the four figures of every column of one store, or of one window of it."""
    windows, at = network.windows, network.location_of(place)
    sources: list[int] = network.inbound[at].sources.tolist() if at in network.inbound else []
    senders = [one for source in sources for one in network.places(source)]
    where = np.array([at, *(network.location_of(one) for one in senders)], dtype=np.int64)
    rates, lanes = arriving(network, at), lane_days(network, at)[where]
    if windows is None:
        days = network.handling_days[where] + lanes
        days[0] = network.pickup_days[at]
    else:
        columns = np.array([place, *senders], dtype=np.int64)
        days = np.where(windows.ships[columns], windows.leaves[columns] + lanes, NEVER)
        days[0] = windows.ready[place]
    return np.stack([np.array([place, *senders]), rates.parcel[where], rates.line[where], days])
