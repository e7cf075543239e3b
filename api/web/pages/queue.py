"""The pickup queue of one store: what is to be done, live, and a field that finds anything."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Header, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlmodel import Session

from api.deps import SessionDep
from api.web import live
from api.web.bell import bell
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from oms.access import people
from oms.audit.latest import latest
from oms.fulfilments import shipments
from oms.pickup import counts, desk, finding, waves
from oms.pickup import queue as pickups
from oms.pickup.queue import QueueItem

router = APIRouter(prefix="/store")

_BEAT_S = 10.0
_LONGEST_STREAM_S = 600.0  # then the page connects anew and proves again who it is


@dataclass(frozen=True, slots=True)
class Column:
    """One section of the queue."""

    step: str
    count: int
    items: list[QueueItem]
    empty: str


_EMPTY: Final = {
    "new": "No pickups waiting. New orders appear here by themselves.",
    "picking": "Nobody is picking. Open a new pickup to take it.",
    "ready": "Nothing waits for its customer.",
    "expired": "Nothing to put back.",
}


@router.get("")
def page(unit: SessionDep, at: AtLocationDep) -> Response:
    """The whole page; a place that hands nothing over goes on to what it ships."""
    if not at.location.can_pickup and at.location.can_ship:
        return RedirectResponse("/store/shipments", status_code=303)
    return render("store/queue.html", at=at, tab="pickups", **_board(unit, at), **bell(unit, at))


@router.get("/queue")
def board(unit: SessionDep, at: AtLocationDep) -> Response:
    """The sections alone, fetched again whenever something changed."""
    return render("store/_board.html", at=at, **_board(unit, at))


@router.get("/bell")
def new_pickups(unit: SessionDep, at: AtLocationDep) -> Response:
    """How many pickups are new, and which: the page rings for those it has not shown yet."""
    return render("store/_bell.html", at=at, **bell(unit, at))


@router.get("/events", response_class=EventSourceResponse)
async def events(
    at: AtLocationDep, last_event_id: Annotated[str, Header()] = ""
) -> AsyncIterator[ServerSentEvent]:
    """Say that something changed. The first event says at once whether the page missed some."""
    ends = time.monotonic() + _LONGEST_STREAM_S
    with live.changes_at(at.location.id) as changes:
        changed, told = await run_in_threadpool(live.catch_up, at.location.id, last_event_id)
        yield ServerSentEvent(event="changed" if changed else "beat", raw_data="", id=told)
        while time.monotonic() < ends and not live.ending():
            if changed := await changes.wait(timeout_s=_BEAT_S):
                told = changes.moment or told
            yield ServerSentEvent(event="changed" if changed else "beat", raw_data="", id=told)


@router.post("/find")
def find(
    unit: SessionDep, at: AtLocationDep, shown: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Open what was scanned or typed; several finds are listed, none is said plainly."""
    found = finding.find(unit, shown, location_id=at.location.id)
    sent = shipments.find(unit, shown, location_id=at.location.id)
    if len(found) + len(sent) == 1:
        path = (
            f"/store/pickups/{found[0].pickup_id}"
            if found
            else f"/store/shipments/{sent[0].fulfilment_id}"
        )
        return Response(headers={"HX-Redirect": path})
    return render("store/_found.html", shown=shown.strip(), pickups=found, shipments=sent)


def _board(unit: Session, at: AtLocation) -> dict[str, Any]:
    items = pickups.queue(unit, location_id=at.location.id)
    number = counts.counts(unit, location_id=at.location.id)
    columns = [
        Column("new", number.new, _at(items, "new"), _EMPTY["new"]),
        Column("picking", number.picking, _at(items, "picking"), _EMPTY["picking"]),
        Column("ready", number.ready, _at(items, "ready"), _EMPTY["ready"]),
        Column("expired", number.expired, _at(items, "expired"), _EMPTY["expired"]),
    ]
    rows = latest(
        unit,
        subject_type="pickup",
        subject_ids=[item.pickup_id for item in columns[1].items],
        action="pickup.picking",
    )
    visits = desk.visits(unit, location_id=at.location.id)
    takers = {visit.taken_by for visit in visits if visit.taken_by}
    begun = waves.open_waves(unit, location_id=at.location.id)
    names = people.names(
        unit, takers | {row.actor for row in rows.values()} | {wave.started_by for wave in begun}
    )
    pickers = {subject: names[row.actor] for subject, row in rows.items()}
    return {
        "columns": columns,
        "pickers": pickers,
        "visits": visits,
        "takers": names,
        "waves": begun,
    }


def _at(items: list[QueueItem], step: str) -> list[QueueItem]:
    """The items at one step; ready goods by the day on which their customer is due at last."""
    steps = (step, "to_put_back") if step == "expired" else (step,)
    here = [item for item in items if item.step in steps]
    if step in ("ready", "expired"):
        here.sort(key=lambda item: (item.pick_up_by or item.due_at, item.pickup_id))
    return here
