"""Where a basket can be collected: the nearest stores, when it is ready, and what they lack."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from oms import clock
from oms.capture.network import Place
from oms.promises.baskets import Stated
from oms.settings import settings
from oms.sourcing import dating
from routing import exact, geo
from routing.candidates import Bools, survey
from routing.network import UNLIMITED

KILOMETRES_PER_MILE = 1.609344


@dataclass(frozen=True, slots=True)
class PickupOption:
    """A store that hands over the basket, or the part of it that is not among `lacking`."""

    location: str
    name: str
    miles: float
    ready_by: datetime
    """If it is ordered now: so much of the store's opening time later."""
    time_zone: str
    capacity_left: int | None
    """Parcels and pickups that it can still be given today; None is without limit."""
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pickup:
    """The nearest stores with the whole basket, those with a part, and why there are none."""

    whole: tuple[PickupOption, ...]
    in_part: tuple[PickupOption, ...]
    reason: str | None


def promise(stated: Stated, *, stores: int) -> Pickup:
    """Find the nearest stores, at most so many with all and so many with a part."""
    if stated.releases_at is not None:
        why = f"an article of the basket is not sold before {stated.releases_at:%Y-%m-%d %H:%M} UTC"
        return Pickup((), (), why)
    if not stated.placed:
        return Pickup((), (), "no store can be called near: the postcode is not on the map")
    has = _in_stock(stated)
    free = stated.view.pickup_left > 0
    whole = _nearest(stated, has, has.all(axis=0) & free, most=stores)
    in_part = _nearest(stated, has, has.any(axis=0) & ~has.all(axis=0) & free, most=stores)
    return Pickup(whole, in_part, None if whole else _why(stated, has))


def _in_stock(stated: Stated) -> Bools:
    """Which store holds all units of which line."""
    rows = [stated.supply.row[line.sku] for line in stated.lines]
    wanted = np.array([line.units for line in stated.lines], dtype=np.int32)
    has: Bools = stated.supply.units[rows] >= wanted[:, None]
    return has


def _nearest(stated: Stated, has: Bools, which: Bools, *, most: int) -> tuple[PickupOption, ...]:
    found: list[PickupOption] = []
    for option in _by_distance(stated, has, which):
        if len(found) == most:
            break
        found.append(option)
    return tuple(found)


def _by_distance(stated: Stated, has: Bools, which: Bools) -> Iterator[PickupOption]:
    at = np.flatnonzero(which)
    chords = geo.squared_chords(
        stated.network.points[:, at], lat=stated.where[0], lon=stated.where[1]
    )
    miles = geo.miles(chords, road_factor=stated.network.road_factor)
    for order in chords.argsort(kind="stable").tolist():
        place = stated.view.places[int(at[order])]
        ready = _ready_by(place)
        if ready is None:
            continue
        lacking = tuple(
            line.id for line, here in zip(stated.lines, has[:, place.at], strict=True) if not here
        )
        if not lacking and not _is_routed_to(stated, place):
            continue
        left = int(stated.view.pickup_left[place.at])
        yield PickupOption(
            location=place.code,
            name=place.name,
            miles=round(float(miles[order]), 1),
            ready_by=ready,
            time_zone=place.calendar.zone.key,
            capacity_left=None if left >= UNLIMITED else left,
            lacking=lacking,
        )


def _ready_by(place: Place) -> datetime | None:
    """When the store is done; None if it stays closed for months."""
    calendar, work = place.calendar, timedelta(minutes=settings().pickup_ready_minutes)
    if any(calendar.spans) and calendar.add_open_time(clock.now(), work) is None:
        return None
    return dating.ready_by(calendar, placed_at=clock.now()).astimezone(UTC)


def _is_routed_to(stated: Stated, place: Place) -> bool:
    """Whether routing would give the store the whole order, at its prices."""
    days = int(stated.network.pickup_days[place.at])
    order = stated.order(promise_days=days, at=place.code)
    packages = exact.solve(survey(stated.network, stated.handing_over, order)).packages
    return sum(len(package.lines) for package in packages) == len(stated.lines)


def _why(stated: Stated, has: Bools) -> str:
    hands_over = np.array([place.can_pickup for place in stated.view.places], dtype=np.bool_)
    if not hands_over.any():
        return "no location hands over pickups"
    if not (has.all(axis=0) & hands_over).any():
        return "no store has the whole basket"
    free = has.all(axis=0) & hands_over & (stated.view.pickup_left > 0)
    if not free.any():
        return "every store that has the whole basket has used up its capacity for today"
    if any(_ready_by(stated.view.places[at]) for at in np.flatnonzero(free).tolist()):
        return "handing it over costs more than leaving it out is reckoned at"
    return "every store that has the whole basket is closed for the next 60 days"
