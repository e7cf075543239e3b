"""The page of whoever looks after a store: health, pauses, hours, people, devices, the car park.

It is the manager's under `/store/manage/{code}`, and operations' under `/operations/stores/{code}`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import segno
from fastapi import APIRouter, Depends, Form, Path, Response
from markupsafe import Markup

from api import managework
from api.deps import IdempotencyKey, ItemId, ManagedStoreDep, OperatorDep, SessionDep, StoreManager
from api.managework import Managing
from api.schemas.base import In
from api.schemas.managing import (
    Badge,
    ClosureIn,
    DeviceIn,
    EmptyIn,
    PauseIn,
    PersonIn,
    PinIn,
)
from api.schemas.orders import Text
from api.web.bell import bell
from api.web.people import AtLocation
from api.web.rendering import render
from oms.access import managing
from oms.errors import Invalid
from oms.locations import opening
from oms.locations import queries as locations
from oms.locations.opening import DAYS, Span
from oms.locations.pausing import Work
from oms.pickup import curbside, rescheduling
from oms.pickup.curbside import SetUp
from oms.pickup.rescheduling import Moved
from oms.reports import store as reports

listing = APIRouter()

BadgePath = Annotated[Badge, Path()]


class PauseForm(In):
    """A pause as the page sends it: its end is a time on the store's own clock."""

    work: Work
    because: Text = ""
    until: Text = ""


class HoursForm(In):
    """A week, a line for each day: `08:00-12:00, 13:00-20:00`, empty where it stays closed."""

    mon: Text = ""
    tue: Text = ""
    wed: Text = ""
    thu: Text = ""
    fri: Text = ""
    sat: Text = ""
    sun: Text = ""


class ClosureForm(ClosureIn):
    """A day on which the store stays closed."""

    day: date


class CurbsideForm(In):
    """Bays in one line, and slots."""

    bays: Text = ""
    slot_minutes: int | None = None
    slot_capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody who looks after a store, on its page."""

    unit: SessionDep
    who: StoreManager
    store: ManagedStoreDep

    def acting(self, key: str) -> Managing:
        """The same, with the key of a command."""
        return Managing(self.unit, self.who, self.store, key)


def looking(unit: SessionDep, who: StoreManager, store: ManagedStoreDep) -> Looking:
    """Who looks after which store."""
    return Looking(unit, who, store)


LookingDep = Annotated[Looking, Depends(looking, scope="function")]


@listing.get("/operations/stores")
def stores(unit: SessionDep, who: OperatorDep) -> Response:
    """Every location that takes part, with what it has paused."""
    rows = [(place, managework.pauses(place)) for place in locations.active(unit)]
    return render("operations/stores.html", who=who, tab="stores", rows=rows)


def page(at: LookingDep) -> Response:
    """The whole page."""
    return render("managing/page.html", **_frame(at), **_facts(at))


def card(at: LookingDep) -> Response:
    """What changes by itself: health, capacity, tasks and cases."""
    return render("managing/_health.html", **_facts(at))


def pause(form: Annotated[PauseForm, Form()], at: LookingDep, key: IdempotencyKey) -> Response:
    """Take no more of one kind of work."""
    until = _moment(form.until, at.store.time_zone)
    body = PauseIn.model_construct(work=form.work, because=form.because, until=until)
    managework.pause(at.acting(key), body)
    return _done(at, f"Paused: no more {_WORK[form.work]} from now on.")


def resume(work: Work, at: LookingDep, key: IdempotencyKey) -> Response:
    """Take such work again."""
    managework.resume(at.acting(key), work, EmptyIn())
    return _done(at, f"Resumed: {_WORK[work]} again.")


def set_hours(form: Annotated[HoursForm, Form()], at: LookingDep, _: IdempotencyKey) -> Response:
    """Change the week."""
    week = {number: _spans(name, getattr(form, name)) for number, name in enumerate(DAYS)}
    moved = rescheduling.set_week(at.unit, at.store, week, actor=at.who.actor)
    return _done(at, "Saved." + _moved(moved))


def close_on(form: Annotated[ClosureForm, Form()], at: LookingDep, _: IdempotencyKey) -> Response:
    """Stay closed on a day."""
    moved = rescheduling.close_on(
        at.unit, at.store, form.day, reason=form.reason, actor=at.who.actor
    )
    return _done(at, f"Closed on {form.day:%a %d %b %Y}." + _moved(moved))


def open_on(day: date, at: LookingDep, _: IdempotencyKey) -> Response:
    """Open that day after all."""
    opening.open_on(at.unit, at.store, day, actor=at.who.actor)
    return _done(at, f"Open on {day:%a %d %b %Y} after all.")


def set_up(form: Annotated[CurbsideForm, Form()], at: LookingDep, _: IdempotencyKey) -> Response:
    """Name the bays and make the slots."""
    bays = tuple(one.strip() for one in form.bays.split(",") if one.strip())
    wanted = SetUp(bays, form.slot_minutes, form.slot_capacity)
    curbside.set_up(at.unit, at.store, wanted, actor=at.who.actor)
    return _done(at, "Saved. Who stands in a bay or has a slot keeps it.")


def add_person(form: Annotated[PersonIn, Form()], at: LookingDep, key: IdempotencyKey) -> Response:
    """Let a person work here."""
    managework.add_person(at.acting(key), form)
    return _done(at, f"{form.name} may sign in with badge {form.badge}.")


def let_in(
    badge: BadgePath, to: Literal["deactivate", "reactivate"], at: LookingDep, key: IdempotencyKey
) -> Response:
    """Keep a person out, or let them in again."""
    active = to == "reactivate"
    person = managework.let_in(at.acting(key), badge, EmptyIn(), active=active)
    return _done(at, f"{person['name']} may {'sign in again' if active else 'no longer sign in'}.")


def reset_pin(
    badge: BadgePath, form: Annotated[PinIn, Form()], at: LookingDep, key: IdempotencyKey
) -> Response:
    """Give a person another PIN."""
    person = managework.reset_pin(at.acting(key), badge, form)
    return _done(at, f"{person['name']} has a new PIN.")


def enrol(form: Annotated[DeviceIn, Form()], at: LookingDep, key: IdempotencyKey) -> Response:
    """Tie a device to the store: its address is shown once, and as a code to scan."""
    made = managework.enrol(at.acting(key), form)
    code = None
    if made.enrol_at is not None:
        drawn = segno.make_qr(made.enrol_at, error="m").svg_inline(
            border=4, light="#ffffff", dark="#000000", svgclass="qr", omitsize=True
        )
        code = Markup(drawn)  # noqa: S704 - ours
    return _done(at, f"{form.name} is enrolled. Open its address there, once.", made=made, qr=code)


def revoke(device_id: ItemId, at: LookingDep, key: IdempotencyKey) -> Response:
    """Take a device out of use."""
    managework.revoke(at.acting(key), device_id, EmptyIn())
    return _done(at, "Out of use. Nobody works on it any more.")


_WORK = {Work.SHIP: "parcels", Work.PICKUP: "pickups"}


def _frame(at: Looking) -> dict[str, Any]:
    """What the page around it needs: the store's, or that of operations."""
    if at.who.location_id is None:
        return {"who": at.who, "tab": "stores", "layout": "operations/layout.html"}
    here = AtLocation(at.who, at.store)
    return {"at": here, "tab": "manage", "layout": "store/layout.html", **bell(at.unit, here)}


