"""What a location ships: take it, pick it, pack it, print the label, give it to the carrier."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Response
from pydantic import Field
from sqlmodel import Session

from api.deps import IdempotencyKey, ItemId, SessionDep
from api.paper.files import label_file
from api.schemas.base import In
from api.schemas.orders import Sku, Text
from api.schemas.packing import Grams, Millimetres
from api.schemas.stores import SeenIn, TrackingNumber, Units
from api.storework import once_at_store
from api.web.bell import bell
from api.web.forms import RejectForm, picked
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from oms.access import people
from oms.audit.latest import latest
from oms.errors import NotFound
from oms.fulfilments import (
    giving_back,
    handing_over,
    packing,
    packing_table,
    picking,
    reporting,
    ship_queue,
    shipments,
)
from oms.fulfilments.packing import Box
from oms.fulfilments.packing_table import PackingTable
from oms.fulfilments.reporting import News
from oms.fulfilments.shipments import ShipParcel
from oms.orders.queries import require_version
from oms.settings import settings

router = APIRouter(prefix="/store/shipments")


class PackForm(SeenIn):
    """What was picked, and the closed box around it."""

    sku: list[Sku] = Field(default_factory=list, max_length=500)
    units: list[Units] = Field(default_factory=list, max_length=500)
    weight_g: Grams
    length_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres
    box: Annotated[str, Field(max_length=40)] = ""
    tracking_number: TrackingNumber = ""


class ReportForm(SeenIn):
    """What staff learned of a parcel that they follow."""

    news: News
    note: Text = ""


@router.get("")
def page(unit: SessionDep, at: AtLocationDep) -> Response:
    """The whole page."""
    return render(
        "store/shipments.html", at=at, tab="shipments", **_list(unit, at), **bell(unit, at)
    )


@router.get("/list")
def listed(unit: SessionDep, at: AtLocationDep) -> Response:
    """The list alone, fetched again whenever something changed."""
    return render("store/_shipments.html", at=at, **_list(unit, at))


@router.get("/{fulfilment_id}")
def one(fulfilment_id: ItemId, unit: SessionDep, at: AtLocationDep) -> Response:
    """One shipment's page."""
    return render(
        "store/shipment.html",
        at=at,
        tab="shipments",
        **_facts(unit, at, fulfilment_id),
        **bell(unit, at),
    )


