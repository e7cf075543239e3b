"""Lay a problem out in arrays: built once, read for every order.

`Network` never changes. `Supply` is what is left of stock and capacity while orders are decided one
after another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from routing import geo
from routing.added import Rows, rows_of
from routing.cost import Rates, pickup_terms, rates, shipping_terms
from routing.problem import Lane, Problem
from routing.windows import UNLIMITED, Windows, capacities, windows_of

__all__ = ["UNLIMITED", "Network", "Supply", "capacities", "network_of", "supply_of"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Inbound:
    """The transfer lanes into one location, one place in each array."""

    sources: Ints
    parcel: Ints
    line: Ints
    days: Ints


@dataclass(frozen=True, slots=True)
class Network:
    """The locations and the tariff of a problem; arrays run over locations in the file's order."""

    ids: tuple[str, ...]
    index: dict[str, int]
    points: geo.Floats
    handling_days: Ints
    pickup_days: Ints
    transit_days: Ints
    zone_edges: geo.Floats
    road_factor: float
    shipping: Rates
    pickup: Rates
    added: Rows | None = None
    """Costs beside those of the rates; None where there are none."""
    inbound: Mapping[int, Inbound] = field(default_factory=dict)
    """By location, where any lane leads there."""
    windows: Windows | None = None
    """Where some location has several."""

    def by_window(self, rates: Rates) -> Rates:
        """Return rates whose arrays run over windows, where some location has several."""
        if self.windows is None:
            return rates
        where = self.windows.location
        return replace(rates, parcel=rates.parcel[where], line=rates.line[where])

    def places(self, at: int) -> range:
        """Return the windows of a location; without windows the location itself."""
        return range(at, at + 1) if self.windows is None else self.windows.of(at)

    def location_of(self, place: int) -> int:
        """Return the location of a window; without windows it is the location itself."""
        return place if self.windows is None else int(self.windows.location[place])

    def window_id(self, window: int | None) -> str | None:
        """Return the name of a window; None where a location has but one."""
        return None if window is None or self.windows is None else self.windows.ids[window]


@dataclass(slots=True)
class Supply:
    """Units and parcels still free. The last row of `units` is all zero: a SKU nobody holds.

    Parcels are counted by location, or by window where some location has several.
    """

    row: dict[str, int]
    units: NDArray[np.int32]
    parcels_left: Ints

    def copy(self) -> "Supply":
        """Return a supply that can be used up without changing this one."""
        return Supply(self.row, self.units.copy(), self.parcels_left.copy())

    def take(self, *, at: int, place: int, goods: Iterable[tuple[str, int]]) -> None:
        """Use one parcel of a location's or window's capacity and the (SKU, units) that go in."""
        self.parcels_left[place] -= 1
        for sku, units in goods:
            self.units[self.row[sku], at] -= units
        assert self.parcels_left[place] >= 0, "a location was given more parcels than it can pack"


def network_of(problem: Problem) -> Network:
    """Lay out the locations and the tariff."""
    places, tariff = problem.locations, problem.tariff
    index = {place.id: at for at, place in enumerate(places)}
    return Network(
        ids=tuple(place.id for place in places),
        index=index,
        points=geo.unit_vectors([place.lat for place in places], [place.lon for place in places]),
        handling_days=np.array([place.handling_days for place in places], dtype=np.int64),
        pickup_days=np.array(
            [
                place.handling_days if place.pickup_days is None else place.pickup_days
                for place in places
            ],
            dtype=np.int64,
        ),
        transit_days=np.array(tariff.transit_days, dtype=np.int64),
        zone_edges=geo.zone_edges(tariff.zone_miles, road_factor=problem.road_factor),
        road_factor=problem.road_factor,
        shipping=rates(
            shipping_terms(tariff, places),
            max_weight_g=tariff.max_weight_g,
            locations=len(places),
        ),
        pickup=rates(pickup_terms(places), max_weight_g=(), locations=len(places)),
        added=rows_of(problem.added, index),
        inbound=_inbound(problem.transfers, index),
        windows=windows_of(problem),
    )


def _inbound(lanes: Sequence[Lane], index: Mapping[str, int]) -> dict[int, Inbound]:
    by_end: dict[int, list[tuple[int, int, int, int]]] = {}
    for lane in lanes:
        figures = (index[lane.source], lane.parcel_cents, lane.line_cents, lane.days)
        by_end.setdefault(index[lane.to], []).append(figures)
    return {to: Inbound(*np.array(rows, dtype=np.int64).T) for to, rows in by_end.items()}


def supply_of(problem: Problem, network: Network) -> Supply:
    """Lay out the stock of the SKUs that the orders want, and the capacities."""
    wanted = {line.sku: None for order in problem.orders for line in order.lines}
    row = {sku: number for number, sku in enumerate(wanted)}
    units = np.zeros((len(row) + 1, len(network.ids)), dtype=np.int32)
    for location, sku, held in problem.stock:
        if sku in row:
            units[row[sku], network.index[location]] = held
    return Supply(
        row=row,
        units=units,
        parcels_left=capacities(problem.locations, network.windows),
    )
