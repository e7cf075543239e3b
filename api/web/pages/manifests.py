"""The end of a carrier's day: close its list, print it, hand everything over."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlmodel import Session

from api.deps import IdempotencyKey, ItemId, SessionDep
from api.paper.files import pdf_file
from api.paper.printing import manifest_pdf
from api.schemas.base import In
from api.schemas.packing import ManifestIn, TakenIn
from api.storework import once_at_store
from api.web.bell import bell
from api.web.formats import units
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from oms.fulfilments import manifests
from oms.fulfilments.manifests import Taken

router = APIRouter(prefix="/store/manifests")


@router.get("")
def page(unit: SessionDep, at: AtLocationDep) -> Response:
    """The whole page."""
    return render(
        "store/manifests.html", at=at, tab="shipments", **_list(unit, at), **bell(unit, at)
    )


@router.get("/list")
def listed(unit: SessionDep, at: AtLocationDep) -> Response:
    """The lists alone, fetched again whenever something changed."""
    return render("store/_manifests.html", at=at, **_list(unit, at))


@router.post("/close")
def close(
    form: Annotated[ManifestIn, Form()], unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Close a carrier's list."""

    def carry_out() -> dict[str, Any]:
        made = manifests.close(unit, at.location.id, carrier=form.carrier, actor=at.who.actor)
        return {"number": made.number, "parcels": made.parcels}

    request = ("close manifest", at.location.id, form)
    made = once_at_store(unit, at.who, key, request, carry_out)
    parcels = units(made["parcels"], thing="parcel")
    return _done(unit, at, f"Manifest {made['number']} is closed: {parcels}.")


@router.post("/{manifest_id}/hand-over")
def hand_over(
    manifest_id: ItemId, unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """The carrier has taken everything on a list."""

    def carry_out() -> dict[str, Any]:
        taken = manifests.hand_over(
            unit, manifest_id, location_id=at.location.id, actor=at.who.actor
        )
        return {"said": _words(taken)}

    request = ("hand over manifest", manifest_id, In())
    return _done(unit, at, once_at_store(unit, at.who, key, request, carry_out)["said"])


@router.post("/take")
def take(
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
    shown: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """The carrier has taken the parcel whose label was scanned."""

    def carry_out() -> dict[str, Any]:
        taken = manifests.take(unit, shown, location_id=at.location.id, actor=at.who.actor)
        return {"said": _words(taken)}

    request = ("hand over parcel", at.location.id, TakenIn(shown=shown))
    return _done(unit, at, once_at_store(unit, at.who, key, request, carry_out)["said"])


@router.get("/{manifest_id}/list.pdf")
def print_list(manifest_id: ItemId, unit: SessionDep, at: AtLocationDep) -> Response:
    """The list for the driver."""
    manifest = manifests.one(unit, manifest_id, location_id=at.location.id)
    content = manifest_pdf(manifest, at.location, manifests.listed(unit, manifest))
    return pdf_file(content, f"manifest-{manifest.number}")


@router.get("/{manifest_id}/carrier-form.pdf")
def print_form(manifest_id: ItemId, unit: SessionDep, at: AtLocationDep) -> Response:
    """The carrier's own form."""
    manifest = manifests.one(unit, manifest_id, location_id=at.location.id)
    return pdf_file(manifests.form(manifest), f"carrier-form-{manifest.number}")


def _words(taken: Taken) -> str:
    said = "The carrier has it."
    if taken.left:
        said += f" {units(len(taken.left), thing='shipment')} left whole; the shops are told."
    if taken.waiting:
        numbers = ", ".join(str(number) for number in taken.waiting)
        said += f" Still here are other parcels of shipment {numbers}."
    return said


def _done(unit: Session, at: AtLocation, said: str) -> Response:
    unit.flush()
    return render("store/_manifests_done.html", at=at, said=said, **_list(unit, at))


def _list(unit: Session, at: AtLocation) -> dict[str, Any]:
    return {
        "due": manifests.due(unit, at.location.id),
        "closed": manifests.of_location(unit, at.location.id),
    }
