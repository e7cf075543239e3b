"""Which locations could serve an order, and with which of its lines."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing import geo
from routing.added import Surcharge, surcharge
from routing.cost import Rates
from routing.network import Ints, Network, Supply
from routing.problem import Line, Order

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Choices:
    """What every location could do for one order. Arrays run over locations.

    `in_stock[i, l]`: l holds all units of line i. `able[i, l]`: and nothing else about l forbids
    it. `parcels` is the most that may be used. `held[g]` are the units of the SKU that the lines
    `shared[g]` want, where several want the same. `added` is what is charged beside the rates.
    """

    order: Order
    rates: Rates
    lines: tuple[Line, ...]
    parcels: int
    in_stock: Bools
    able: Bools
    zone: Ints
    days: Ints
    chord: geo.Floats
    parcels_left: Ints
    shared: tuple[tuple[int, ...], ...]
    held: NDArray[np.int32]
    added: Surcharge | None = None

    def without(self, at: int) -> "Choices":
        """Return the same choices with one location closed."""
        able = self.able.copy()
        able[:, at] = False
        return replace(self, able=able)

    def only(self, positions: tuple[int, ...]) -> "Choices":
        """Return the choices for some of the lines, as if the order had no others."""
        rows = list(positions)
        groups = [
            tuple(rows.index(line) for line in group if line in rows) for group in self.shared
        ]
        still = [number for number, group in enumerate(groups) if len(group) > 1]
        return replace(
            self,
            lines=tuple(self.lines[line] for line in rows),
            parcels=min(self.parcels, len(rows)),
            in_stock=self.in_stock[rows],
            able=self.able[rows],
            shared=tuple(groups[number] for number in still),
            held=self.held[still],
            added=None if self.added is None else self.added.only(rows),
        )


def survey(network: Network, supply: Supply, order: Order) -> Choices:
    """Look at every location for one order, as the stock and capacity stand."""
    lines = order.lines
    rows = [supply.row.get(line.sku, -1) for line in lines]
    held = supply.units[rows]
    chord = geo.squared_chords(network.points, lat=order.lat, lon=order.lon)
    if order.pickup_at is None:
        rates, parcels = network.shipping, min(order.max_parcels, len(lines))
        zone = geo.zones(network.zone_edges, chord)
        days = network.handling_days + network.transit_days[zone]
    else:
        rates, parcels = network.pickup, 1
        zone = np.zeros(len(network.ids), dtype=np.int64)
        days = network.pickup_days
    in_stock = held >= np.array([line.units for line in lines], dtype=np.int32)[:, None]
    shared = _shared(rows) if len(set(rows)) < len(rows) else ()
    return Choices(
        order=order,
        rates=rates,
        lines=lines,
        parcels=parcels,
        in_stock=in_stock,
        able=in_stock & _open(network, supply, order, days),
        zone=zone,
        days=days,
        chord=chord,
        parcels_left=supply.parcels_left,
        shared=shared,
        held=held[[group[0] for group in shared]],
        added=None if network.added is None else surcharge(network.added, order),
    )


def _open(network: Network, supply: Supply, order: Order, days: Ints) -> Bools:
    allowed: Bools = days <= order.promise_days
    allowed &= supply.parcels_left > 0
    if order.pickup_at is not None:
        points = np.zeros(len(network.ids), dtype=np.bool_)
        points[[network.index[location] for location in order.pickup_at]] = True
        allowed &= points
    if order.excluded:
        allowed[[network.index[location] for location in order.excluded]] = False
    return allowed


def _shared(rows: list[int]) -> tuple[tuple[int, ...], ...]:
    """Return the positions of lines that want the same SKU, for each SKU wanted more than once."""
    groups: dict[int, list[int]] = {}
    for position, row in enumerate(rows):
        groups.setdefault(row, []).append(position)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def too_heavy(rates: Rates, line: Line) -> bool:
    """Whether no parcel can hold the line, whoever ships it."""
    return rates.band(line.weight_g) == len(rates.carriage) - 1 and len(rates.max_weight_g) > 0
