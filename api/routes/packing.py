"""The packing table over the API: scan each unit into its parcel, then get the labels."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlmodel import Session

from api.deps import IdempotencyKey, SessionDep, StoreDep, StoreWorker
from api.routes.shipments import ShipmentDep, once_with_shipment
from api.schemas.packing import (
    BoxCode,
    BoxTypeIn,
    BoxTypeOut,
    BuyAgainIn,
    GiveBackIn,
    PackagingIn,
    PackingTableOut,
    ScanIn,
    TakeOutIn,
    WrapIn,
)
from api.schemas.stores import SeenIn, ShipmentOut
from api.storework import once_at_store
from oms.access.signing_in import Caller
from oms.fulfilments import boxes, filling, packing_table, relabelling, ship_queue
from oms.fulfilments.box_models import BoxType
from oms.fulfilments.models import Fulfilment
from oms.fulfilments.relabelling import Measured

router = APIRouter(prefix="/v1/stores/{code}", tags=["packing"])
_TABLE = "/shipments/{fulfilment_id}/packing"
_PARCEL = "/shipments/{fulfilment_id}/parcels/{parcel_id}"


@router.get("/boxes")
def read_boxes(session: SessionDep, store: StoreDep) -> list[BoxTypeOut]:
    """The boxes that this location packs into, the smallest first."""
    return [BoxTypeOut.model_validate(one) for one in boxes.of_location(session, store.id)]


@router.put("/boxes/{box}")
def set_box(
    box: BoxCode, body: BoxTypeIn, session: SessionDep, store: StoreDep, who: StoreWorker
) -> BoxTypeOut:
    """Add a box to the list, or change it."""
    row = BoxType(location_id=store.id, code=box, **body.model_dump())
    return BoxTypeOut.model_validate(boxes.set_box(session, row, actor=who.actor))


@router.delete("/boxes/{box}", status_code=204)
def remove_box(box: BoxCode, session: SessionDep, store: StoreDep, who: StoreWorker) -> None:
    """Take a box off the list."""
    boxes.remove(session, store.id, box, actor=who.actor)


@router.get(_TABLE)
def read(session: SessionDep, row: ShipmentDep) -> PackingTableOut:
    """The packing table: parcels, what is in them, what is left, and the proposed boxes."""
    return _out(session, row)


@router.post(f"{_TABLE}/begin")
def begin(
    body: SeenIn, session: SessionDep, row: ShipmentDep, who: StoreWorker, key: IdempotencyKey
) -> PackingTableOut:
    """Open the first parcel in the box that is proposed."""

    def carry_out() -> None:
        filling.begin(session, row.id, actor=who.actor, version=body.version)

    return _once(session, who, key, ("begin packing", row.id, body), carry_out)


@router.post(f"{_TABLE}/scan")
def scan(
    body: ScanIn, session: SessionDep, row: ShipmentDep, who: StoreWorker, key: IdempotencyKey
) -> PackingTableOut:
    """Put one unit of the scanned article into the open parcel; a wrong one is refused."""

    def carry_out() -> None:
        filling.scan(session, row.id, body.shown, version=body.version)

    return _once(session, who, key, ("scan into parcel", row.id, body), carry_out)


@router.post(f"{_TABLE}/parcels")
def add_parcel(
    body: PackagingIn, session: SessionDep, row: ShipmentDep, who: StoreWorker, key: IdempotencyKey
) -> PackingTableOut:
    """Close what is open and open another parcel."""

    def carry_out() -> None:
        filling.add_parcel(session, row.id, packaging=body.packaging(), version=body.version)

    return _once(session, who, key, ("add parcel", row.id, body), carry_out)


@router.post(f"{_TABLE}/parcels/{{number}}/wrap")
def wrap(
    number: int,
    body: WrapIn,
    session: SessionDep,
    row: ShipmentDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PackingTableOut:
    """Another box, or what the scales show."""

    def carry_out() -> None:
        filling.wrap(
            session,
            row.id,
            number,
            body.packaging(),
            weight_g=body.weight_g,
            tracking_number=body.tracking_number,
            version=body.version,
        )

    return _once(session, who, key, (f"wrap parcel {number}", row.id, body), carry_out)


@router.post(f"{_TABLE}/parcels/{{number}}/take-out")
def take_out(
    number: int,
    body: TakeOutIn,
    session: SessionDep,
    row: ShipmentDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PackingTableOut:
    """Take one unit of an article out again."""

    def carry_out() -> None:
        filling.take_out(session, row.id, number, body.sku, version=body.version)

    return _once(session, who, key, (f"take out of parcel {number}", row.id, body), carry_out)


@router.post(f"{_TABLE}/parcels/{{number}}/reopen")
def reopen(
    number: int,
    body: SeenIn,
    session: SessionDep,
    row: ShipmentDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PackingTableOut:
    """Scans go into this parcel from now on."""

    def carry_out() -> None:
        filling.reopen(session, row.id, number, version=body.version)

    return _once(session, who, key, (f"reopen parcel {number}", row.id, body), carry_out)


@router.post(f"{_TABLE}/parcels/{{number}}/remove")
def remove_parcel(
    number: int,
    body: SeenIn,
    session: SessionDep,
    row: ShipmentDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PackingTableOut:
    """Undo a parcel; what was in it is to be packed again."""

    def carry_out() -> None:
        filling.remove(session, row.id, number, version=body.version)

    return _once(session, who, key, (f"remove parcel {number}", row.id, body), carry_out)


@router.post(f"{_TABLE}/finish")
def finish(
    body: SeenIn, session: SessionDep, row: ShipmentDep, who: StoreWorker, key: IdempotencyKey
) -> ShipmentOut:
    """Everything is in a parcel; labels are bought within seconds."""

    def carry_out() -> Fulfilment:
        return filling.finish(session, row.id, actor=who.actor, version=body.version)

    return once_with_shipment(session, who, key, ("finish packing", row.id, body), carry_out)


@router.post(f"{_PARCEL}/give-back")
def give_back(
    parcel_id: UUID,
    body: GiveBackIn,
    session: SessionDep,
    row: ShipmentDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> ShipmentOut:
    """The label will not be used; the carrier is asked to take it back."""

    def carry_out() -> Fulfilment:
        ship_queue.parcel(session, row, parcel_id)
        relabelling.give_back(
            session, parcel_id, why=body.reason, actor=who.actor, version=body.version
        )
        return row

    return once_with_shipment(
        session, who, key, (f"give back {parcel_id}", row.id, body), carry_out
    )


@router.post(f"{_PARCEL}/buy-again")
def buy_again(
    parcel_id: UUID,
    body: BuyAgainIn,
    session: SessionDep,
    row: ShipmentDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> ShipmentOut:
    """Another label for a parcel whose last one was given back."""

    def carry_out() -> Fulfilment:
        ship_queue.parcel(session, row, parcel_id)
        relabelling.buy_again(
            session,
            parcel_id,
            measured=measured_of(body),
            actor=who.actor,
            version=body.version,
        )
        return row

    return once_with_shipment(
        session, who, key, (f"buy again {parcel_id}", row.id, body), carry_out
    )


def measured_of(body: BuyAgainIn) -> Measured | None:
    """The measures that were given, if they were."""
    if not (body.weight_g and body.length_mm and body.width_mm and body.height_mm):
        return None
    return Measured(body.weight_g, body.length_mm, body.width_mm, body.height_mm)


def _once(
    session: Session,
    who: Caller,
    key: str,
    request: tuple[str, UUID, SeenIn],
    carry_out: Callable[[], None],
) -> PackingTableOut:
    row = session.get_one(Fulfilment, request[1])

    def answered() -> dict[str, Any]:
        carry_out()
        session.flush()
        return _out(session, row).model_dump(mode="json")

    return PackingTableOut.model_validate(once_at_store(session, who, key, request, answered))


def _out(session: Session, row: Fulfilment) -> PackingTableOut:
    return PackingTableOut.model_validate(packing_table.table(session, row))
