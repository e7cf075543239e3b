"""Which locations could serve an order, and with which of its lines."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing import geo
from routing.cost import Rates, arriving_terms
from routing.cost import rates as rates_of
from routing.network import Ints, Network, Supply
from routing.problem import MOST_DAYS, Line, Order

Bools = NDArray[np.bool_]

NEVER = 4 * MOST_DAYS
"""Days that pass until goods come from where no lane leads."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What every location could do for one order. Arrays run over locations.

    `in_stock[i, l]`: l holds all units of line i. `able[i, l]`: and nothing else about l forbids
    it. `parcels` is the most that may be used. `held[g]` are the units of the SKU that the lines
    `shared[g]` want, where several want the same.

    An order that is picked up where goods may come by transfer has `ways`, one a store. Its own
    arrays then tell what each location could do by any of them.
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
    ways: tuple["Way", ...] = ()

    def without(self, at: int) -> "Choices":
        """Return the same choices with one location closed."""
        able = self.able.copy()
        able[:, at] = False
        ways = tuple(
            replace(
                way,
                choices=way.choices.without(at) if way.at != at else way.choices.closed(),
                open=way.open and way.at != at,
            )
            for way in self.ways
        )
        return replace(self, able=able, ways=ways)

    def closed(self) -> "Choices":
        """Return choices of which there are none."""
        return replace(self, able=np.zeros_like(self.able))

    def leaving(self, line: int) -> "Choices":
        """Return the same choices for an order of which one line must stay unfilled."""
        able = self.able.copy()
        able[line] = False
        ways = tuple(replace(way, choices=way.choices.leaving(line)) for way in self.ways)
        return replace(self, able=able, ways=ways)

    def priced(self, lines: tuple[Line, ...]) -> "Choices":
        """Return the same choices where the same lines cost something else to leave unfilled."""
        ways = tuple(replace(way, choices=way.choices.priced(lines)) for way in self.ways)
        return replace(self, lines=lines, ways=ways)

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
            ways=tuple(replace(way, choices=way.choices.only(positions)) for way in self.ways),
        )

    def way(self, at: int) -> "Way":
        """Return the way by the store at a location; there must be one."""
        return next(way for way in self.ways if way.at == at)

    def from_shelves(self) -> "Choices":
        """Return what can be done without any transfer."""
        if not self.ways:
            return self
        able = np.zeros_like(self.able)
        for way in self.ways:
            able[:, way.at] = way.choices.able[:, way.at]
        return replace(self, able=able, parcels=1, ways=())


@dataclass(frozen=True, slots=True)
class Way:
    """One store that may hand an order over, with what it has and what can be sent to it.

    In `choices`, the store's own column is its shelf, every other one the transfer from there; the
    hand-over costs `cents` besides, once, if there is anything to hand over.
    """

    at: int
    cents: int
    open: bool
    choices: Choices


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
    choices = Choices(
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
    )
    return _by_transfer(network, supply, choices) if fed(network, order) else choices


def fed(network: Network, order: Order) -> bool:
    """Whether goods of an order may come by transfer to where it is picked up."""
    if not network.inbound or not order.pickup_at:
        return False
    return any(network.index[store] in network.inbound for store in order.pickup_at)


def arriving_days(network: Network, at: int) -> Ints:
    """Return when goods sent from each location are at a store; its own when it can be ready."""
    days = np.full(len(network.ids), NEVER, dtype=np.int64)
    if at in network.inbound:
        lanes = network.inbound[at]
        days[lanes.sources] = network.handling_days[lanes.sources] + lanes.days
    days[at] = network.pickup_days[at]
    return days


def _by_transfer(network: Network, supply: Supply, shelves: Choices) -> Choices:
    """Return the choices of a pickup order to whose stores goods may be sent."""
    order = shelves.order
    parcels = min(order.max_parcels, len(order.lines))
    allowed = _served(network, supply, order)
    ways = []
    for at in sorted(network.index[store] for store in order.pickup_at or ()):
        days = arriving_days(network, at)
        is_open = bool(allowed[at] and days[at] <= order.promise_days)
        able = shelves.in_stock & (allowed & (days <= order.promise_days) & is_open)
        choices = replace(
            shelves, rates=arriving(network, at), parcels=parcels, able=able, days=days
        )
        ways.append(Way(at, int(network.pickup.parcel[at]), is_open, choices))
    return replace(
        shelves,
        parcels=parcels,
        able=np.logical_or.reduce([way.choices.able for way in ways]),
        days=np.minimum.reduce([_days_by(way) for way in ways]),
        ways=tuple(ways),
    )


def _days_by(way: Way) -> Ints:
    """Return the days by one store; nothing is sent to a store that cannot hand over."""
    if way.open:
        return way.choices.days
    days = np.full_like(way.choices.days, NEVER)
    days[way.at] = way.choices.days[way.at]
    return days


def arriving(network: Network, at: int) -> Rates:
    """Return what goods cost that come to one store, its own hand-over apart."""
    none = np.zeros(0, dtype=np.int64)
    lanes = network.inbound.get(at)
    terms = arriving_terms(
        network.shipping,
        network.pickup,
        at=at,
        sources=none if lanes is None else lanes.sources,
        parcel=none if lanes is None else lanes.parcel,
        line=none if lanes is None else lanes.line,
    )
    return rates_of(terms, max_weight_g=(), locations=len(network.ids))


def _open(network: Network, supply: Supply, order: Order, days: Ints) -> Bools:
    allowed = _served(network, supply, order)
    allowed &= days <= order.promise_days
    if order.pickup_at is not None:
        points = np.zeros(len(network.ids), dtype=np.bool_)
        points[[network.index[location] for location in order.pickup_at]] = True
        allowed &= points
    return allowed


def _served(network: Network, supply: Supply, order: Order) -> Bools:
    """Return which locations have capacity left and are not excluded."""
    allowed: Bools = supply.parcels_left > 0
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
