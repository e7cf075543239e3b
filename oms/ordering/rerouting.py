"""Let locations be asked again that had given an order's lines back."""

from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.fulfilments import order_status
from oms.fulfilments.models import Rejection
from oms.ordering.waking import look_again
from oms.orders import queries as orders


def forget_rejections(session: Session, order_id: UUID, *, actor: str) -> int:
    """Forget who said no and route again; return how many refusals were forgotten."""
    orders.locked(session, order_id)
    look_again(orders.lines(session, order_id))
    rows = session.exec(
        select(Rejection).where(
            Rejection.order_id == order_id, col(Rejection.forgotten_at).is_(None)
        )
    ).all()
    for row in rows:
        row.forgotten_at = clock.now()
    record(
        session,
        action="order.reroute_asked",
        subject_type="order",
        subject_id=order_id,
        order_id=order_id,
        actor=actor,
        facts={"forgotten": len(rows)},
    )
    order_status.refresh(session, order_id, event="order.reroute_asked")
    return len(rows)
