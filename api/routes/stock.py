"""Stock: what is available, what came in, what was counted."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import Session, select

from api.deps import IdempotencyKey, SessionDep, StockReader, StockWriter
from api.schemas.stores import AdjustIn, AvailabilityOut, CountIn, MovementOut, ReceiveIn
from oms.access import commands
from oms.access.models import CommandKind
from oms.catalogue import queries as catalogue
from oms.errors import NotFound
from oms.inventory import availability, receiving
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.ordering import counting
from oms.reports import stock_at

router = APIRouter(prefix="/v1", tags=["stock"])


@router.get("/availability")
def available(
    session: SessionDep, _who: StockReader, sku: Annotated[list[str], Query(max_length=100)]
) -> list[AvailabilityOut]:
    """What may be promised of these articles, location by location, with each deduction."""
    _require_products(session, sku)
    codes = {row.id: row.code for row in session.exec(select(Location).order_by(Location.code))}
    return [
        AvailabilityOut(
            sku=row.sku,
            location=codes[row.location_id],
            on_hand=row.on_hand,
            reserved=row.reserved,
            safety=row.safety,
            promisable=row.promisable,
        )
        for row in availability.of(session, sku)
    ]


@router.post("/stock/receipts", status_code=201)
def receive(
    body: ReceiveIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> dict[str, Any]:
    """Book goods in, once per idempotency key. Orders that wait for them are looked at again."""

    def carry_out() -> dict[str, Any]:
        place = locations.by_code(session, body.location)
        _require_products(session, [body.sku])
        receiving.receive(
            session, sku=body.sku, location_id=place.id, units=body.units, actor=who.actor
        )
        return {"sku": body.sku, "location": body.location, "received": body.units}

    return _once(session, who.actor, key, {"do": "receive", **body.model_dump()}, carry_out)


@router.post("/stock/counts", status_code=201)
def count(
    body: CountIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> dict[str, Any]:
    """Set what is on hand to what was counted, once per idempotency key.

    A count below what is promised is refused; `facts.orders` names the orders concerned.
    """

    def carry_out() -> dict[str, Any]:
        place = locations.by_code(session, body.location)
        _require_products(session, [body.sku])
        difference = counting.count(
            session, sku=body.sku, location_id=place.id, units=body.units, actor=who.actor
        )
        return {
            "sku": body.sku,
            "location": body.location,
            "on_hand": body.units,
            "difference": difference,
        }

    return _once(session, who.actor, key, {"do": "count", **body.model_dump()}, carry_out)


@router.post("/stock/adjustments", status_code=201)
def adjust(
    body: AdjustIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> dict[str, Any]:
    """Add units to what is on hand or take them off, with a reason, once per idempotency key."""

    def carry_out() -> dict[str, Any]:
        place = locations.by_code(session, body.location)
        _require_products(session, [body.sku])
        on_hand = counting.adjust(
            session,
            sku=body.sku,
            location_id=place.id,
            units=body.units,
            reason=body.reason,
            actor=who.actor,
        )
        return {"sku": body.sku, "location": body.location, "on_hand": on_hand}

    return _once(session, who.actor, key, {"do": "adjust", **body.model_dump()}, carry_out)


@router.get("/stock/movements")
def movements(
    session: SessionDep,
    _who: StockReader,
    sku: Annotated[str, Query(max_length=64)],
    location: Annotated[str, Query(max_length=40)],
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[MovementOut]:
    """What happened to an article at a location, newest first: the ledger's own rows."""
    _require_products(session, [sku])
    place = locations.by_code(session, location)
    rows = stock_at.movements(session, sku, place, limit=limit)
    return [MovementOut.model_validate(row) for row in rows]


def _once(
    session: Session, caller: str, key: str, request: dict[str, Any], carry_out: Any
) -> dict[str, Any]:
    answer, _ = commands.once(
        session,
        caller=caller,
        key=key,
        kind=CommandKind.STOCK,
        request=request,
        carry_out=carry_out,
    )
    return answer


def _require_products(session: Session, skus: list[str]) -> None:
    unknown = sorted(set(skus) - set(catalogue.products(session, skus)))
    if unknown:
        raise NotFound(
            f"not in the catalogue: {', '.join(unknown)}",
            field="sku",
            remedy="use a SKU of the catalogue",
        )
