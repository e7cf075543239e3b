"""Returns: asked for, received, inspected, decided on; and the rules they are judged by."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlmodel import Session

from api.commanding import once
from api.deps import IdempotencyKey, ItemId, OperatorDep, ReturnsReader, ReturnsWriter, SessionDep
from api.returnwork import shown
from api.schemas.returns import (
    DisposeIn,
    ExchangeIn,
    InspectIn,
    LinkOut,
    ReceiptIn,
    ReturnIn,
    ReturnOut,
    RulesIn,
    RulesOut,
    SentIn,
    WhyIn,
)
from oms.access.models import CommandKind
from oms.access.signing_in import Caller
from oms.locations import queries as locations
from oms.returns import (
    asking,
    disposing,
    exchanging,
    labels,
    links,
    queries,
    receiving,
    ruling,
)
from oms.returns.asking import Wanted
from oms.returns.exchanging import Instead
from oms.returns.models import Return

router = APIRouter(prefix="/v1", tags=["returns"])

_Carried = Callable[[], Return]


@router.get("/returns")
def of_order(
    session: SessionDep, _who: ReturnsReader, order_id: Annotated[UUID, Query()]
) -> list[ReturnOut]:
    """Every return of an order, oldest first."""
    return [shown(session, row) for row in queries.of_order(session, order_id)]


@router.get("/returns/{return_id}")
def read(return_id: ItemId, session: SessionDep, _who: ReturnsReader) -> ReturnOut:
    """One return."""
    return shown(session, queries.read(session, return_id))


@router.post("/returns", status_code=201)
def ask(body: ReturnIn, session: SessionDep, who: ReturnsWriter, key: IdempotencyKey) -> ReturnOut:
    """Ask for units to be returned. The answer is authorised, refused with its rule, or asked.

    404 `not_bought`, 409 `more_than_sent` or `returned_before`, 403 `not_this_customer`.
    """
    wanted = [Wanted(one.line_id, one.units, one.reason) for one in body.lines]

    def carry_out() -> Return:
        return asking.ask(
            session,
            body.order_id,
            wanted,
            way=body.way,
            actor=who.actor,
            email=body.email,
            label=body.label,
        )

    return _once(session, who, key, ("ask", body.order_id, body), carry_out)


@router.post("/returns/{return_id}/authorise")
def authorise(
    return_id: ItemId, body: WhyIn, session: SessionDep, who: OperatorDep, key: IdempotencyKey
) -> ReturnOut:
    """Let a return be made, also one that was refused or has expired."""

    def carry_out() -> Return:
        return asking.authorise(session, return_id, reason=body.reason, actor=who.actor)

    return _once(session, who, key, ("authorise", return_id, body), carry_out)


@router.post("/returns/{return_id}/refuse")
def refuse(
    return_id: ItemId, body: WhyIn, session: SessionDep, who: OperatorDep, key: IdempotencyKey
) -> ReturnOut:
    """Refuse a return that waits for an answer."""

    def carry_out() -> Return:
        return asking.refuse(session, return_id, reason=body.reason, actor=who.actor)

    return _once(session, who, key, ("refuse", return_id, body), carry_out)


@router.post("/returns/{return_id}/cancel")
def cancel(
    return_id: ItemId, session: SessionDep, who: ReturnsWriter, key: IdempotencyKey
) -> ReturnOut:
    """The customer keeps the goods."""

    def carry_out() -> Return:
        return asking.cancel(session, return_id, actor=who.actor)

    return _once(session, who, key, ("cancel", return_id, None), carry_out)


@router.post("/returns/{return_id}/sent")
def sent(
    return_id: ItemId, body: SentIn, session: SessionDep, who: ReturnsWriter, key: IdempotencyKey
) -> ReturnOut:
    """The goods are on their way."""

    def carry_out() -> Return:
        return asking.sent(session, return_id, actor=who.actor, **body.model_dump())

    return _once(session, who, key, ("sent", return_id, body), carry_out)


@router.post("/returns/{return_id}/receipts", status_code=201)
def receive(
    return_id: ItemId, body: ReceiptIn, session: SessionDep, who: ReturnsWriter, key: IdempotencyKey
) -> ReturnOut:
    """Book in what came, into quarantine at that location. Several receipts add up."""

    def carry_out() -> Return:
        units: dict[str, int] = {}
        for one in body.goods:
            units[one.sku] = units.get(one.sku, 0) + one.units
        place = locations.by_code(session, body.location)
        return receiving.receive(
            session,
            return_id,
            units,
            location_id=place.id,
            actor=who.actor,
            version=body.version,
        )

    return _once(session, who, key, ("receive", return_id, body), carry_out)


@router.post("/returns/{return_id}/goods/{goods_id}/inspect")
def inspect(
    return_id: ItemId,
    goods_id: ItemId,
    body: InspectIn,
    session: SessionDep,
    who: ReturnsWriter,
    key: IdempotencyKey,
) -> ReturnOut:
    """Say in which state goods are. When all are looked at, the return is inspected."""

    def carry_out() -> Return:
        return receiving.inspect(session, return_id, goods_id, actor=who.actor, **body.model_dump())

    return _once(session, who, key, ("inspect", goods_id, body), carry_out)


@router.post("/returns/{return_id}/goods/{goods_id}/dispose")
def dispose(
    return_id: ItemId,
    goods_id: ItemId,
    body: DisposeIn,
    session: SessionDep,
    who: ReturnsWriter,
    key: IdempotencyKey,
) -> ReturnOut:
    """Decide what becomes of goods. Only this makes them sellable, where they are."""

    def carry_out() -> Return:
        to = locations.by_code(session, body.to_location) if body.to_location else None
        return disposing.dispose(
            session,
            return_id,
            goods_id,
            body.disposition,
            actor=who.actor,
            to_location_id=to.id if to else None,
        )

    return _once(session, who, key, ("dispose", goods_id, body), carry_out)


@router.post("/returns/{return_id}/exchange", status_code=201)
def exchange(
    return_id: ItemId,
    body: ExchangeIn,
    session: SessionDep,
    who: ReturnsWriter,
    key: IdempotencyKey,
) -> ReturnOut:
    """Have other goods instead: an order of their own, whose stock is held at once.

    409 `no_exchange` where the rule does not let it, `out_of_stock` unless all of it can be had.
    """

    def carry_out() -> Return:
        wanted = [Instead(one.sku, one.units) for one in body.lines]
        exchanging.exchange(
            session, return_id, wanted, actor=who.actor, pickup_store=body.pickup_store
        )
        return queries.read(session, return_id)

    return _once(session, who, key, ("exchange", return_id, body), carry_out)


@router.get("/returns/{return_id}/label", response_class=Response)
def label(return_id: ItemId, session: SessionDep, _who: ReturnsReader) -> Response:
    """The parcel's label as PDF; 404 as long as it was not bought."""
    return Response(labels.document(session, return_id), media_type="application/pdf")


