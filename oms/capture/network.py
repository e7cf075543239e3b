"""The network in memory: locations, calendars and tariffs, laid out in arrays; one per process.

It is read again when one of its tables has changed (a trigger counts). What goes on without such a
change is brought up to date: each minute when parcels leave and pickups are ready, and, because
work given to locations uses up their capacity, every few seconds what is left of that.
"""

import dataclasses
import time as timer
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from threading import Lock
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import URL
from sqlalchemy import text as sql
from sqlmodel import Session, col, select

import routing.problem as routing
from oms import clock
from oms.capture import weighed
from oms.capture.weighed import Figures
from oms.inventory import spread
from oms.locations import pausing
from oms.locations import queries as locations
from oms.locations.calendars import Calendar
from oms.locations.models import Location
from oms.locations.pausing import Work
from oms.settings import settings
from oms.sourcing import dating, policies, stating, weighing
from oms.sourcing.models import TariffSheet
from oms.sourcing.policy import Policy, standard
from routing import geo
from routing.network import UNLIMITED, Network, capacities, network_of
from routing.parse import parse_tariff

_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
CAPACITY_AGE_S: Final = 5.0
"""How old the count of work given to locations may be."""
_VERSION: Final = sql("SELECT version, xmin::text FROM network_version")

Identity = tuple[URL, int, str]
"""A database, and a state of its network: a version that was rolled back has another xmin."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location that takes part. `at` is its position in every array."""

    at: int
    id: UUID
    code: str
    name: str
    does: frozenset[Work]
    paused: Mapping[Work, datetime | None]
    """What it has paused, and until when; None has no end."""
    latitude: float
    longitude: float
    country: str
    capacity_parcels: int | None
    cut_off: time
    handling_days: int
    calendar: Calendar

    @property
    def can_ship(self) -> bool:
        """Whether it takes orders to send now."""
        return self._takes(Work.SHIP)

    @property
    def can_pickup(self) -> bool:
        """Whether it takes orders to be collected now."""
        return self._takes(Work.PICKUP)

    def _takes(self, work: Work) -> bool:
        if work not in self.does:
            return False
        return work not in self.paused or not pausing.is_on(self.paused[work])


