"""Orders from tills, phones and kiosks, and what may be done with any order."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlmodel import Session, col, select

from api.deps import IdempotencyKey, ItemId, OrderReader, OrderWriter, SessionDep
from api.reasons import why
from api.schemas.orders import (
    CancelIn,
    DecisionOut,
    HoldIn,
    LineOut,
    OrderIn,
    OrderOut,
    PlacedOut,
    WhyOut,
)
from oms import clock
from oms.access import commands
from oms.access.models import CommandKind
from oms.errors import Conflict, NotFound
from oms.inventory import checkout_holds
from oms.ordering import cancelling, expecting, holds, placing, rerouting
from oms.orders import queries as orders
from oms.orders.models import HoldKind, Order
from oms.orders.new_order import NewAddress, NewLine, NewOrder
from oms.sourcing.models import RoutingDecision

router = APIRouter(prefix="/v1/orders", tags=["orders"])


@router.post("", status_code=201)
def place(body: OrderIn, session: SessionDep, who: OrderWriter, key: IdempotencyKey) -> PlacedOut:
    """Take an order in, once per idempotency key.

    Stock is held before the answer. With `when_out_of_stock: refuse` the answer is 409
    `out_of_stock` unless all of it can be filled, and nothing is written.
    """

    def carry_out() -> dict[str, Any]:
        new = _new_order(body, reference=body.reference or key)
        placing.lock_reference(session, channel=new.channel, external_id=new.external_id)
        known = orders.by_reference(session, channel=new.channel, external_id=new.external_id)
        if known is not None:
            raise Conflict(
                f"{new.channel} order {new.external_id} exists already",
                field="reference",
                remedy="use another reference, or leave it out",
                facts={"order_id": str(known.id)},
            )
        _require_hold(session, new)
        order = placing.place(
            session, new, actor=who.actor, backorder=body.when_out_of_stock == "backorder"
        )
        return _placed(session, order).model_dump(mode="json")

    answer, _ = commands.once(
        session,
        caller=who.actor,
        key=key,
        kind=CommandKind.PLACE_ORDER,
        request=body.model_dump(mode="json"),
        carry_out=carry_out,
    )
    return PlacedOut.model_validate(answer)


@router.get("/{order_id}")
def read(order_id: ItemId, session: SessionDep, _who: OrderReader) -> OrderOut:
    """One order with its lines."""
    return _out(session, _get(session, order_id))


@router.get("/{order_id}/decisions")
def decisions(order_id: ItemId, session: SessionDep, _who: OrderReader) -> list[DecisionOut]:
    """Every routing decision of an order, newest first, with what it was decided on."""
    _get(session, order_id)
    rows = session.exec(
        select(RoutingDecision)
        .where(RoutingDecision.order_id == order_id)
        .order_by(col(RoutingDecision.id).desc())
    ).all()
    return [DecisionOut.model_validate(row) for row in rows]


@router.get("/{order_id}/why")
def read_why(order_id: ItemId, session: SessionDep, _who: OrderReader) -> WhyOut:
    """Why an order goes where it goes, and the least changes that would send it elsewhere.

    These are worked out now, from what the newest decision was made on.
    """
    return why(session, _get(session, order_id))


@router.post("/{order_id}/cancel")
def cancel(order_id: ItemId, body: CancelIn, session: SessionDep, who: OrderWriter) -> OrderOut:
    """Call off whatever has not left the house."""
    order = cancelling.cancel(
        session, order_id, actor=who.actor, reason=body.reason, version=body.version
    )
    return _out(session, order)


@router.post("/{order_id}/holds", status_code=201)
def place_hold(order_id: ItemId, body: HoldIn, session: SessionDep, who: OrderWriter) -> OrderOut:
    """Keep an order from being routed."""
    holds.place_hold(session, order_id, kind=body.kind, reason=body.reason, actor=who.actor)
    return _out(session, _get(session, order_id))


@router.delete("/{order_id}/holds/{kind}")
def release_hold(
    order_id: ItemId, kind: HoldKind, session: SessionDep, who: OrderWriter
) -> OrderOut:
    """Let an order go on."""
    return _out(session, holds.release_hold(session, order_id, kind=kind, actor=who.actor))


@router.post("/{order_id}/reroute")
def reroute(order_id: ItemId, session: SessionDep, who: OrderWriter) -> OrderOut:
    """Forget which locations gave the order back, and route it again."""
    rerouting.forget_rejections(session, order_id, actor=who.actor)
    return _out(session, _get(session, order_id))


@router.post("/{order_id}/release-now")
def release_now(order_id: ItemId, session: SessionDep, who: OrderWriter) -> OrderOut:
    """Route an order that waits for joint routing without waiting any longer."""
    return _out(session, rerouting.release_now(session, order_id, actor=who.actor))


def _new_order(body: OrderIn, *, reference: str) -> NewOrder:
    now = clock.now()
    lines = tuple(
        NewLine(
            external_id=str(number),
            channel_sku=line.sku,
            title=line.title or line.sku,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            tax_minor=line.tax_minor,
        )
        for number, line in enumerate(body.lines, start=1)
    )
    return NewOrder(
        channel=body.source,
        external_id=reference,
        display_number=reference,
        placed_at=now,
        updated_at=now,
        currency=body.currency,
        total_minor=body.total_minor,
        shipping_minor=body.shipping_minor,
        lines=lines,
        customer_name=body.customer_name,
        customer_email=body.customer_email,
        customer_phone=body.customer_phone,
        delivery=body.delivery,
        pickup_store=body.pickup_store,
        address=NewAddress(**body.address.model_dump()) if body.address else None,
        deliver_by=body.deliver_by,
        hold_id=body.hold_id,
    )


def _require_hold(session: Session, new: NewOrder) -> None:
    """Refuse a hold that is none, is another source's, or has become another order.

    One that has expired or was released is no reason to refuse the order: it is filled from what
    is there, or refused as out of stock.
    """
    if new.hold_id is None:
        return
    hold = checkout_holds.read(session, new.hold_id)
    if hold.channel != new.channel or hold.order_id is not None:
        what = f"was made for {hold.channel}" if hold.order_id is None else "has become an order"
        raise Conflict(
            f"the checkout hold {what}",
            field="hold_id",
            remedy="leave it out, and the order is filled from what is there",
            facts={"order_id": str(hold.order_id) if hold.order_id else None},
        )


def _placed(session: Session, order: Order) -> PlacedOut:
    assert order.number is not None
    return PlacedOut(
        order_id=order.id,
        number=order.number,
        status=order.status,
        promise_by=order.promise_by,
        backordered=orders.backordered(session, order.id),
        expected=_expected(session, order.id),
    )


def _expected(session: Session, order_id: UUID) -> dict[str, datetime]:
    """When the last backordered unit of each article is expected, where supply is announced."""
    dates = expecting.dates(session, order_id)
    found: dict[str, datetime] = {}
    unknown: set[str] = set()
    for line in orders.lines(session, order_id):
        if line.id in dates:
            found[line.sku] = max(dates[line.id], found.get(line.sku, dates[line.id]))
        elif line.backordered:
            unknown.add(line.sku)
    return {sku: when for sku, when in found.items() if sku not in unknown}


def _get(session: Session, order_id: UUID) -> Order:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound(
            f"there is no order {order_id}",
            field="order_id",
            remedy="use the order_id that placing the order answered with",
        )
    return order


def _out(session: Session, order: Order) -> OrderOut:
    dates = expecting.dates(session, order.id)
    lines = [
        LineOut.model_validate(line.model_dump() | {"expected_at": dates.get(line.id)})
        for line in orders.lines(session, order.id)
    ]
    return OrderOut.model_validate(order.model_dump() | {"lines": lines})
