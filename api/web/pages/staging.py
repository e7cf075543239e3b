"""Beside the pick list of a pickup: what is not there, its packages, their shelves and labels."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Path, Query, Response
from pydantic import Field
from sqlmodel import Session

from api.deps import IdempotencyKey, ItemId, SessionDep
from api.schemas.base import In
from api.schemas.orders import Sku, Text
from api.schemas.picking import PackageIn
from api.schemas.stores import SeenIn
from api.storework import once_at_store
from api.web.package_labels import label_sheet
from api.web.pages import pickups, waves
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from api.web.wording import WAYS_DONE
from oms.errors import Invalid
from oms.fulfilments.short_models import ShortReason, WayOut
from oms.ordering import short_picks, ways_out
from oms.ordering.short_picks import Decision
from oms.pickup import queries as stored
from oms.pickup import queue, staging, walking

router = APIRouter(prefix="/store/pickups/{pickup_id}")

Number = Annotated[int, Path(gt=0, le=1_000)]


class ShortForm(SeenIn):
    """What is not there, why, and what is done about it."""

    sku: Sku
    units: Annotated[int, Field(gt=0, le=100_000)]
    reason: ShortReason
    choice: Annotated[str, Field(max_length=80)]
    """The way, and after a colon who sends."""
    bin: Annotated[str, Field(max_length=130)] = ""
    agreed: bool = False
    wave: UUID | None = None

    def decision(self) -> Decision:
        """What was decided."""
        way, _, sender = self.choice.partition(":")
        if way not in set(WayOut):
            raise Invalid(
                f"{way!r} is no way out", field="choice", remedy="choose one that is listed"
            )
        return Decision(
            sku=self.sku,
            units=self.units,
            reason=self.reason,
            way=WayOut(way),
            from_location=sender,
            bin=self.bin,
            agreed=self.agreed,
        )


class ShelfForm(SeenIn):
    """The shelf that was scanned."""

    shelf: Text = ""


@router.get("/short")
def show_ways_out(
    pickup_id: ItemId,
    unit: SessionDep,
    at: AtLocationDep,
    sku: Annotated[Sku, Query()],
    units: Annotated[int, Query(gt=0, le=100_000)] = 1,
    wave: Annotated[UUID | None, Query()] = None,
) -> Response:
    """What may be done about units that are not there."""
    pickup = stored.one(unit, pickup_id, location_id=at.location.id)
    found = ways_out.ways_out(unit, pickup_id, sku=sku, units=units, location_id=at.location.id)
    item = queue.item(unit, pickup_id, location_id=at.location.id)
    stop = next(one for one in walking.for_one(unit, pickup, item.order_number) if one.sku == sku)
    return render(
        "store/_short.html",
        at=at,
        item=item,
        stop=stop,
        most=stop.quantity - stop.picked,
        found=found,
        wave=wave,
    )


@router.post("/short")
def settle(
    pickup_id: ItemId,
    form: Annotated[ShortForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Do what was decided, and go on with the pickup or its wave."""
    decision = form.decision()

    def carry_out() -> None:
        short_picks.settle(
            unit,
            pickup_id,
            decision,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )

    _once(unit, at, key, ("short", pickup_id, form), carry_out)
    said = f"{decision.units} × {decision.sku}: {WAYS_DONE[decision.way]}."
    if form.wave is not None:
        return waves.done(unit, at, form.wave, said)
    return pickups.done(unit, at, pickup_id, said)


@router.post("/packages")
def pack(
    pickup_id: ItemId,
    form: Annotated[PackageIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Close one more package."""

    def carry_out() -> dict[str, Any]:
        package = staging.pack(
            unit,
            pickup_id,
            code=form.code,
            temperature=form.temperature,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )
        return {"code": package.code}

    code = _once(unit, at, key, ("pack", pickup_id, form), carry_out)["code"]
    return pickups.done(unit, at, pickup_id, f"Package {code} added. Print its label or mark it.")


@router.post("/packages/{number}/shelf")
def put(
    pickup_id: ItemId,
    number: Number,
    form: Annotated[ShelfForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """A package lies on this shelf."""

    def carry_out() -> dict[str, Any]:
        package = staging.put(
            unit,
            pickup_id,
            number,
            shelf=form.shelf,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )
        return {"said": f"{package.code} lies on {package.shelf}."}

    said = _once(unit, at, key, (f"put-{number}", pickup_id, form), carry_out)["said"]
    return pickups.done(unit, at, pickup_id, said)


@router.post("/packages/{number}/unpack")
def unpack(
    pickup_id: ItemId,
    number: Number,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """A package was opened again."""

    def carry_out() -> None:
        staging.unpack(
            unit,
            pickup_id,
            number,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )

    _once(unit, at, key, (f"unpack-{number}", pickup_id, form), carry_out)
    return pickups.done(unit, at, pickup_id, "The package is taken out.")


@router.get("/labels")
def labels(pickup_id: ItemId, unit: SessionDep, at: AtLocationDep) -> Response:
    """The labels of all packages, to print."""
    return label_sheet(unit, pickup_id, at.location)


def _once(
    unit: Session,
    at: AtLocation,
    key: str,
    request: tuple[str, UUID, In],
    carry_out: Callable[[], dict[str, Any] | None],
) -> dict[str, Any]:
    return once_at_store(unit, at.who, key, request, lambda: carry_out() or {})