@dataclass(frozen=True, slots=True)
class View:
    """One consistent reading of the network; arrays run over locations by code."""

    identity: Identity
    places: Sequence[Place]
    by_code: Mapping[str, Place]
    index: Mapping[UUID, int]
    ids: spread.Ids
    """In their own order; `ids_at` has the position of each."""
    ids_at: NDArray[np.int64]
    points: geo.Floats
    tariffs: Mapping[str, tuple[Sequence[datetime], Sequence[Network]]]
    """By currency: moments from which each sheet counts, and the network under it."""
    bare: Mapping[str, Sequence[routing.Problem]]
    """By currency: what each of these networks is laid out from, without orders."""
    figures: Figures
    """What the cost terms of the policy in force look at."""
    middle: tuple[float, float]
    dated_at: datetime
    """The minute for which the networks say when parcels leave and pickups are ready."""
    today: date
    """The date from which their days are counted."""
    counted_at: float
    """On the process's monotonic clock."""
    policies: tuple[Sequence[datetime], Sequence[Policy]]
    """Moments from which each policy counts, and the policies; the first has always counted."""
    shipping_left: NDArray[np.int64]
    pickup_left: NDArray[np.int64]
    """Parcels that each location may still be given; none where it does not do such work."""

    @property
    def version(self) -> int:
        """How often the network had changed."""
        return self.identity[1]

    @property
    def stale(self) -> bool:
        """Whether days or capacities should be reckoned again."""
        return (
            timer.monotonic() - self.counted_at > CAPACITY_AGE_S or _this_minute() != self.dated_at
        )

    def under(self, currency: str, *, now: datetime) -> Network | None:
        """The network under the newest tariff in force, if there is one for the currency."""
        starts, networks = self.tariffs.get(currency, ((), ()))
        newest = bisect_right(starts, now) - 1
        return networks[newest] if newest >= 0 else None

    def bare_under(self, currency: str, *, now: datetime) -> routing.Problem:
        """What that network is laid out from; the currency must have one."""
        return self.bare[currency][bisect_right(self.tariffs[currency][0], now) - 1]

    def positions(self, ids: spread.Ids) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where in the arrays these locations are, and which of them take part at all."""
        if not len(self.ids):
            return np.zeros(0, dtype=np.int64), np.zeros(len(ids), dtype=np.bool_)
        found = np.minimum(self.ids.searchsorted(ids), len(self.ids) - 1)
        known = self.ids[found] == ids
        return self.ids_at[found[known]], known

    def policy(self, *, now: datetime) -> Policy:
        """The routing policy in force."""
        return _in_force(self.policies, now=now)

    def zone(self, where: tuple[float, float]) -> ZoneInfo:
        """The clock of a customer at this place."""
        at = dating.nearest(self.points, where)
        return ZoneInfo("UTC") if at is None else self.places[at].calendar.zone


_KEPT: dict[str, View] = {}
_READING = Lock()


def current(session: Session) -> View:
    """The network as it is now, from memory if that is up to date.

    While one thread reckons days and capacities anew, the others go on with those before.
    """
    identity = _identity(session)
    known = _KEPT.get("view")
    if known is not None and known.identity == identity:
        if not known.stale or not _READING.acquire(blocking=False):
            return known
    else:
        _READING.acquire()
        known = _KEPT.get("view")  # whoever had the lock may have read it
    try:
        if known is None or known.identity != identity:
            known = read(session)
        elif known.stale:
            known = _brought_up_to_date(session, known)
        _KEPT["view"] = known
        return known
    finally:
        _READING.release()


def read(session: Session) -> View:
    """Read the whole network."""
    identity = _identity(session)
    rows = locations.active(session)
    dated_at = _this_minute()
    stated = stating.state(session, rows, handing_over={row.id for row in rows if row.can_pickup})
    places = [_place(at, row, stated.calendars[row.code]) for at, row in enumerate(rows)]
    left = capacities(stated.locations)
    tariffs, bare = _tariffs(session, stated.locations)
    versions = _policies(session)
    ids = spread.ids_of([row.id for row in rows])
    ids_at = np.argsort(ids, kind="stable")
    count = max(1, len(rows))
    return View(
        identity=identity,
        places=places,
        by_code={place.code: place for place in places},
        index={place.id: place.at for place in places},
        ids=ids[ids_at],
        ids_at=ids_at,
        points=stated.points,
        tariffs=tariffs,
        bare=bare,
        figures=weighed.read(
            session,
            _in_force(versions, now=clock.now()),
            used_parcels=stated.used_parcels,
        ),
        policies=versions,
        middle=(
            sum(place.latitude for place in places) / count,
            sum(place.longitude for place in places) / count,
        ),
        dated_at=dated_at,
        today=stated.today,
        counted_at=timer.monotonic(),
        shipping_left=np.where([pausing.ships(row) for row in rows], left, 0),
        pickup_left=np.where([pausing.hands_over(row) for row in rows], left, 0),
    )


def _identity(session: Session) -> Identity:
    version, xmin = session.execute(_VERSION).one()
    return session.get_bind().engine.url, version, xmin


def _this_minute() -> datetime:
    return clock.now().replace(second=0, microsecond=0)


def _brought_up_to_date(session: Session, view: View) -> View:
    """The same network, with days and capacities as they are now."""
    busy, places = stating.work_given_today(session), view.places
    minute = _this_minute()
    dated = view if minute == view.dated_at else _dated(view, minute)
    counted = dataclasses.replace(
        dated,
        counted_at=timer.monotonic(),
        shipping_left=_left(places, busy, [place.can_ship for place in places]),
        pickup_left=_left(places, busy, [place.can_pickup for place in places]),
    )
    policy = view.policy(now=clock.now())
    return _weighing(session, counted, busy, policy) if weighing.weighs(policy) else counted


def _weighing(session: Session, view: View, busy: Mapping[UUID, int], policy: Policy) -> View:
    """The same network, with what the policy weighs as it is now."""
    used = {place.code: busy.get(place.id, 0) for place in view.places}
    left = [
        None
        if place.capacity_parcels is None
        else max(0, place.capacity_parcels - used[place.code])
        for place in view.places
    ]
    return dataclasses.replace(
        view,
        figures=weighed.read(session, policy, used_parcels=used, before=view.figures),
        bare={
            currency: [
                weighed.as_now(problem, network, left)
                for problem, network in zip(problems, view.tariffs[currency][1], strict=True)
            ]
            for currency, problems in view.bare.items()
        },
    )


def _dated(view: View, minute: datetime) -> View:
    places = view.places
    today = dating.today(place.calendar for place in places)
    leaving = np.array(
        [
            dating.days_to_departure(
                place.calendar,
                cut_off=place.cut_off,
                handling_days=place.handling_days,
                first=today,
            )
            for place in places
        ],
        dtype=np.int64,
    )
    ready = np.array(
        [
            dating.days_to_ready(place.calendar, first=today) if Work.PICKUP in place.does else days
            for place, days in zip(places, leaving.tolist(), strict=True)
        ],
        dtype=np.int64,
    )
    return dataclasses.replace(
        view,
        dated_at=minute,
        today=today,
        tariffs={
            currency: (
                starts,
                [
                    dataclasses.replace(network, handling_days=leaving, pickup_days=ready)
                    for network in networks
                ],
            )
            for currency, (starts, networks) in view.tariffs.items()
        },
    )


def _left(
    places: Sequence[Place], busy: Mapping[UUID, int], doing: Collection[bool]
) -> NDArray[np.int64]:
    return np.array(
        [
            0
            if not does
            else UNLIMITED
            if place.capacity_parcels is None
            else max(0, place.capacity_parcels - busy.get(place.id, 0))
            for place, does in zip(places, doing, strict=True)
        ],
        dtype=np.int64,
    )


def _place(at: int, row: Location, calendar: Calendar) -> Place:
    return Place(
        at=at,
        id=row.id,
        code=row.code,
        name=row.name,
        does=frozenset(
            work for work, can in ((Work.SHIP, row.can_ship), (Work.PICKUP, row.can_pickup)) if can
        ),
        paused={
            work: pausing.paused_until(row, work)
            for work in Work
            if pausing.why_paused(row, work) is not None
        },
        latitude=row.latitude,
        longitude=row.longitude,
        country=row.country,
        capacity_parcels=row.capacity_parcels,
        cut_off=row.cut_off,
        handling_days=row.handling_days,
        calendar=calendar,
    )


def _tariffs(
    session: Session, stated: tuple[routing.Location, ...]
) -> tuple[
    dict[str, tuple[list[datetime], list[Network]]], Mapping[str, Sequence[routing.Problem]]
]:
    found: dict[str, tuple[list[datetime], list[Network]]] = {}
    bare: dict[str, list[routing.Problem]] = {}
    for sheet in session.exec(select(TariffSheet).order_by(col(TariffSheet.effective_from))):
        problem = routing.Problem(
            sheet.currency,
            parse_tariff(sheet.sheet),
            stated,
            (),
            (),
            road_factor=settings().road_factor,
        )
        starts, networks = found.setdefault(sheet.currency, ([], []))
        starts.append(sheet.effective_from)
        networks.append(network_of(problem))
        bare.setdefault(sheet.currency, []).append(problem)
    return found, bare


def _in_force(policies: tuple[Sequence[datetime], Sequence[Policy]], *, now: datetime) -> Policy:
    starts, versions = policies
    return versions[bisect_right(starts, now) - 1]


def _policies(session: Session) -> tuple[Sequence[datetime], Sequence[Policy]]:
    rows = policies.listed(session)[::-1]
    return (
        [_ALWAYS, *(row.effective_from for row in rows)],
        [standard(), *(policies.in_force(row).policy for row in rows)],
    )
