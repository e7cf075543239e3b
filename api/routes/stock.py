"""Stock: what is available, what came in, what was counted."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api import availability_json
from api.commanding import once
from api.deps import IdempotencyKey, SessionDep, StockReader, StockWriter
from api.schemas.stock import AvailabilityOut, DeductionOut, ExplanationOut
from api.schemas.stores import AdjustIn, CountIn, MovementOut, ReceiveIn
from api.stockwork import incoming_out, require_products
from oms.access.models import CommandKind
from oms.inventory import availability, receiving
from oms.locations import queries as locations
from oms.ordering import counting, expecting, explaining
from oms.reports import stock_at

router = APIRouter(prefix="/v1", tags=["stock"])


@router.get("/availability", response_model=list[AvailabilityOut])
def available(
    session: SessionDep,
    _who: StockReader,
    sku: Annotated[list[str], Query(max_length=100)],
    channel: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """What may be promised of these articles, location by location, with each deduction.

    With a channel it is what that channel may promise: its own allotment counts, its buffer and
    the allotments of others do not. Incoming supply that orders wait for already is left out.
    """
    require_products(session, sku)
    body = availability_json.written(
        availability.of(session, sku, channel=channel),
        codes=locations.codes(session),
        coming=expecting.uncommitted(session, sku),
    )
    return Response(body, media_type="application/json")


@router.get("/availability/{sku}/explanation")
def explained(
    session: SessionDep,
    _who: StockReader,
    sku: Annotated[str, Path(max_length=64)],
    channel: Annotated[str | None, Query(max_length=40)] = None,
    location: Annotated[str | None, Query(max_length=200)] = None,
) -> list[ExplanationOut]:
    """Why so much and no more may be promised: each deduction with the rule it rests on."""
    require_products(session, [sku])
    place = locations.by_code(session, location) if location is not None else None
    codes = locations.codes(session)
    return [
        ExplanationOut(
            sku=sku,
            location=codes[one.availability.location_id],
            channel=channel,
            on_hand=one.availability.on_hand,
            deductions=[DeductionOut.model_validate(part) for part in one.deductions],
            promisable=one.availability.promisable,
            incoming=[incoming_out(coming) for coming in one.incoming],
        )
        for one in explaining.explain(
            session, sku, channel=channel, location_id=place.id if place else None
        )
    ]


@router.post("/stock/receipts", status_code=201)
def receive(
    body: ReceiveIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> dict[str, Any]:
    """Book goods in, once per idempotency key. Orders that wait for them are looked at again."""

    def carry_out() -> dict[str, Any]:
        place = locations.by_code(session, body.location)
        require_products(session, [body.sku])
        receiving.receive(
            session, sku=body.sku, location_id=place.id, units=body.units, actor=who.actor
        )
        return {"sku": body.sku, "location": body.location, "received": body.units}

    return once(
        session, CommandKind.STOCK, who, key, {"do": "receive", **body.model_dump()}, carry_out
    )


@router.post("/stock/counts", status_code=201)
def count(
    body: CountIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> dict[str, Any]:
    """Set what is on hand to what was counted, once per idempotency key.

    A count below what is promised is refused; `facts.orders` names the orders concerned.
    """

    def carry_out() -> dict[str, Any]:
        place = locations.by_code(session, body.location)
        require_products(session, [body.sku])
        difference = counting.count(
            session, sku=body.sku, location_id=place.id, units=body.units, actor=who.actor
        )
        return {
            "sku": body.sku,
            "location": body.location,
            "on_hand": body.units,
            "difference": difference,
        }

    return once(
        session, CommandKind.STOCK, who, key, {"do": "count", **body.model_dump()}, carry_out
    )


@router.post("/stock/adjustments", status_code=201)
def adjust(
    body: AdjustIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> dict[str, Any]:
    """Add units to what is on hand or take them off, with a reason, once per idempotency key."""

    def carry_out() -> dict[str, Any]:
        place = locations.by_code(session, body.location)
        require_products(session, [body.sku])
        on_hand = counting.adjust(
            session,
            sku=body.sku,
            location_id=place.id,
            units=body.units,
            reason=body.reason,
            actor=who.actor,
        )
        return {"sku": body.sku, "location": body.location, "on_hand": on_hand}

    return once(
        session, CommandKind.STOCK, who, key, {"do": "adjust", **body.model_dump()}, carry_out
    )


@router.get("/stock/movements")
def movements(
    session: SessionDep,
    _who: StockReader,
    sku: Annotated[str, Query(max_length=64)],
    location: Annotated[str, Query(max_length=40)],
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[MovementOut]:
    """What happened to an article at a location, newest first: the ledger's own rows."""
    require_products(session, [sku])
    place = locations.by_code(session, location)
    rows = stock_at.movements(session, sku, place, limit=limit)
    return [MovementOut.model_validate(row) for row in rows]
