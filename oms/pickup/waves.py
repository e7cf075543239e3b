"""Collect several pickups in one walk: take them, scan article by article, see what is where.

Each scanned unit goes to the first tote that still needs it. What is counted is kept on the lines
themselves, so another device, or a reload, shows the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.catalogue import queries as catalogue
from oms.errors import Conflict, Invalid, NotFound
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.orders.models import Order
from oms.pickup import claiming, counts, preparing, queries, walking
from oms.pickup.models import Pickup
from oms.pickup.walking import Stop, Tote
from oms.pickup.wave_models import PickWave, WavePickup

MOST_TOTES: Final = 10


class ScanOutcome(StrEnum):
    """What became of a scan."""

    ASSIGNED = "assigned"
    COMPLETE = "complete"
    """The article is part of the wave, and all of it is collected already."""
    WRONG = "wrong"
    """Nothing of the wave; it belongs back on its shelf."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan and where its unit goes."""

    outcome: ScanOutcome
    code: str
    sku: str | None = None
    name: str | None = None
    tote: int | None = None
    order_number: str | None = None
    picked: int = 0
    """Of the article, in all totes, with this one."""
    quantity: int = 0


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave as it stands. `totes` are the pickups that are still being picked in it."""

    wave_id: UUID
    number: int
    started_by: str
    totes: tuple[Tote, ...]
    stops: tuple[Stop, ...]

    @property
    def quantity(self) -> int:
        """Units of all stops."""
        return sum(stop.quantity for stop in self.stops)

    @property
    def picked(self) -> int:
        """Of these, units that are collected."""
        return sum(stop.picked for stop in self.stops)


def take(
    session: Session, *, location_id: UUID, pickup_ids: Sequence[UUID], actor: str
) -> PickWave:
    """Take new pickups in hand as one wave; their totes are numbered in this sequence.

    Raises `Invalid` for none or too many, `NotFound` for a pickup of another store, and
    `IllegalMove` for one that is not new any more; then none is taken.
    """
    if not 0 < len(set(pickup_ids)) <= MOST_TOTES or len(set(pickup_ids)) < len(pickup_ids):
        raise Invalid(
            f"a wave has 1 to {MOST_TOTES} different pickups, not {len(pickup_ids)}",
            field="pickup_ids",
            remedy="take fewer at once, each of them once; the next wave takes the others",
        )
    wave = PickWave(location_id=location_id, started_by=actor, started_at=clock.now())
    session.add(wave)
    session.flush()
    totes = {pickup_id: tote for tote, pickup_id in enumerate(pickup_ids, start=1)}
    for pickup_id in sorted(totes):  # one lock order for all
        preparing.start(session, pickup_id, actor=actor, location_id=location_id)
        session.add(WavePickup(wave_id=wave.id, pickup_id=pickup_id, tote=totes[pickup_id]))
    record(
        session,
        action="wave.started",
        subject_type="wave",
        subject_id=wave.id,
        actor=actor,
        facts={"number": wave.number, "pickups": len(totes)},
    )
    session.flush()
    return wave


def take_next(session: Session, *, location_id: UUID, most: int, actor: str) -> PickWave:
    """Take the most urgent new pickups, at most so many; `Conflict` when there are none."""
    if not 0 < most <= MOST_TOTES:
        raise Invalid(
            f"a wave has 1 to {MOST_TOTES} pickups, not {most}",
            field="most",
            remedy="ask for fewer; the next wave takes the others",
        )
    new = counts.counts(session, location_id=location_id).new_ids[:most]
    if not new:
        raise Conflict(
            "no pickup waits to be picked",
            field="most",
            remedy="refresh the queue; somebody else may have taken them",
        )
    return take(session, location_id=location_id, pickup_ids=new, actor=actor)


def open_waves(session: Session, *, location_id: UUID) -> list[Wave]:
    """The waves of a store in which something is still to be picked, the oldest first."""
    ids = session.exec(
        select(PickWave.id)
        .join(WavePickup, col(WavePickup.wave_id) == PickWave.id)
        .join(Pickup, col(Pickup.id) == WavePickup.pickup_id)
        .join(Fulfilment, col(Fulfilment.id) == Pickup.fulfilment_id)
        .where(  # by the few that are being picked: waves are kept for good
            Fulfilment.location_id == location_id,
            Fulfilment.status == FulfilmentStatus.PICKING,
        )
        .distinct()
        .order_by(col(PickWave.id))
    ).all()
    return [shown(session, one, location_id=location_id) for one in ids]


def shown(session: Session, wave_id: UUID, *, location_id: UUID) -> Wave:
    """One wave of this store with its walk; a wave that is over has no totes."""
    wave = _wave(session, wave_id, location_id=location_id)
    totes = _totes(session, wave.id)
    return Wave(
        wave_id=wave.id,
        number=wave.number or 0,
        started_by=wave.started_by,
        totes=totes,
        stops=walking.walk(session, location_id=location_id, totes=totes),
    )


def wave_of(session: Session, pickup_id: UUID) -> WavePickup | None:
    """The wave that a pickup is in, or was."""
    return session.exec(select(WavePickup).where(WavePickup.pickup_id == pickup_id)).first()


def scan(session: Session, wave_id: UUID, code: str, *, actor: str, location_id: UUID) -> Scanned:
    """Put the unit that was scanned into the first tote that needs it, and say which.

    `code` is a barcode or a SKU. What the wave does not want, or wants no more of, is an answer and
    no error: the unit goes back. Raises `Claimed` when somebody has taken the pickup over.
    """
    _lock(session, wave_id, location_id=location_id)
    sku = catalogue.sku_of(session, code)
    totes = _totes(session, wave_id)
    stops = walking.walk(session, location_id=location_id, totes=totes)
    stop = next((one for one in stops if one.sku == sku), None)
    if sku is None or stop is None:
        return Scanned(ScanOutcome.WRONG, code, sku=sku, name=_name(session, sku))
    needing = next((one for one in stop.shares if one.picked < one.quantity), None)
    if needing is None:
        return Scanned(
            ScanOutcome.COMPLETE,
            code,
            sku=sku,
            name=stop.name,
            picked=stop.picked,
            quantity=stop.quantity,
        )
    _count(session, needing.pickup_id, sku, +1, actor=actor, location_id=location_id)
    return Scanned(
        ScanOutcome.ASSIGNED,
        code,
        sku=sku,
        name=stop.name,
        tote=needing.tote,
        order_number=needing.order_number,
        picked=stop.picked + 1,
        quantity=stop.quantity,
    )


def take_out(
    session: Session, wave_id: UUID, *, pickup_id: UUID, sku: str, actor: str, location_id: UUID
) -> None:
    """A unit was counted by mistake: it is not in this pickup's tote. Takes back one scan."""
    _lock(session, wave_id, location_id=location_id)
    if pickup_id not in {tote.pickup_id for tote in _totes(session, wave_id)}:
        raise NotFound(
            f"pickup {pickup_id} is not being picked in this wave",
            field="pickup_id",
            remedy="read the wave again; the pickup may be on its shelf already",
        )
    _count(session, pickup_id, sku, -1, actor=actor, location_id=location_id)


