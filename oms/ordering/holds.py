"""Keep an order from going on, and let it go on."""

from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, NotFound
from oms.fulfilments import order_status
from oms.orders import queries as orders
from oms.orders import states
from oms.orders.models import HoldKind, Order, OrderHold


def place_hold(
    session: Session, order_id: UUID, *, kind: HoldKind, reason: str, actor: str
) -> OrderHold:
    """Hold an order; one hold of each kind at a time. Work that has begun goes on."""
    order = orders.locked(session, order_id)
    if order.status in states.CLOSED:
        raise Conflict(
            f"order {order.display_number} is {order.status.value}; nothing is left to be held",
            field="order_id",
            remedy="read the order again; somebody may have closed it",
        )
    if any(one.kind is kind for one in orders.open_holds(session, order_id)):
        raise Conflict(
            f"order {order.display_number} has a {kind.value} hold already",
            field="kind",
            remedy="release that one first, or use another kind",
        )
    row = OrderHold(
        order_id=order_id, kind=kind, reason=reason, opened_at=clock.now(), opened_by=actor
    )
    session.add(row)
    session.flush()
    _audit(session, row, action="order.held", actor=actor)
    order_status.refresh(session, order_id, event="order.held")
    return row


def release_hold(session: Session, order_id: UUID, *, kind: HoldKind, actor: str) -> Order:
    """Settle what kept the order; when it was the last hold, routing goes on."""
    order = orders.locked(session, order_id)
    row = next((one for one in orders.open_holds(session, order_id) if one.kind is kind), None)
    if row is None:
        raise NotFound(
            f"order {order.display_number} has no open {kind.value} hold",
            field="kind",
            remedy="read the order again; somebody may have released it",
        )
    row.released_at = clock.now()
    row.released_by = actor
    session.flush()
    _audit(session, row, action="order.released", actor=actor)
    return order_status.refresh(session, order_id, event="order.released")


def _audit(session: Session, row: OrderHold, *, action: str, actor: str) -> None:
    record(
        session,
        action=action,
        subject_type="order",
        subject_id=row.order_id,
        order_id=row.order_id,
        actor=actor,
        facts={"kind": row.kind.value, "reason": row.reason},
    )
