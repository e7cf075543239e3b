"""What may be asked of an order that is there."""

from uuid import UUID

from fastapi import APIRouter
from sqlmodel import Session, col, select

from api.deps import ItemId, OrderReader, OrderWriter, SessionDep
from api.reasons import why
from api.schemas.orders import (
    CancelIn,
    DecisionOut,
    HoldIn,
    LineOut,
    OrderOut,
    WhyOut,
)
from oms.errors import NotFound
from oms.ordering import cancelling, expecting, holds, rerouting
from oms.orders import queries as orders
from oms.orders.models import HoldKind, Order
from oms.sourcing.models import RoutingDecision

router = APIRouter(prefix="/v1/orders", tags=["orders"])


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
