"""One pickup: take it, pick it, put it on a shelf, or say that it cannot be done."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response
from sqlmodel import Session

from api.deps import IdempotencyKey, ItemId, SessionDep
from api.schemas.base import In
from api.schemas.stores import SeenIn
from api.storework import once_at_store
from api.web.bell import bell
from api.web.forms import ReadyForm, RejectForm, picked
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from oms.access import people
from oms.audit.latest import latest
from oms.customers import collectors
from oms.fulfilments import shortening
from oms.pickup import curbside, desk, preparing, queue, signing, staging, walking, waves
from oms.pickup.handover import MOST_WRONG_CODES
from oms.pickup.models import Pickup
from oms.settings import settings

router = APIRouter(prefix="/store/pickups/{pickup_id}")


@router.get("")
def page(pickup_id: ItemId, unit: SessionDep, at: AtLocationDep) -> Response:
    """The whole page."""
    return render(
        "store/pickup.html",
        at=at,
        tab="pickups",
        **_facts(unit, at, pickup_id),
        **bell(unit, at),
    )


@router.get("/card")
def card(
    pickup_id: ItemId,
    unit: SessionDep,
    at: AtLocationDep,
    version: Annotated[int, Query()] = 0,
    visit: Annotated[int, Query()] = 0,
    putting_back: Annotated[bool, Query()] = False,
) -> Response:
    """The present state, or nothing if the page shows it already: what is typed stays."""
    facts = _facts(unit, at, pickup_id)
    shown = facts["visit"].version if facts["visit"] else 0
    if (facts["item"].version, shown) == (version, visit):
        return Response(status_code=204)
    facts["putting_back"] |= putting_back and facts["item"].step == "expired"
    return render("store/_pickup.html", at=at, **facts)


@router.post("/start")
def start(
    pickup_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Take the pickup in hand."""

    def carry_out() -> None:
        preparing.start(
            unit,
            pickup_id,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )

    _once(unit, at, key, ("start", pickup_id, form), carry_out)
    return done(unit, at, pickup_id, "It is yours. Scan or tap each article.")


@router.post("/take-over")
def take_over(
    pickup_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Pick on in place of whoever began."""

    def carry_out() -> None:
        preparing.take_over(
            unit,
            pickup_id,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )

    _once(unit, at, key, ("take-over", pickup_id, form), carry_out)
    return done(unit, at, pickup_id, "Now it is yours. Count what is in the tote anew.")


@router.post("/ready")
def ready(
    pickup_id: ItemId,
    form: Annotated[ReadyForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Everything lies on a shelf; the customer is told."""

    def carry_out() -> None:
        preparing.mark_ready(
            unit,
            pickup_id,
            picked=picked(form.sku, form.units),
            shelf=form.shelf,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )

    _once(unit, at, key, ("ready", pickup_id, form), carry_out)
    return done(unit, at, pickup_id, "Ready. The customer is told where and until when.")


@router.post("/reject")
def reject(
    pickup_id: ItemId,
    form: Annotated[RejectForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """The store cannot prepare it."""

    def carry_out() -> None:
        preparing.reject(
            unit,
            pickup_id,
            reason=form.reason,
            skus=form.missing(),
            note=form.note,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )

    _once(unit, at, key, ("reject", pickup_id, form), carry_out)
    return done(unit, at, pickup_id, "Given back. Operations settles it with the customer.")


def _once(
    unit: Session,
    at: AtLocation,
    key: str,
    request: tuple[str, Any, In],
    carry_out: Callable[[], dict[str, Any] | None],
) -> dict[str, Any]:
    return once_at_store(unit, at.who, key, request, lambda: carry_out() or {})


def done(
    unit: Session,
    at: AtLocation,
    pickup_id: ItemId,
    said: str,
    *,
    remedy: str | None = None,
    status: int = 200,
) -> Response:
    """The state after a command, with the result said aloud."""
    unit.flush()
    return render(
        "store/_pickup_done.html",
        status=status,
        at=at,
        said=said,
        remedy=remedy,
        good=status < 400,
        **_facts(unit, at, pickup_id),
    )


def _facts(unit: Session, at: AtLocation, pickup_id: ItemId) -> dict[str, Any]:
    item = queue.item(unit, pickup_id, location_id=at.location.id)
    row = unit.get_one(Pickup, pickup_id)
    taken = latest(
        unit, subject_type="pickup", subject_ids=[pickup_id], action="pickup.picking"
    ).get(pickup_id)
    visit = desk.visit_of(unit, pickup_id)
    wave = waves.wave_of(unit, pickup_id)
    taker = visit.taken_by if visit else None
    actors = {actor for actor in (taken and taken.actor, row.handed_over_by, taker) if actor}
    names = people.names(unit, actors)
    return {
        "item": item,
        "stops": walking.for_one(unit, row, item.order_number),
        "packages": staging.packages(unit, [pickup_id]).get(pickup_id, ()),
        "notes": shortening.decisions(unit, [row.fulfilment_id]),
        "wave": wave.wave_id if wave else None,
        "putting_back": item.step == "to_put_back",
        "undo_seconds": settings().hand_over_undo_seconds,
        "signature": signing.strokes_of(unit, pickup_id),
        "row": row,
        "visit": visit,
        "taker": names[taker] if taker else None,
        "bays": [bay.label for bay in curbside.free_bays(unit, at.location.id)],
        "collectors": [one.name for one in collectors.of_order(unit, row.order_id)],
        "attempts_left": MOST_WRONG_CODES - row.wrong_codes,
        "picker": names[taken.actor] if taken else None,
        "mine": taken is not None and taken.actor == at.who.actor,
        "handed_over_by": names[row.handed_over_by] if row.handed_over_by else None,
    }
