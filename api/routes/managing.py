"""A store as whoever looks after it sees and changes it: health, hours, pauses, people, devices."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api import managework
from api.deps import IdempotencyKey, ItemId, ManagedStoreDep, SessionDep, StoreManager
from api.managework import Managing
from api.schemas.managing import (
    Badge,
    ClosureIn,
    ClosureOut,
    DeviceIn,
    DeviceOut,
    EmptyIn,
    EnrolledOut,
    HoursOut,
    MovedOut,
    OverviewOut,
    PauseIn,
    PauseOut,
    PersonIn,
    PersonOut,
    PinIn,
    SpanIn,
    WeekIn,
)
from oms.access import managing
from oms.locations import opening
from oms.locations.opening import DAYS
from oms.locations.pausing import Work
from oms.pickup import rescheduling
from oms.reports import store as reports

router = APIRouter(prefix="/v1/stores/{code}", tags=["store management"])


def _at(
    session: SessionDep, who: StoreManager, store: ManagedStoreDep, key: IdempotencyKey
) -> Managing:
    return Managing(session, who, store, key)


ManagingDep = Annotated[Managing, Depends(_at, scope="function")]
BadgePath = Annotated[Badge, Path()]


@router.get("/overview")
def overview(session: SessionDep, store: ManagedStoreDep) -> OverviewOut:
    """Queue health, capacity, pauses, and what waits to be put back, counted or settled."""
    found = reports.overview(session, store)
    return OverviewOut.model_validate(
        {
            **{name: getattr(found, name) for name in OverviewOut.model_fields if name != "pauses"},
            "pauses": managework.pauses(store),
        }
    )


@router.get("/pauses")
def read_pauses(store: ManagedStoreDep) -> list[PauseOut]:
    """The pauses that are on."""
    return managework.pauses(store)


@router.post("/pauses")
def pause(body: PauseIn, at: ManagingDep) -> list[PauseOut]:
    """Take no more pickups, or no more parcels, from now on.

    Routing, promises and checkout obey at once. What the store was given it goes on with.
    """
    return [PauseOut.model_validate(one) for one in managework.pause(at, body)["pauses"]]


@router.post("/pauses/{work}/end")
def resume(work: Work, body: EmptyIn, at: ManagingDep) -> list[PauseOut]:
    """Take such work again."""
    return [PauseOut.model_validate(one) for one in managework.resume(at, work, body)["pauses"]]


@router.get("/hours")
def read_hours(session: SessionDep, store: ManagedStoreDep) -> HoursOut:
    """The store's week, and the closures to come."""
    week = opening.week_of(session, store)
    return HoursOut(
        time_zone=store.time_zone,
        week={
            DAYS[day]: [SpanIn(opens=opens, closes=closes) for opens, closes in spans]
            for day, spans in week.items()
        },
        closures=[ClosureOut.model_validate(one) for one in opening.closures(session, store)],
    )


@router.put("/hours")
def set_hours(
    body: WeekIn, session: SessionDep, store: ManagedStoreDep, who: StoreManager
) -> MovedOut:
    """Make this the store's week; the same again changes nothing.

    Promises and pick-up-by dates that fall into closed hours move to the next opening; customers
    whose goods wait longer are told.
    """
    moved = rescheduling.set_week(session, store, managework.week_of(body), actor=who.actor)
    return MovedOut.model_validate(moved)


@router.put("/closures/{day}")
def close_on(
    day: date, body: ClosureIn, session: SessionDep, store: ManagedStoreDep, who: StoreManager
) -> MovedOut:
    """Stay closed on a day to come, and move what was promised for it."""
    moved = rescheduling.close_on(session, store, day, reason=body.reason, actor=who.actor)
    return MovedOut.model_validate(moved)


@router.delete("/closures/{day}", status_code=204)
def open_on(day: date, session: SessionDep, store: ManagedStoreDep, who: StoreManager) -> None:
    """Open that day after all; dates that were moved stay where they are."""
    opening.open_on(session, store, day, actor=who.actor)


@router.get("/people")
def read_people(session: SessionDep, store: ManagedStoreDep) -> list[PersonOut]:
    """Everybody who works or has worked in the store."""
    return [PersonOut.model_validate(one) for one in managing.people(session, store)]


@router.post("/people")
def add_person(body: PersonIn, at: ManagingDep) -> PersonOut:
    """Let a person work in the store."""
    return PersonOut.model_validate(managework.add_person(at, body))


@router.post("/people/{badge}/deactivate")
def deactivate(badge: BadgePath, body: EmptyIn, at: ManagingDep) -> PersonOut:
    """Keep a person out from now on; their open sessions end."""
    return PersonOut.model_validate(managework.let_in(at, badge, body, active=False))


@router.post("/people/{badge}/reactivate")
def reactivate(badge: BadgePath, body: EmptyIn, at: ManagingDep) -> PersonOut:
    """Let a person in again."""
    return PersonOut.model_validate(managework.let_in(at, badge, body, active=True))


@router.post("/people/{badge}/pin")
def reset_pin(badge: BadgePath, body: PinIn, at: ManagingDep) -> PersonOut:
    """Give a person another PIN; a lock for wrong ones ends."""
    return PersonOut.model_validate(managework.reset_pin(at, badge, body))


@router.get("/devices")
def read_devices(session: SessionDep, store: ManagedStoreDep) -> list[DeviceOut]:
    """Devices in use."""
    return [DeviceOut.model_validate(one) for one in managing.devices(session, store)]


@router.post("/devices")
def enrol(body: DeviceIn, at: ManagingDep) -> EnrolledOut:
    """Tie a device to the store. Its token is shown in this answer and never again."""
    return managework.enrol(at, body)


@router.post("/devices/{device_id}/revoke", status_code=204)
def revoke(device_id: ItemId, body: EmptyIn, at: ManagingDep) -> None:
    """Take a device out of use at once."""
    managework.revoke(at, device_id, body)
