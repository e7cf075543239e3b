"""How a store receives customers at the car: its bays, its slots, and who stands where."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from oms.audit.recording import record
from oms.errors import Conflict, Invalid
from oms.locations.models import Location
from oms.pickup.curbside_models import Arrival, CurbsideBay, CurbsideStore

MOST_BAYS = 100
LONGEST_LABEL = 12
_SHORTEST_SLOT_MIN, _LONGEST_SLOT_MIN = 5, 480


@dataclass(frozen=True, slots=True)
class SetUp:
    """A store's bays in the sequence in which they are given out, and its slots, if any."""

    bays: tuple[str, ...] = ()
    slot_minutes: int | None = None
    slot_capacity: int | None = None


def set_up(session: Session, store: Location, wanted: SetUp, *, actor: str) -> None:
    """Make this the store's set-up. Setting it up again changes only what differs.

    A bay that is left out takes no new car; who stands there is served. Slots that are booked
    already stay booked.
    """
    _require_curbside(store)
    _require_sound(wanted)
    row = locked(session, store.id)
    row.slot_minutes, row.slot_capacity = wanted.slot_minutes, wanted.slot_capacity
    known = {
        bay.label: bay
        for bay in session.exec(select(CurbsideBay).where(CurbsideBay.location_id == store.id))
    }
    for label, bay in known.items():
        bay.active = label in wanted.bays
    for position, label in enumerate(wanted.bays):
        bay = known.get(label) or CurbsideBay(location_id=store.id, label=label, position=position)
        bay.position = position
        session.add(bay)
    record(
        session,
        action="curbside.set_up",
        subject_type="location",
        subject_id=store.id,
        actor=actor,
        facts={
            "bays": list(wanted.bays),
            "slot_minutes": wanted.slot_minutes,
            "slot_capacity": wanted.slot_capacity,
        },
    )
    session.flush()


def of_store(session: Session, location_id: UUID) -> SetUp:
    """How the store is set up; empty where nobody has said anything."""
    row = session.get(CurbsideStore, location_id)
    bays = tuple(bay.label for bay in _bays(session, location_id))
    if row is None:
        return SetUp(bays=bays)
    return SetUp(bays, row.slot_minutes, row.slot_capacity)


def locked(session: Session, location_id: UUID) -> CurbsideStore:
    """The store's row, so that one at a time gives out its bays and slots."""
    if session.get(CurbsideStore, location_id) is None:
        # Two that make it at once would both go on: the second waits here, then finds it.
        session.get_one(Location, location_id, with_for_update=True)
        if session.get(CurbsideStore, location_id, populate_existing=True) is None:
            session.add(CurbsideStore(location_id=location_id))
            session.flush()
    return session.get_one(CurbsideStore, location_id, with_for_update=True, populate_existing=True)


def free_bays(session: Session, location_id: UUID, *, but: UUID | None = None) -> list[CurbsideBay]:
    """Bays that no visit has, the nearest first; those of the visit `but` count as free."""
    taken = select(col(Arrival.bay_id)).where(
        Arrival.location_id == location_id,
        col(Arrival.closed_at).is_(None),
        col(Arrival.bay_id).is_not(None),
    )
    if but is not None:
        taken = taken.where(Arrival.id != but)
    used = set(session.exec(taken).all())
    return [bay for bay in _bays(session, location_id) if bay.id not in used]


def choose_bay(
    session: Session, location_id: UUID, *, asked: str, visit: UUID | None
) -> CurbsideBay | None:
    """The bay that a visit gets: the one asked for, else the one it has, else the nearest free.

    None where the store has no numbered bays, or all are taken and none was asked for. The
    store's row is locked first, so two cars never get one bay. Raises `Conflict` naming the free
    ones when another visit has the one asked for.
    """
    locked(session, location_id)
    free = free_bays(session, location_id, but=visit)
    if asked:
        for bay in free:
            if bay.label.casefold() == asked.casefold():
                return bay
        there = ", ".join(bay.label for bay in free)
        raise Conflict(
            f"bay {asked} is not free",
            field="bay",
            remedy=f"take one of these: {there}"
            if there
            else "leave the bay out and say where you stand",
            facts={"free": [bay.label for bay in free]},
        )
    had = session.exec(select(Arrival.bay_id).where(Arrival.id == visit)).first()
    return next((bay for bay in free if bay.id == had), free[0] if free else None)


def _bays(session: Session, location_id: UUID) -> Sequence[CurbsideBay]:
    return session.exec(
        select(CurbsideBay)
        .where(CurbsideBay.location_id == location_id, col(CurbsideBay.active))
        .order_by(col(CurbsideBay.position))
    ).all()


def _require_curbside(store: Location) -> None:
    if not store.can_curbside:
        raise Conflict(
            f"{store.name} hands nothing over at the car",
            field="location",
            remedy="set can_curbside for it in the network file first",
        )


def _require_sound(wanted: SetUp) -> None:
    if len(set(map(str.casefold, wanted.bays))) != len(wanted.bays):
        raise Invalid("a bay is named twice", field="bays", remedy="give each bay one label")
    if len(wanted.bays) > MOST_BAYS or any(
        not 0 < len(bay.strip()) <= LONGEST_LABEL for bay in wanted.bays
    ):
        raise Invalid(
            f"a store has at most {MOST_BAYS} bays, each with a label of 1 to {LONGEST_LABEL}"
            " characters",
            field="bays",
            remedy="give the labels that are painted on the ground",
        )
    if (wanted.slot_minutes is None) != (wanted.slot_capacity is None):
        raise Invalid(
            "a slot has a length and a capacity",
            field="slot_capacity" if wanted.slot_capacity is None else "slot_minutes",
            remedy="give both, or neither for a store without slots",
        )
    minutes, capacity = wanted.slot_minutes, wanted.slot_capacity
    if minutes is not None and not _SHORTEST_SLOT_MIN <= minutes <= _LONGEST_SLOT_MIN:
        raise Invalid(
            f"a slot lasts {_SHORTEST_SLOT_MIN} to {_LONGEST_SLOT_MIN} minutes",
            field="slot_minutes",
            remedy="give the minutes of one slot",
        )
    if capacity is not None and capacity < 1:
        raise Invalid(
            "a slot takes one customer at least",
            field="slot_capacity",
            remedy="give how many customers may come within one slot",
        )
