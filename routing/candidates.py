"""Which locations could serve an order, and with which of its lines."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing import geo
from routing.added import Surcharge, surcharge
from routing.arrivals import arriving, fed, lane_days, must_be_there
from routing.cost import Rates
from routing.network import Ints, Network, Supply
from routing.problem import Line, Order
from routing.splitting import in_parts
from routing.windows import NEVER, Slots, Windows, slots_of

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Choices:
    """What every location could do for one order. Arrays run over locations.

    `in_stock[i, l]`: l holds all units of line i. `able[i, l]`: and nothing else about l forbids
    it. `parcels` is the most that may be used. `held[g]` are the units of the SKU that the lines
    `shared[g]` want, where several want the same. `added` is what is charged beside the rates.

    An order that is picked up where goods may come by transfer has `ways`, one a store. Its own
    arrays then tell what each location could do by any of them. Where locations have windows,
    `slots` are those that the order may use; `parcels_left` and `days` are theirs.
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
    ways: tuple["Way", ...] = ()
    slots: Slots | None = None

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
            added=None if self.added is None else self.added.only(rows),
            ways=tuple(replace(way, choices=way.choices.only(positions)) for way in self.ways),
        )

    def way(self, at: int, window: int | None = None) -> "Way":
        """Return the way by the store at a location, in one window or any; there must be one."""
        ways = [way for way in self.ways if way.at == at and window in (None, way.window)]
        return max(ways, key=lambda way: way.open)  # of several the first open one

    def from_shelves(self) -> "Choices":
        """Return what can be done without any transfer."""
        if not self.ways:
            return self
        able = np.zeros_like(self.able)
        for way in self.ways:
            able[:, way.at] |= way.choices.able[:, way.at]
        return replace(self, able=able, parcels=1, ways=())


@dataclass(frozen=True, slots=True)
class Way:
    """One store that may hand an order over, with what it has and what can be sent to it.

    In `choices`, the store's own column is its shelf, every other one the transfer from there; the
    hand-over costs `cents` besides, once, if there is anything to hand over. A store with several
    windows has a way for each that could be the hand-over's.
    """

    at: int
    window: int | None
    cents: int
    open: bool
    by: int
    """Within how many days everything must be there."""
    choices: Choices


def survey(network: Network, supply: Supply, order: Order) -> Choices:
    """Look at every location for one order, as the stock and capacity stand."""
    order = in_parts(order)
    lines = order.lines
    rows = [supply.row.get(line.sku, -1) for line in lines]
    held = supply.units[rows]
    chord = geo.squared_chords(network.points, lat=order.lat, lon=order.lon)
    slots, parcels_left = None, supply.parcels_left
    if order.pickup_at is None:
        rates, parcels = network.shipping, min(order.max_parcels, len(lines))
        zone = geo.zones(network.zone_edges, chord)
        days = network.handling_days + network.transit_days[zone]
    else:
        rates, parcels = network.pickup, 1
        zone = np.zeros(len(network.ids), dtype=np.int64)
        days = network.pickup_days
    if network.windows is not None:
        slots = _slots(network, network.windows, supply, order, zone)
        days, parcels_left = slots.first_days, slots.parcels_left
    in_stock = held >= np.array([line.units for line in lines], dtype=np.int32)[:, None]
    shared = _shared(rows) if len(set(rows)) < len(rows) else ()
    choices = Choices(
        order=order,
        rates=rates,
        lines=lines,
        parcels=parcels,
        in_stock=in_stock,
        able=in_stock & _open(network, parcels_left, order, days),
        zone=zone,
        days=days,
        chord=chord,
        parcels_left=parcels_left,
        shared=shared,
        held=held[[group[0] for group in shared]],
        added=None if network.added is None else surcharge(network.added, order),
        slots=slots,
    )
    return _by_transfer(network, supply, choices) if fed(network, order) else choices


def _slots(network: Network, windows: Windows, supply: Supply, order: Order, zone: Ints) -> Slots:
    """Return what the windows are to an order that is shipped, or picked up from shelves."""
    if order.pickup_at is None:
        days = windows.leaves + network.transit_days[zone][windows.location]
        serves = windows.ships
    else:
        days, serves = windows.ready, windows.handing_over(order.slot)
    return slots_of(windows, supply.parcels_left, days=days, serves=serves, by=order.promise_days)


def _by_transfer(network: Network, supply: Supply, shelves: Choices) -> Choices:
    """Return the choices of a pickup order to whose stores goods may be sent."""
    order = shelves.order
    shelves = replace(shelves, parcels=min(order.max_parcels, len(order.lines)))
    ways = [
        _way(network, supply, shelves, at, window)
        for at in sorted(network.index[store] for store in order.pickup_at or ())
        for window in _hand_overs(shelves, at)
    ]
    return replace(
        shelves,
        able=np.logical_or.reduce([way.choices.able for way in ways]),
        days=np.minimum.reduce([_days_by(way) for way in ways]),
        parcels_left=np.maximum.reduce([way.choices.parcels_left for way in ways]),
        ways=tuple(ways),
    )


def _hand_overs(shelves: Choices, at: int) -> list[int | None]:
    """Return the windows in which a store could hand an order over; one that is shut, if none."""
    slots = shelves.slots
    if slots is None:
        return [None]
    windows = slots.windows.of(at)
    return [window for window in windows if slots.serves[window]] or [windows[0]]


def _way(network: Network, supply: Supply, shelves: Choices, at: int, window: int | None) -> Way:
    """Look at every location for one hand-over."""
    order, slots = shelves.order, None
    days = network.handling_days + lane_days(network, at)
    days[at] = network.pickup_days[at]
    left, by = supply.parcels_left, order.promise_days
    if window is not None and shelves.slots is not None:
        windows = shelves.slots.windows
        by = must_be_there(windows, window, order.promise_days)
        sent = windows.leaves + lane_days(network, at)[windows.location]
        serves = windows.ships & (windows.location != at)
        sent[window], serves[window] = windows.ready[window], shelves.slots.serves[window]
        slots = slots_of(windows, left, days=sent, serves=serves, by=by)
        days, left = slots.first_days, slots.parcels_left
    allowed = _served(network, left, order) & (days <= by)
    is_open, added, cents = bool(allowed[at]), shelves.added, int(network.pickup.parcel[at])
    if added is not None:  # for the hand-over, not for what is put to it from the shelf
        cents += int(added.parcel[at])
        added = added.without_parcel(at)
    choices = replace(
        shelves,
        rates=arriving(network, at),
        able=shelves.in_stock & (allowed & is_open),
        days=days,
        parcels_left=left,
        slots=slots,
        added=added,
    )
    return Way(at, window, cents, is_open, by, choices)


def _days_by(way: Way) -> Ints:
    """Return the days by one store, as they count against the promise.

    Nothing is sent to a store that cannot hand over; what comes after the store's window is late.
    """
    days = way.choices.days
    if not way.open:
        days = np.full_like(days, NEVER)
        days[way.at] = way.choices.days[way.at]
    return np.where(days > way.by, days + way.choices.order.promise_days - way.by, days)


def _open(network: Network, parcels_left: Ints, order: Order, days: Ints) -> Bools:
    allowed = _served(network, parcels_left, order)
    allowed &= days <= order.promise_days
    if order.pickup_at is not None:
        points = np.zeros(len(network.ids), dtype=np.bool_)
        points[[network.index[location] for location in order.pickup_at]] = True
        allowed &= points
    return allowed


def _served(network: Network, parcels_left: Ints, order: Order) -> Bools:
    """Return which locations have capacity left and are not excluded."""
    allowed: Bools = parcels_left > 0
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
