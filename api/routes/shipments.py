"""What one location sends: pick, pack, label, hand to the carrier."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlmodel import Session

from api.deps import IdempotencyKey, ItemId, SessionDep, StoreDep, StoreWorker
from api.paper.files import slip_file
from api.schemas.stores import (
    PackIn,
    ParcelOut,
    RejectIn,
    ReportIn,
    SeenIn,
    ShipmentLineOut,
    ShipmentOut,
)
from api.storework import once_at_store
from oms.access.signing_in import Caller
from oms.fulfilments import (
    giving_back,
    handing_over,
    packing,
    picking,
    queries,
    relabelling,
    reporting,
    ship_queue,
)
from oms.fulfilments.models import Fulfilment
from oms.fulfilments.packing import Box

router = APIRouter(prefix="/v1/stores/{code}/shipments", tags=["ship from store"])


def shipment(fulfilment_id: ItemId, session: SessionDep, store: StoreDep) -> Fulfilment:
    """The shipment in the path, if it is this location's."""
    return ship_queue.item(session, fulfilment_id, location_id=store.id)


ShipmentDep = Annotated[Fulfilment, Depends(shipment, scope="function")]


@router.get("")
def read_queue(session: SessionDep, store: StoreDep) -> list[ShipmentOut]:
    """The location's open shipments, the most urgent first."""
    return [_out(session, row) for row in ship_queue.queue(session, location_id=store.id)]


@router.get("/{fulfilment_id}")
def read(session: SessionDep, row: ShipmentDep) -> ShipmentOut:
    """One shipment."""
    return _out(session, row)


@router.post("/{fulfilment_id}/start")
def start(
    body: SeenIn, session: SessionDep, row: ShipmentDep, who: StoreWorker, key: IdempotencyKey
) -> ShipmentOut:
    """Take a shipment in hand."""
    return once_with_shipment(
        session,
        who,
        key,
        ("start", row.id, body),
        lambda: picking.start(session, row.id, actor=who.actor, version=body.version),
    )


@router.post("/{fulfilment_id}/pack")
def pack(
    body: PackIn, session: SessionDep, row: ShipmentDep, who: StoreWorker, key: IdempotencyKey
) -> ShipmentOut:
    """Everything is in closed boxes; labels are bought within seconds."""
    boxes = [Box(**box.model_dump()) for box in body.boxes]
    return once_with_shipment(
        session,
        who,
        key,
        ("pack", row.id, body),
        lambda: packing.pack(
            session,
            row.id,
            picked=body.picked,
            boxes=boxes,
            actor=who.actor,
            version=body.version,
        ),
    )


@router.post("/{fulfilment_id}/hand-over")
def hand_over(
    body: SeenIn, session: SessionDep, row: ShipmentDep, who: StoreWorker, key: IdempotencyKey
) -> ShipmentOut:
    """The carrier has taken every parcel."""
    return once_with_shipment(
        session,
        who,
        key,
        ("hand-over", row.id, body),
        lambda: handing_over.to_carrier(session, row.id, actor=who.actor, version=body.version),
    )


@router.post("/{fulfilment_id}/reject")
def reject(
    body: RejectIn, session: SessionDep, row: ShipmentDep, who: StoreWorker, key: IdempotencyKey
) -> ShipmentOut:
    """The location cannot send it; say why."""
    return once_with_shipment(
        session,
        who,
        key,
        ("reject", row.id, body),
        lambda: giving_back.reject(
            session,
            row.id,
            reason=body.reason,
            skus=body.skus,
            note=body.note,
            actor=who.actor,
            version=body.version,
        ),
    )


@router.post("/{fulfilment_id}/parcels/{parcel_id}/report")
def report(
    parcel_id: UUID,
    body: ReportIn,
    session: SessionDep,
    row: ShipmentDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> ShipmentOut:
    """What staff learned of a parcel whose carrier sends no scans, such as their own van."""
    ship_queue.parcel(session, row, parcel_id)

    def carry_out() -> dict[str, Any]:
        reporting.report(session, parcel_id, body.news, actor=who.actor, note=body.note)
        session.flush()
        return _out(session, row).model_dump(mode="json")

    request = ("report", parcel_id, body)
    return ShipmentOut.model_validate(once_at_store(session, who, key, request, carry_out))


@router.get("/{fulfilment_id}/parcels/{parcel_id}/label.{kind}")
def label(
    session: SessionDep,
    row: ShipmentDep,
    who: StoreWorker,
    parcel_id: UUID,
    kind: Literal["pdf", "zpl"],
) -> Response:
    """The label of one parcel, for the printer; each time is counted."""
    parcel = ship_queue.parcel(session, row, parcel_id)
    content = relabelling.fetched(session, row, parcel_id, label_format=kind, actor=who.actor)
    return Response(
        content,
        media_type="application/pdf" if kind == "pdf" else "application/octet-stream",
        headers={"Content-Disposition": f'inline; filename="{row.number}-{parcel.number}.{kind}"'},
    )


@router.get("/{fulfilment_id}/parcels/{parcel_id}/slip.pdf")
def slip(
    session: SessionDep,
    row: ShipmentDep,
    parcel_id: UUID,
    prices: Annotated[bool, Query(description="Print what each article cost.")] = False,
) -> Response:
    """The packing slip that goes into a parcel; without prices unless they are asked for."""
    return slip_file(session, row, parcel_id=parcel_id, prices=prices)


def once_with_shipment(
    session: Session,
    who: Caller,
    key: str,
    request: tuple[str, UUID, SeenIn],
    do: Callable[[], Fulfilment],
) -> ShipmentOut:
    """Carry a command out once per key; the answer is the shipment as it then is."""

    def carry_out() -> dict[str, Any]:
        row = do()
        session.flush()
        return _out(session, row).model_dump(mode="json")

    return ShipmentOut.model_validate(once_at_store(session, who, key, request, carry_out))


def _out(session: Session, row: Fulfilment) -> ShipmentOut:
    assert row.number is not None
    return ShipmentOut(
        fulfilment_id=row.id,
        number=row.number,
        status=row.status,
        version=row.version,
        due_at=row.due_at,
        lines=[ShipmentLineOut.model_validate(line) for line in queries.lines(session, row.id)],
        parcels=[ParcelOut.model_validate(one) for one in queries.parcels(session, row.id)],
    )
