"""A wave at the counter: take several pickups, walk, scan, and put each tote on its shelf."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID
from zlib import crc32

from fastapi import APIRouter, Form, Path, Query, Response
from pydantic import Field
from sqlmodel import Session

from api.deps import IdempotencyKey, SessionDep
from api.schemas.base import In
from api.schemas.orders import Text
from api.schemas.picking import ScanIn, TakeOutIn
from api.schemas.stores import Version
from api.storework import once_at_store
from api.web.bell import bell
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from api.web.wording import scanned
from oms.access import people
from oms.pickup import preparing, staging, waves
from oms.pickup.waves import MOST_TOTES, Wave

router = APIRouter(prefix="/store/waves")

WaveId = Annotated[UUID, Path()]


class TakeForm(In):
    """How many of the most urgent new pickups."""

    most: int = Field(ge=1, le=MOST_TOTES)


class TotesForm(In):
    """A full tote and the shelf that it was put on."""

    pickup_id: UUID
    version: Version
    shelf: Text = ""


class CodeForm(ScanIn):
    """What was scanned. The scan field's own name comes along, emptied."""

    shown: Text = ""


@dataclass(frozen=True, slots=True)
class ShownTote:
    """A tote as the page shows it; `codes` are what may be scanned to choose it."""

    pickup_id: UUID
    tote: int
    order_number: str
    version: int
    full: bool
    codes: tuple[str, ...]


@router.post("")
def take(
    form: Annotated[TakeForm, Form()], unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Take the most urgent new pickups in hand, and go to their wave."""

    def carry_out() -> dict[str, Any]:
        wave = waves.take_next(unit, location_id=at.location.id, most=form.most, actor=at.who.actor)
        return {"wave_id": str(wave.id)}

    answer = once_at_store(unit, at.who, key, ("page-wave", at.location.id, form), carry_out)
    return Response(headers={"HX-Redirect": f"/store/waves/{answer['wave_id']}"})


@router.get("/{wave_id}")
def page(wave_id: WaveId, unit: SessionDep, at: AtLocationDep) -> Response:
    """The whole page."""
    return render(
        "store/wave.html", at=at, tab="pickups", **facts(unit, at, wave_id), **bell(unit, at)
    )


@router.get("/{wave_id}/card")
def card(
    wave_id: WaveId,
    unit: SessionDep,
    at: AtLocationDep,
    state: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The present state, or nothing if the page shows it already."""
    found = facts(unit, at, wave_id)
    if found["state"] == state:
        return Response(status_code=204)
    return render("store/_wave.html", at=at, **found)


@router.post("/{wave_id}/scan")
def scan(
    wave_id: WaveId,
    form: Annotated[CodeForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Say into which tote the scanned unit goes, or that it is none of this wave's."""

    def carry_out() -> dict[str, Any]:
        found = waves.scan(unit, wave_id, form.code, actor=at.who.actor, location_id=at.location.id)
        return {"outcome": found.outcome.value, "said": scanned(found)}

    answer = _once(unit, at, key, ("page-scan", wave_id, form), carry_out)
    return done(unit, at, wave_id, answer["said"], outcome=answer["outcome"])


@router.post("/{wave_id}/take-out")
def take_out(
    wave_id: WaveId,
    form: Annotated[TakeOutIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """A unit was counted by mistake."""

    def carry_out() -> dict[str, Any]:
        waves.take_out(
            unit,
            wave_id,
            pickup_id=form.pickup_id,
            sku=form.sku,
            actor=at.who.actor,
            location_id=at.location.id,
        )
        return {}

    _once(unit, at, key, ("page-take-out", wave_id, form), carry_out)
    return done(unit, at, wave_id, "Counted out again.")


@router.post("/{wave_id}/ready")
def ready(
    wave_id: WaveId,
    form: Annotated[TotesForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """A tote lies on its shelf; its customer is told."""

    def carry_out() -> dict[str, Any]:
        preparing.mark_ready(
            unit,
            form.pickup_id,
            shelf=form.shelf,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )
        return {}

    _once(unit, at, key, ("page-wave-ready", wave_id, form), carry_out)
    return done(unit, at, wave_id, "Ready. The customer is told where and until when.")


def done(
    unit: Session, at: AtLocation, wave_id: UUID, said: str, *, outcome: str | None = None
) -> Response:
    """The wave after a command, with the result said aloud."""
    unit.flush()
    return render(
        "store/_wave_done.html", at=at, said=said, outcome=outcome, **facts(unit, at, wave_id)
    )


def facts(unit: Session, at: AtLocation, wave_id: UUID) -> dict[str, Any]:
    """What the page shows of a wave."""
    wave = waves.shown(unit, wave_id, location_id=at.location.id)
    return {
        "wave": wave,
        "totes": _totes(unit, wave),
        "starter": people.names(unit, {wave.started_by})[wave.started_by],
        "state": f"{crc32(repr(wave).encode()):x}",
    }


def _totes(unit: Session, wave: Wave) -> list[ShownTote]:
    lacking = {
        share.pickup_id
        for stop in wave.stops
        for share in stop.shares
        if share.picked < share.quantity
    }
    packed = staging.packages(unit, [tote.pickup_id for tote in wave.totes])
    return [
        ShownTote(
            pickup_id=tote.pickup_id,
            tote=tote.tote,
            order_number=tote.order_number,
            version=tote.version,
            full=tote.pickup_id not in lacking,
            codes=(
                tote.order_number.upper(),
                *(package.code for package in packed.get(tote.pickup_id, ())),
            ),
        )
        for tote in wave.totes
    ]


def _once(
    unit: Session,
    at: AtLocation,
    key: str,
    request: tuple[str, UUID, In],
    carry_out: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    return once_at_store(unit, at.who, key, request, carry_out)