def _facts(at: Looking) -> dict[str, Any]:
    own = at.who.location_id is not None
    code = at.store.code
    return {
        "base": f"/store/manage/{code}" if own else f"/operations/stores/{code}",
        "in_operations": not own,
        "store": at.store,
        "health": reports.overview(at.unit, at.store),
        "pauses": {one.work.value: one for one in managework.pauses(at.store)},
        "week": opening.week_of(at.unit, at.store),
        "closures": opening.closures(at.unit, at.store),
        "people": managing.people(at.unit, at.store),
        "devices": managing.devices(at.unit, at.store),
        "set_up": curbside.of_store(at.unit, at.store.id),
        "me": at.who.actor.rpartition(":")[2] if own else "",
        "made": None,
        "qr": None,
    }


def _done(at: Looking, said: str, **more: Any) -> Response:
    """The page's content after a command, with the result said aloud."""
    at.unit.flush()
    facts = _facts(at) | more
    return render("managing/_done.html", said=said, good=True, remedy=None, **facts)


def _moved(moved: Moved) -> str:
    parts = []
    if moved.wait_longer:
        parts.append(f"{moved.wait_longer} waiting longer; their customers are told")
    if moved.promised_later:
        parts.append(f"{moved.promised_later} promised for later")
    return f" Pickups: {', '.join(parts)}." if parts else ""


def _moment(typed: str, zone: str) -> datetime | None:
    """A moment as a browser's field gives it, on the store's own clock."""
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone))
    except ValueError as error:
        raise Invalid(
            f"{typed} is no date with a time",
            field="until",
            remedy="give it like 2026-12-01T18:00, or leave it empty",
        ) from error


def _spans(day: str, typed: str) -> list[Span]:
    """The spans of one day as they are typed."""
    found = []
    for part in filter(None, (one.strip() for one in typed.split(","))):
        opens, _, closes = part.replace("–", "-").partition("-")
        try:
            found.append((time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())))
        except ValueError as error:
            raise Invalid(
                f"{part} is no span of opening",
                field=day,
                remedy="type it like 08:00-12:00, 13:00-20:00; leave the day empty if closed",
            ) from error
    return found


_DOORS: Final[tuple[tuple[str, str, Callable[..., Response]], ...]] = (
    ("GET", "", page),
    ("GET", "/card", card),
    ("POST", "/pauses", pause),
    ("POST", "/pauses/{work}/end", resume),
    ("POST", "/hours", set_hours),
    ("POST", "/closures", close_on),
    ("POST", "/closures/{day}/open", open_on),
    ("POST", "/curbside", set_up),
    ("POST", "/people", add_person),
    ("POST", "/people/{badge}/{to}", let_in),
    ("POST", "/pins/{badge}", reset_pin),
    ("POST", "/devices", enrol),
    ("POST", "/devices/{device_id}/revoke", revoke),
)


def _pages(prefix: str) -> APIRouter:
    router = APIRouter(prefix=prefix)
    for method, path, do in _DOORS:
        router.add_api_route(path, do, methods=[method])
    return router


of_manager = _pages("/store/manage/{code}")
of_operations = _pages("/operations/stores/{code}")
