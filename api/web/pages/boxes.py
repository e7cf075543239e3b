"""The list of boxes that a location packs into."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from pydantic import Field
from sqlmodel import Session

from api.deps import IdempotencyKey, SessionDep
from api.schemas.base import In
from api.schemas.packing import BoxCode, Grams, Millimetres
from api.storework import once_at_store
from api.web.bell import bell
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from oms.fulfilments import boxes
from oms.fulfilments.box_models import BoxType

router = APIRouter(prefix="/store/boxes")


class BoxForm(In):
    """A box as it is measured inside; an empty count means that nobody counts them."""

    code: BoxCode
    length_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres
    tare_g: Annotated[int, Field(ge=0, le=100_000)]
    max_weight_g: Grams
    stock: Annotated[str, Field(max_length=8, pattern=r"^\d*$")] = ""


class RemoveForm(In):
    """Which box goes."""

    code: BoxCode


@router.get("")
def page(unit: SessionDep, at: AtLocationDep) -> Response:
    """The whole page."""
    return render("store/boxes.html", at=at, tab="shipments", **_list(unit, at), **bell(unit, at))


@router.post("/set")
def set_box(
    form: Annotated[BoxForm, Form()], unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Add a box, or change the one of this code."""

    def carry_out() -> dict[str, Any]:
        measures = form.model_dump(exclude={"stock"})
        row = BoxType(
            location_id=at.location.id,
            stock=int(form.stock) if form.stock else None,
            **measures,
        )
        boxes.set_box(unit, row, actor=at.who.actor)
        return {}

    once_at_store(unit, at.who, key, ("set box", at.location.id, form), carry_out)
    return _done(unit, at, f"{form.code} is on the list.")


@router.post("/remove")
def remove(
    form: Annotated[RemoveForm, Form()], unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Take a box off the list."""

    def carry_out() -> dict[str, Any]:
        boxes.remove(unit, at.location.id, form.code, actor=at.who.actor)
        return {}

    once_at_store(unit, at.who, key, ("remove box", at.location.id, form), carry_out)
    return _done(unit, at, f"{form.code} is off the list.")


def _done(unit: Session, at: AtLocation, said: str) -> Response:
    return render("store/_boxes_done.html", at=at, said=said, **_list(unit, at))


def _list(unit: Session, at: AtLocation) -> dict[str, Any]:
    return {"boxes": boxes.of_location(unit, at.location.id)}
