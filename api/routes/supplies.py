"""Goods that are expected: announced, moved between locations, received, given up."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlmodel import Session

from api.commanding import once
from api.deps import IdempotencyKey, ItemId, SessionDep, StockReader, StockWriter
from api.schemas.stock import ArrivalIn, SupplyIn, SupplyOut, TransferIn
from api.stockwork import require_products
from oms.access.models import CommandKind
from oms.inventory import supplies
from oms.inventory.supply_models import Supply
from oms.locations import queries as locations

router = APIRouter(prefix="/v1/supplies", tags=["supply"])

_MOST_SHOWN = 1_000


@router.get("")
def read(
    session: SessionDep,
    _who: StockReader,
    sku: Annotated[str | None, Query(max_length=64)] = None,
    location: Annotated[str | None, Query(max_length=200)] = None,
) -> list[SupplyOut]:
    """What is still to come, the earliest first; at most 1,000 rows."""
    place = locations.by_code(session, location) if location is not None else None
    codes = locations.codes(session)
    rows = supplies.expected(
        session,
        skus=[sku] if sku is not None else None,
        location_id=place.id if place else None,
        limit=_MOST_SHOWN,
    )
    return [_out(row, codes) for row in rows]


@router.post("", status_code=201)
def announce(
    body: SupplyIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> SupplyOut:
    """Expect goods of a document; announcing them again brings quantity and date up to date."""

    def carry_out() -> dict[str, Any]:
        require_products(session, [body.sku])
        place = locations.by_code(session, body.location)
        given = body.model_dump(exclude={"location"})
        return _document(
            session,
            supplies.announce(session, location_id=place.id, actor=who.actor, **given),
        )

    request = {"do": "announce", **body.model_dump(mode="json")}
    return SupplyOut.model_validate(once(session, CommandKind.STOCK, who, key, request, carry_out))


@router.post("/transfers", status_code=201)
def transfer(
    body: TransferIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> SupplyOut:
    """Send goods to another location: off the books here, in transit to there."""

    def carry_out() -> dict[str, Any]:
        require_products(session, [body.sku])
        supply = supplies.transfer_out(
            session,
            document=body.document,
            sku=body.sku,
            from_location_id=locations.by_code(session, body.from_location).id,
            to_location_id=locations.by_code(session, body.to_location).id,
            units=body.units,
            expected_at=body.expected_at,
            actor=who.actor,
        )
        return _document(session, supply)

    request = {"do": "transfer", **body.model_dump(mode="json")}
    return SupplyOut.model_validate(once(session, CommandKind.STOCK, who, key, request, carry_out))


@router.post("/{supply_id}/receipts", status_code=201)
def receive(
    supply_id: ItemId, body: ArrivalIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> SupplyOut:
    """Book in what came, once per idempotency key. Orders that wait for it are looked at again."""

    def carry_out() -> dict[str, Any]:
        supply = supplies.receive(
            session, supply_id, units=body.units, damaged=body.damaged, actor=who.actor
        )
        return _document(session, supply)

    request = {"do": "receive supply", "supply": str(supply_id), **body.model_dump()}
    return SupplyOut.model_validate(once(session, CommandKind.STOCK, who, key, request, carry_out))


@router.post("/{supply_id}/close")
def close(
    supply_id: ItemId, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> SupplyOut:
    """Expect nothing more of it: cancelled, lost, or delivered short."""

    def carry_out() -> dict[str, Any]:
        return _document(session, supplies.close(session, supply_id, actor=who.actor))

    request = {"do": "close supply", "supply": str(supply_id)}
    return SupplyOut.model_validate(once(session, CommandKind.STOCK, who, key, request, carry_out))


def _document(session: Session, supply: Supply) -> dict[str, Any]:
    return _out(supply, locations.codes(session)).model_dump(mode="json")


def _out(row: Supply, codes: Mapping[UUID, str]) -> SupplyOut:
    return SupplyOut.model_validate(
        row.model_dump()
        | {
            "location": codes[row.location_id],
            "from_location": codes[row.from_location_id] if row.from_location_id else None,
            "outstanding": supplies.outstanding(row),
        }
    )
