"""Cost terms: why one location is dearer than another beside carriage and handling.

A term is a small named object. Its function looks at some orders of a problem and answers with
whole cents, one array for all of them:

    Per.LINE     cents[i, l]   for line i if it leaves from location l
    Per.PARCEL   cents[o, l]   for each parcel of order o, or its hand-over, from location l

`routing.weighing` asks them and writes what they say into the problem, so that whoever decides,
checks or replays it needs neither the terms nor what they looked at. docs/cost-terms.md shows how
another term is plugged in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from routing import geo
from routing.cost import Ints, Per
from routing.network import network_of
from routing.problem import MOST_ADDED_CENTS, Line, Order, Problem

Floats = NDArray[np.float64]

OPPORTUNITY: Final = "opportunity"
"""What is charged for units that others will want; in a problem its rows have this name."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the business knows beside what a problem states. What is not listed is nothing.

    `bid_prices` are cents of one unit by (SKU, location), `acceptance` the probability that work is
    done by (location, class), `classes` the class of each SKU. `used_parcels` were given to each
    location today. `promised_days` are those of orders that may come later than was promised.
    """

    bid_prices: Mapping[tuple[str, str], int] = field(default_factory=dict)
    acceptance: Mapping[tuple[str, str], float] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    used_parcels: Mapping[str, int] = field(default_factory=dict)
    promised_days: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """Some orders of a problem, all its locations, and what is known: all a term may look at.

    Arrays run over `orders` or over `lines`, then over the locations in the problem's order.
    """

    problem: Problem
    known: Known
    orders: tuple[Order, ...]
    lines: tuple[Line, ...]
    """Those of the orders, in sequence."""

    def units(self) -> Ints:
        """Return the units of each line."""
        return np.array([line.units for line in self.lines], dtype=np.int64)

    def bid_prices(self) -> Ints:
        """Return by line and location what one unit there is worth to orders still to come."""
        return self._by_line([line.sku for line in self.lines], self.known.bid_prices, dtype=int)

    def given_back(self) -> Floats:
        """Return by line and location the probability that the location gives the work back."""
        classes = [self.known.classes.get(line.sku, "") for line in self.lines]
        back = {(name, at): 1 - accepts for (at, name), accepts in self.known.acceptance.items()}
        return self._by_line(classes, back, dtype=float)

    def utilisation(self) -> Floats:
        """Return by location how much of today's capacity is used, 0 to 1; 0 without a limit."""
        used = self.known.used_parcels
        return np.array(
            [
                0.0
                if place.capacity_parcels is None or not used.get(place.id)
                else used[place.id] / (used[place.id] + place.capacity_parcels)
                for place in self.problem.locations
            ]
        )

    def days_late(self) -> Ints:
        """Return by order and location how many days behind the promise it would arrive.

        Only orders that may come late have any.
        """
        network = network_of(replace(self.problem, added=()))
        late = np.zeros((len(self.orders), len(network.ids)), dtype=np.int64)
        for at, order in enumerate(self.orders):
            promised = self.known.promised_days.get(order.id)
            if promised is None:
                continue
            if order.pickup_at is None:
                chords = geo.squared_chords(network.points, lat=order.lat, lon=order.lon)
                zones = geo.zones(network.zone_edges, chords)
                days = network.handling_days + network.transit_days[zones]
            else:
                days = network.pickup_days
            late[at] = np.maximum(0, days - promised)
        return late

    def again_cents(self) -> Ints:
        """Return what sourcing each line again would cost about.

        That is one parcel with the line alone, by the tariff's middle zone and the locations'
        middle costs, but no more than leaving it unfilled.
        """
        tariff, places = self.problem.tariff, self.problem.locations
        middle = [row[len(row) // 2] for row in tariff.cents]
        handling = _median([place.parcel_cents + place.line_cents for place in places])
        bands = np.searchsorted(tariff.max_weight_g, [line.weight_g for line in self.lines])
        postage = np.array([*middle, MOST_ADDED_CENTS], dtype=np.int64)[bands]
        unfilled = np.array([line.unfilled_cents for line in self.lines], dtype=np.int64)
        return np.minimum(postage + handling, unfilled)

    def _by_line(
        self, names: Sequence[str], figures: Mapping[tuple[str, str], Any], *, dtype: type
    ) -> NDArray[Any]:
        """Return the figures of each line's name by location."""
        row = {name: number for number, name in enumerate(dict.fromkeys(names))}
        index = {place.id: at for at, place in enumerate(self.problem.locations)}
        table: NDArray[Any] = np.zeros((len(row), len(index)), dtype=dtype)
        for (name, location), figure in figures.items():
            if name in row and location in index:
                table[row[name], index[location]] = figure
        found: NDArray[Any] = table[[row[name] for name in names]]
        return found


Pricing: TypeAlias = Callable[[View], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class CostTerm:
    """A reason why a location costs more, and how much more.

    `name` is what a policy calls it, `words` what its line in an explanation is called, and `unit`
    says in words what is charged. `cents` must return whole cents, none below zero, in the shape
    that `per` says.
    """

    name: str
    unit: str
    words: str
    per: Per
    cents: Pricing


def opportunity() -> CostTerm:
    """What the units are worth to orders still to come."""
    return CostTerm(
        name="opportunity",
        unit="cents per line: its units at the location's bid price",
        words=OPPORTUNITY,
        per=Per.LINE,
        cents=lambda view: _kept(view.bid_prices() * view.units()[:, None]),
    )


def acceptance() -> CostTerm:
    """What sourcing again costs, times the chance that it comes to that."""
    return CostTerm(
        name="acceptance",
        unit="cents per line: the chance that it is given back, at the cost of sourcing again",
        words="acceptance",
        per=Per.LINE,
        cents=lambda view: _kept(np.rint(view.given_back() * view.again_cents()[:, None])),
    )


def congestion(cents: int) -> CostTerm:
    """So many cents a parcel where today's capacity is used up, in proportion before that."""

    def price(view: View) -> Ints:
        row = _kept(np.rint(np.interp(view.utilisation(), (0.0, 1.0), (0.0, float(cents)))))
        return np.broadcast_to(row, (len(view.orders), len(row)))

    return CostTerm(
        name="congestion",
        unit="cents per parcel, by how much of today's capacity is used",
        words="congestion",
        per=Per.PARCEL,
        cents=price,
    )


def lateness(cents_per_day: int) -> CostTerm:
    """So many cents for each day that a parcel is behind the promise."""
    return CostTerm(
        name="lateness",
        unit="cents per parcel and day behind the promise",
        words="lateness",
        per=Per.PARCEL,
        cents=lambda view: _kept(view.days_late() * cents_per_day),
    )


def _kept(figures: NDArray[Any]) -> Ints:
    """Return whole cents, no more than a problem may state."""
    kept: Ints = np.minimum(figures, MOST_ADDED_CENTS).astype(np.int64)
    return kept


def _median(figures: Sequence[int]) -> int:
    return sorted(figures)[len(figures) // 2] if figures else 0
