"""Windows of time: what each location can make in each, and which of them an order may use.

Arrays run over the windows of all locations, one location after another. A location that states
none has one all the same, with its `capacity_parcels`: what it makes leaves after `handling_days`
and is ready after `pickup_days`.

    parcels left[l] for an order = Σ capacity left[w] over the windows w of l that
                                   serve such an order and are in time for it

Within an order, a package takes the first of these that has room. That loses nothing: any window in
time is as good for it as any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.cost import Ints
from routing.problem import MOST_DAYS, Location, Problem, Serves, Window

Bools = NDArray[np.bool_]

UNLIMITED: Final = 1 << 40

NEVER: Final = 4 * MOST_DAYS
"""Days that pass until what no window or lane serves is there."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of a problem. A timed one says when it hands over, others from when on."""

    ids: tuple[str | None, ...]
    location: Ints
    first: Ints
    """By location: its first window."""
    leaves: Ints
    ready: Ints
    ships: Bools
    hands_over: Bools
    timed: Bools

    def of(self, at: int) -> range:
        """Return the windows of one location."""
        end = self.first[at + 1] if at + 1 < len(self.first) else len(self.location)
        return range(int(self.first[at]), int(end))

    def handing_over(self, slot: str | None) -> Bools:
        """Return which windows hand over; with a slot, only those of that name."""
        if slot is None:
            return self.hands_over
        named = np.array([name == slot for name in self.ids], dtype=np.bool_)
        return named & self.hands_over


@dataclass(frozen=True, slots=True)
class Slots:
    """What the windows are to one order: when each would be in time, and what each has left."""

    windows: Windows
    serves: Bools
    days: Ints
    left: Ints
    open: Bools

    @property
    def parcels_left(self) -> Ints:
        """By location: how many parcels its open windows have left together."""
        left: Ints = np.add.reduceat(np.where(self.open, self.left, 0), self.windows.first)
        return left

    @property
    def first_days(self) -> Ints:
        """By location: the days of its first window that serves such an order, full or not."""
        days: Ints = np.minimum.reduceat(
            np.where(self.serves, self.days, NEVER), self.windows.first
        )
        return days

    def room(self, at: int, used: dict[int, int]) -> int:
        """Return the first open window of a location with room, and count it as used."""
        windows = self.windows.of(at)
        for window in sorted(windows, key=lambda one: (self.days[one], one)):
            if self.open[window] and used.get(window, 0) < self.left[window]:
                used[window] = used.get(window, 0) + 1
                return window
        raise AssertionError("a location was given more parcels than its windows have room for")


def windows_of(problem: Problem) -> Windows | None:
    """Lay out the windows; None where every location has but one, and nobody asks for one."""
    places = problem.locations
    slots = any(order.slot is not None for order in problem.orders)
    if not places or not (slots or any(place.windows for place in places)):
        return None
    every = [(at, window) for at, place in enumerate(places) for window in _all(place)]
    location = np.array([at for at, _ in every], dtype=np.int64)
    return Windows(
        ids=tuple(window.id if places[at].windows else None for at, window in every),
        location=location,
        first=np.searchsorted(location, np.arange(len(places))),
        leaves=np.array([window.days for _, window in every], dtype=np.int64),
        ready=np.array(
            [window.days if places[at].windows else _ready(places[at]) for at, window in every],
            dtype=np.int64,
        ),
        ships=np.array([window.serves is not Serves.PICKUP for _, window in every]),
        hands_over=np.array([window.serves is not Serves.SHIPPING for _, window in every]),
        timed=np.array([bool(places[at].windows) for at, _ in every]),
    )


def capacities(places: Sequence[Location], windows: Windows | None = None) -> Ints:
    """Return the parcels that each location may still be given; with windows, by window."""
    if windows is None:
        most = [place.capacity_parcels for place in places]
    else:
        most = [window.capacity_parcels for place in places for window in _all(place)]
    return np.array([UNLIMITED if one is None else one for one in most], dtype=np.int64)


def slots_of(windows: Windows, left: Ints, *, days: Ints, serves: Bools, by: int) -> Slots:
    """Return what windows are to an order that is in time within so many days."""
    return Slots(windows, serves, days, left, open=serves & (days <= by) & (left > 0))


def _all(place: Location) -> tuple[Window, ...]:
    return place.windows or (Window("", place.handling_days, place.capacity_parcels),)


def _ready(place: Location) -> int:
    return place.handling_days if place.pickup_days is None else place.pickup_days