@router.get("/{fulfilment_id}/card")
def card(
    fulfilment_id: ItemId,
    unit: SessionDep,
    at: AtLocationDep,
    shown: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """The present state, or nothing if the page shows it already: what is typed stays."""
    facts = _facts(unit, at, fulfilment_id)
    if facts["state"] == shown:
        return Response(status_code=204)
    return render("store/_shipment.html", at=at, **facts)


@router.post("/{fulfilment_id}/start")
def start(
    fulfilment_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Take the shipment in hand."""

    def carry_out() -> None:
        picking.start(unit, fulfilment_id, actor=at.who.actor, version=form.version)

    once(unit, at, key, ("start", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, "It is yours. Scan or tap each article.")


@router.post("/{fulfilment_id}/pack")
def pack(
    fulfilment_id: ItemId,
    form: Annotated[PackForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Everything is in one closed box; its label is bought within seconds."""

    def carry_out() -> None:
        box = Box(
            weight_g=form.weight_g,
            length_mm=form.length_mm,
            width_mm=form.width_mm,
            height_mm=form.height_mm,
            tracking_number=form.tracking_number,
            code=form.box or None,
        )
        packing.pack(
            unit,
            fulfilment_id,
            picked=picked(form.sku, form.units),
            boxes=[box],
            actor=at.who.actor,
            version=form.version,
        )

    once(unit, at, key, ("pack", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, "Packed. The label comes in a few seconds.")


@router.post("/{fulfilment_id}/reject")
def reject(
    fulfilment_id: ItemId,
    form: Annotated[RejectForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """The location cannot send it."""

    def carry_out() -> None:
        giving_back.reject(
            unit,
            fulfilment_id,
            reason=form.reason,
            skus=form.missing(),
            note=form.note,
            actor=at.who.actor,
            version=form.version,
        )

    once(unit, at, key, ("reject", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, "Given back. Another location is chosen now.")


@router.post("/{fulfilment_id}/hand-over")
def hand_over(
    fulfilment_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """The carrier has taken every parcel."""

    def carry_out() -> None:
        handing_over.to_carrier(unit, fulfilment_id, actor=at.who.actor, version=form.version)

    once(unit, at, key, ("hand-over", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, "The carrier has it. The shop is told the tracking.")


@router.post("/{fulfilment_id}/parcels/{parcel_id}/report")
def report(
    fulfilment_id: ItemId,
    parcel_id: UUID,
    form: Annotated[ReportForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """How the journey of a parcel goes whose carrier sends no scans."""

    def carry_out() -> None:
        shown = shipments.shipment(unit, fulfilment_id, location_id=at.location.id)
        if parcel_id not in {parcel.parcel_id for parcel in shown.parcels}:
            raise NotFound(f"this shipment has no parcel {parcel_id}", field="parcel_id")
        require_version(f"fulfilment {shown.number}", have=shown.version, seen=form.version)
        reporting.report(unit, parcel_id, form.news, actor=at.who.actor, note=form.note)

    once(unit, at, key, (f"report {parcel_id}", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, "Noted.")


@router.get("/{fulfilment_id}/parcels/{parcel_id}/label.{kind}")
def label(
    fulfilment_id: ItemId,
    parcel_id: UUID,
    kind: Literal["pdf", "zpl"],
    unit: SessionDep,
    at: AtLocationDep,
) -> Response:
    """A parcel's label, to print."""
    row = ship_queue.item(unit, fulfilment_id, location_id=at.location.id)
    return label_file(unit, row, parcel_id=parcel_id, kind=kind, actor=at.who.actor)


def once(
    unit: Session,
    at: AtLocation,
    key: str,
    request: tuple[str, UUID, In],
    carry_out: Callable[[], None],
) -> None:
    """Carry a command out once, if the shipment is this location's."""
    ship_queue.item(unit, request[1], location_id=at.location.id)

    def answered() -> dict[str, Any]:
        carry_out()
        return {}

    once_at_store(unit, at.who, key, request, answered)


def done(unit: Session, at: AtLocation, fulfilment_id: UUID, said: str) -> Response:
    """The card as it is now, and what was done, in words."""
    unit.flush()
    facts = _facts(unit, at, fulfilment_id)
    return render("store/_shipment_done.html", at=at, said=said, good=True, remedy=None, **facts)


def _seen(shown: PackingTable | tuple[ShipParcel, ...]) -> str:
    """Stands for what changes under the same version: a table's parcels, prints, voids."""
    if isinstance(shown, PackingTable):
        told = repr((shown.parcels, shown.left))
    elif any(parcel.prints or parcel.void_pending or parcel.manifested for parcel in shown):
        told = repr([(one.prints, one.void_pending, one.manifested) for one in shown])
    else:
        return ""
    return "." + hashlib.sha256(told.encode()).hexdigest()[:12]


def _list(unit: Session, at: AtLocation) -> dict[str, Any]:
    return {
        "shipments": shipments.to_do(unit, location_id=at.location.id),
        "travelling": shipments.on_the_road(unit, location_id=at.location.id),
    }


def _facts(unit: Session, at: AtLocation, fulfilment_id: UUID) -> dict[str, Any]:
    item = shipments.shipment(unit, fulfilment_id, location_id=at.location.id)
    row = ship_queue.item(unit, fulfilment_id, location_id=at.location.id)
    taken = latest(
        unit,
        subject_type="fulfilment",
        subject_ids=[fulfilment_id],
        action="fulfilment.picking",
    ).get(fulfilment_id)
    names = people.names(unit, {taken.actor}) if taken else {}
    planned = packing.proposal(unit, row) if item.step == "picking" else None
    table = packing_table.table(unit, row) if item.step == "packing" else None
    return {
        "item": item,
        "state": f"{item.version}.{item.step}" + _seen(table or item.parcels),
        "proposal": planned.words if planned else None,
        "box": planned.parcels[0] if planned and len(planned.parcels) == 1 else None,
        "table": table,
        "picker": names[taken.actor] if taken else None,
        "numbers_typed": settings().carrier in reporting.BY_HAND,
        "mine": taken is not None and taken.actor == at.who.actor,
    }
