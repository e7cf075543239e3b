"""Transfers between locations: asked for, picked, sent, received with differences."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import Session

from api.commanding import once
from api.deps import IdempotencyKey, ItemId, SessionDep, StockReader, StockWriter
from api.schemas.stores import SeenIn
from api.schemas.transfers import PickedIn, ReceivedIn, ShipToStoreIn, TransferIn, TransferOut
from oms.access.models import CommandKind
from oms.access.signing_in import Caller
from oms.locations import queries as locations
from oms.ordering import ship_to_store
from oms.orders import queries as orders
from oms.transfers import queries, sending, showing
from oms.transfers.models import Transfer, TransferStatus
from oms.transfers.receiving import Came

router = APIRouter(prefix="/v1/transfers", tags=["transfers"])

_MOST_SHOWN = 200


@router.get("")
def read_all(
    session: SessionDep,
    _who: StockReader,
    location: Annotated[str | None, Query(max_length=200, description="From or to it.")] = None,
    status: Annotated[list[TransferStatus] | None, Query(description="Repeat it.")] = None,
) -> list[TransferOut]:
    """Transfers, the newest first; at most 200."""
    place = locations.by_code(session, location) if location is not None else None
    rows = queries.of_location(
        session, place.id if place else None, statuses=status or (), limit=_MOST_SHOWN
    )
    return [TransferOut.model_validate(one) for one in showing.shown(session, rows)]


@router.get("/{transfer_id}")
def read(transfer_id: ItemId, session: SessionDep, _who: StockReader) -> TransferOut:
    """One transfer."""
    row = queries.one(session, transfer_id)
    return TransferOut.model_validate(showing.shown(session, [row])[0])


@router.post("", status_code=201)
def request(
    body: TransferIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> TransferOut:
    """Ask a location for goods; they are held there at once, or refused with 409."""

    def carry_out() -> Transfer:
        if body.order_id is not None:
            orders.locked(session, body.order_id)
        return sending.request(
            session,
            from_location_id=locations.by_code(session, body.from_location).id,
            to_location_id=locations.by_code(session, body.to_location).id,
            wanted=body.lines,
            expected_at=body.expected_at,
            order_id=body.order_id,
            note=body.note,
            actor=who.actor,
        )

    return _once(session, who, key, {"do": "request", **body.model_dump(mode="json")}, carry_out)


@router.post("/for-order/{order_id}", status_code=201)
def ship_to_store_for(
    order_id: ItemId,
    body: ShipToStoreIn,
    session: SessionDep,
    who: StockWriter,
    key: IdempotencyKey,
) -> TransferOut:
    """Have what a pickup order still waits for sent to its store, and keep it for that order."""

    def carry_out() -> Transfer:
        return ship_to_store.ask(
            session,
            order_id,
            from_location_id=locations.by_code(session, body.from_location).id,
            expected_at=body.expected_at,
            actor=who.actor,
        )

    asked = {"do": "ship to store", "order": str(order_id), **body.model_dump(mode="json")}
    return _once(session, who, key, asked, carry_out)


@router.post("/{transfer_id}/pick")
def pick(
    transfer_id: ItemId,
    body: PickedIn,
    session: SessionDep,
    who: StockWriter,
    key: IdempotencyKey,
) -> TransferOut:
    """The goods are fetched; what is missing of them was not found and leaves the books."""

    def carry_out() -> Transfer:
        return ship_to_store.pick(
            session, transfer_id, picked=body.picked, actor=who.actor, version=body.version
        )

    return _once(session, who, key, _asked("pick", transfer_id, body), carry_out)


@router.post("/{transfer_id}/ship")
def ship(
    transfer_id: ItemId, body: SeenIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> TransferOut:
    """The goods leave: off the books here, in transit to there."""

    def carry_out() -> Transfer:
        return sending.ship(session, transfer_id, actor=who.actor, version=body.version)

    return _once(session, who, key, _asked("ship", transfer_id, body), carry_out)


@router.post("/{transfer_id}/receive")
def receive(
    transfer_id: ItemId,
    body: ReceivedIn,
    session: SessionDep,
    who: StockWriter,
    key: IdempotencyKey,
) -> TransferOut:
    """Book in what came, with what is short, over or damaged. Nothing more of it is expected."""

    def carry_out() -> Transfer:
        return ship_to_store.receive(
            session,
            transfer_id,
            counted={sku: Came(one.units, one.damaged) for sku, one in body.counted.items()},
            actor=who.actor,
            version=body.version,
        )

    return _once(session, who, key, _asked("receive", transfer_id, body), carry_out)


@router.post("/{transfer_id}/cancel")
def cancel(
    transfer_id: ItemId, body: SeenIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> TransferOut:
    """Call it off before it has left; its goods are free again."""

    def carry_out() -> Transfer:
        return ship_to_store.cancel(session, transfer_id, actor=who.actor, version=body.version)

    return _once(session, who, key, _asked("cancel", transfer_id, body), carry_out)


def _asked(what: str, transfer_id: ItemId, body: SeenIn) -> dict[str, Any]:
    return {"do": f"{what} transfer", "transfer": str(transfer_id), **body.model_dump(mode="json")}


def _once(
    session: Session,
    who: Caller,
    key: str,
    asked: dict[str, Any],
    carry_out: Callable[[], Transfer],
) -> TransferOut:
    def shown() -> dict[str, Any]:
        row = carry_out()
        session.flush()
        [one] = showing.shown(session, [row])
        return TransferOut.model_validate(one).model_dump(mode="json")

    return TransferOut.model_validate(once(session, CommandKind.STOCK, who, key, asked, shown))