def _count(
    session: Session, pickup_id: UUID, sku: str, step: int, *, actor: str, location_id: UUID
) -> None:
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    claiming.require(pickup, actor=actor)
    claiming.claim(pickup, actor=actor)  # whoever scans is still at it
    lines = fulfilments.lines(session, fulfilment.id)
    for line in lines if step > 0 else reversed(lines):
        if line.sku == sku and 0 <= line.picked + step <= line.quantity:
            line.picked += step
            session.flush()
            return
    raise Conflict(
        f"there is no unit of {sku} to count {'in' if step > 0 else 'out'}",
        field="sku",
        remedy="read the wave again; somebody else may have changed it",
    )


def _wave(session: Session, wave_id: UUID, *, location_id: UUID) -> PickWave:
    wave = session.get(PickWave, wave_id)
    if wave is None or wave.location_id != location_id:
        raise NotFound(
            f"there is no wave {wave_id} in this store",
            field="wave_id",
            remedy="refresh the queue; the link may be of another store",
        )
    return wave


def _lock(session: Session, wave_id: UUID, *, location_id: UUID) -> None:
    """Let one scan of a wave be counted at a time. Taken before any order is locked."""
    wave = _wave(session, wave_id, location_id=location_id)
    session.refresh(wave, with_for_update=True)


def _totes(session: Session, wave_id: UUID) -> tuple[Tote, ...]:
    rows = session.exec(
        select(WavePickup, Pickup.fulfilment_id, Order.display_number, Pickup.version)
        .join(Pickup, col(Pickup.id) == WavePickup.pickup_id)
        .join(Fulfilment, col(Fulfilment.id) == Pickup.fulfilment_id)
        .join(Order, col(Order.id) == Pickup.order_id)
        .where(WavePickup.wave_id == wave_id, col(Fulfilment.status) == FulfilmentStatus.PICKING)
        .order_by(col(WavePickup.tote))
    ).all()
    return tuple(
        Tote(row.pickup_id, fulfilment_id, row.tote, number, version)
        for row, fulfilment_id, number, version in rows
    )


def _name(session: Session, sku: str | None) -> str | None:
    return catalogue.products(session, [sku])[sku].name if sku else None