@router.post("/orders/{order_id}/return-link")
def link(order_id: ItemId, session: SessionDep, _who: ReturnsWriter) -> LinkOut:
    """The customer's page of returns; the same link every time."""
    return LinkOut(link=links.link(session, order_id))


@router.get("/return-rules")
def rules(session: SessionDep, _who: ReturnsReader) -> list[RulesOut]:
    """Every version of the rules, newest first. Where there is none, the standard rule holds."""
    return [RulesOut.model_validate(row) for row in ruling.versions(session)]


@router.post("/return-rules", status_code=201)
def publish(body: RulesIn, session: SessionDep, who: OperatorDep, key: IdempotencyKey) -> RulesOut:
    """Publish a version. Returns that were judged before keep the version that they cite."""

    def carry_out() -> dict[str, Any]:
        row = ruling.publish(
            session,
            body.rules,
            note=body.note,
            effective_from=body.effective_from,
            actor=who.actor,
        )
        return RulesOut.model_validate(row).model_dump(mode="json")

    request = {"do": "publish", **body.model_dump(mode="json")}
    return RulesOut.model_validate(once(session, CommandKind.RETURNS, who, key, request, carry_out))


def _once(
    session: Session,
    who: Caller,
    key: str,
    request: tuple[str, UUID, BaseModel | None],
    carry_out: _Carried,
) -> ReturnOut:
    """Carry a command about a return out once per key; the answer is the return then."""
    name, subject_id, body = request

    def answer() -> dict[str, Any]:
        return shown(session, carry_out()).model_dump(mode="json")

    asked = {"do": name, "to": str(subject_id)} | (body.model_dump(mode="json") if body else {})
    return ReturnOut.model_validate(once(session, CommandKind.RETURNS, who, key, asked, answer))
