"""The network as capture sees it: locations, calendars and tariffs in memory, laid out in arrays.

It is read again when one of its tables has changed (a trigger counts) and, because work given to
locations uses up their capacity, every few seconds.
"""

import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text as sql
from sqlmodel import Session, col, select

import routing.problem as routing
from oms.locations import geography
from oms.locations import queries as locations
from oms.locations.calendars import Calendar, calendars
from oms.locations.models import Location
from oms.sourcing import policies, problems
from oms.sourcing.models import TariffSheet
from oms.sourcing.policy import Policy, standard
from routing.network import Network, capacities, network_of
from routing.parse import parse_tariff

_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
CAPACITY_AGE_S: Final = 5.0
"""How old the count of work given to locations may be."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location that takes part. `at` is its position in every array."""

    at: int
    id: UUID
    code: str
    can_pickup: bool
    latitude: float
    longitude: float
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class View:
    """One consistent reading of the network; arrays run over locations by code."""

    version: int
    read_at: float
    """On the process's monotonic clock."""
    places: Sequence[Place]
    by_code: Mapping[str, Place]
    index: Mapping[UUID, int]
    tariffs: Mapping[str, tuple[Sequence[datetime], Sequence[Network]]]
    """By currency: moments from which each sheet counts, and the network under it."""
    policies: tuple[Sequence[datetime], Sequence[Policy]]
    """Moments from which each policy counts, and the policies; the first has always counted."""
    shipping_left: NDArray[np.int64]
    pickup_left: NDArray[np.int64]
    """Parcels that each location may still be given; none where it does not do such work."""
    middle: tuple[float, float]
    areas: Mapping[tuple[str, str], tuple[float, float]]

    def under(self, currency: str, *, now: datetime) -> Network | None:
        """The network under the newest tariff in force, if there is one for the currency."""
        starts, networks = self.tariffs.get(currency, ((), ()))
        newest = bisect_right(starts, now) - 1
        return networks[newest] if newest >= 0 else None

    def policy(self, *, now: datetime) -> Policy:
        """The routing policy in force."""
        starts, versions = self.policies
        return versions[bisect_right(starts, now) - 1]

    def area(self, country: str, postcode: str) -> tuple[float, float]:
        """Where a postcode lies that is not on the map: its area's middle, or the network's."""
        return self.areas.get((country, geography.area_of(postcode)), self.middle)

    @property
    def stale(self) -> bool:
        """Whether the capacities should be counted again."""
        return time.monotonic() - self.read_at > CAPACITY_AGE_S


def read(session: Session) -> View:
    """Read the whole network."""
    version = session.execute(sql("SELECT version FROM network_version")).scalar_one()
    rows = locations.active(session)
    stated = problems.stated_locations(session, rows)
    left = capacities(stated)
    hours = calendars(session, rows)
    count = max(1, len(rows))
    places = [_place(at, row, hours[row.code]) for at, row in enumerate(rows)]
    return View(
        version=version,
        read_at=time.monotonic(),
        places=places,
        by_code={place.code: place for place in places},
        index={place.id: place.at for place in places},
        tariffs=_tariffs(session, stated),
        policies=_policies(session),
        shipping_left=np.where([row.can_ship for row in rows], left, 0),
        pickup_left=np.where([row.can_pickup for row in rows], left, 0),
        middle=(
            sum(row.latitude for row in rows) / count,
            sum(row.longitude for row in rows) / count,
        ),
        areas=geography.areas(session),
    )


def _place(at: int, row: Location, calendar: Calendar) -> Place:
    return Place(at, row.id, row.code, row.can_pickup, row.latitude, row.longitude, calendar)


def _tariffs(
    session: Session, stated: tuple[routing.Location, ...]
) -> dict[str, tuple[list[datetime], list[Network]]]:
    found: dict[str, tuple[list[datetime], list[Network]]] = {}
    for sheet in session.exec(select(TariffSheet).order_by(col(TariffSheet.effective_from))):
        problem = routing.Problem(sheet.currency, parse_tariff(sheet.sheet), stated, (), ())
        starts, networks = found.setdefault(sheet.currency, ([], []))
        starts.append(sheet.effective_from)
        networks.append(network_of(problem))
    return found


def _policies(session: Session) -> tuple[Sequence[datetime], Sequence[Policy]]:
    rows = policies.listed(session)[::-1]
    return (
        [_ALWAYS, *(row.effective_from for row in rows)],
        [standard(), *(policies.in_force(row).policy for row in rows)],
    )
