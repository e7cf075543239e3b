"""The end of a carrier's day over the API: close the list, print it, hand everything over."""

from typing import Any

from fastapi import APIRouter, Response

from api.deps import IdempotencyKey, ItemId, SessionDep, StoreDep, StoreWorker
from api.paper.files import pdf_file
from api.paper.printing import manifest_pdf
from api.schemas.base import In
from api.schemas.packing import (
    DueOut,
    ListedOut,
    ManifestIn,
    ManifestOut,
    ManifestsOut,
    TakenIn,
    TakenOut,
)
from api.storework import once_at_store
from oms.fulfilments import manifests

router = APIRouter(prefix="/v1/stores/{code}", tags=["manifests"])


@router.get("/manifests")
def read_all(session: SessionDep, store: StoreDep) -> ManifestsOut:
    """What each carrier has to take, and the newest manifests."""
    return ManifestsOut(
        due=tuple(DueOut.model_validate(one) for one in manifests.due(session, store.id)),
        manifests=tuple(
            ManifestOut.model_validate(one) for one in manifests.of_location(session, store.id)
        ),
    )


@router.post("/manifests", status_code=201)
def close(
    body: ManifestIn, session: SessionDep, store: StoreDep, who: StoreWorker, key: IdempotencyKey
) -> ManifestOut:
    """Close a carrier's list. Parcels that come later are on the next one."""

    def carry_out() -> dict[str, Any]:
        made = manifests.close(session, store.id, carrier=body.carrier, actor=who.actor)
        return ManifestOut.model_validate(made).model_dump(mode="json")

    request = ("close manifest", store.id, body)
    return ManifestOut.model_validate(once_at_store(session, who, key, request, carry_out))


@router.get("/manifests/{manifest_id}/parcels")
def read_parcels(manifest_id: ItemId, session: SessionDep, store: StoreDep) -> list[ListedOut]:
    """The parcels of a manifest."""
    manifest = manifests.one(session, manifest_id, location_id=store.id)
    return [ListedOut.model_validate(one) for one in manifests.listed(session, manifest)]


@router.get("/manifests/{manifest_id}/list.pdf")
def print_list(manifest_id: ItemId, session: SessionDep, store: StoreDep) -> Response:
    """The list for the driver, with barcodes and a line to sign."""
    manifest = manifests.one(session, manifest_id, location_id=store.id)
    content = manifest_pdf(manifest, store, manifests.listed(session, manifest))
    return pdf_file(content, f"manifest-{manifest.number}")


@router.get("/manifests/{manifest_id}/carrier-form.pdf")
def print_form(manifest_id: ItemId, session: SessionDep, store: StoreDep) -> Response:
    """The carrier's own form, where it makes one."""
    manifest = manifests.one(session, manifest_id, location_id=store.id)
    return pdf_file(manifests.form(manifest), f"carrier-form-{manifest.number}")


@router.post("/manifests/{manifest_id}/hand-over")
def hand_over(
    manifest_id: ItemId,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> TakenOut:
    """The carrier has taken everything on the list."""

    def carry_out() -> dict[str, Any]:
        taken = manifests.hand_over(session, manifest_id, location_id=store.id, actor=who.actor)
        return TakenOut.model_validate(taken).model_dump(mode="json")

    request = ("hand over manifest", manifest_id, In())
    return TakenOut.model_validate(once_at_store(session, who, key, request, carry_out))


@router.post("/parcels/hand-over")
def take(
    body: TakenIn, session: SessionDep, store: StoreDep, who: StoreWorker, key: IdempotencyKey
) -> TakenOut:
    """The carrier has taken the parcel whose label was scanned; its shipment goes with its last."""

    def carry_out() -> dict[str, Any]:
        taken = manifests.take(session, body.shown, location_id=store.id, actor=who.actor)
        return TakenOut.model_validate(taken).model_dump(mode="json")

    request = ("hand over parcel", store.id, body)
    return TakenOut.model_validate(once_at_store(session, who, key, request, carry_out))
