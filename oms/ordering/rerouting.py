"""Route an order again, or at once: what an operator asks for."""

from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict
from oms.fulfilments import order_status
from oms.fulfilments.models import Rejection
from oms.ordering.waking import look_again
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.transfers import queries as transfers


def forget_rejections(session: Session, order_id: UUID, *, actor: str) -> int:
    """Forget who said no and route again; return how many refusals were forgotten.

    An order that waits for joint routing waits no longer.
    """
    order = orders.locked(session, order_id)
    if orders.awaits_release(order):
        order.release_at = clock.now()
    look_again(orders.lines(session, order_id))
    rows = session.exec(
        select(Rejection).where(
            Rejection.order_id == order_id, col(Rejection.forgotten_at).is_(None)
        )
    ).all()
    failed = transfers.failed(session, order_id)
    for row in (*rows, *failed):
        row.forgotten_at = clock.now()
    record(
        session,
        action="order.reroute_asked",
        subject_type="order",
        subject_id=order_id,
        order_id=order_id,
        actor=actor,
        facts={"forgotten": len(rows) + len(failed)},
    )
    order_status.refresh(session, order_id, event="order.reroute_asked")
    return len(rows) + len(failed)


def release_now(session: Session, order_id: UUID, *, actor: str) -> Order:
    """End the wait for joint routing; raises `Conflict` when the order does not wait."""
    order = orders.locked(session, order_id)
    if not orders.awaits_release(order):
        raise Conflict(
            f"order {order.display_number} does not wait for joint routing",
            field="order_id",
            remedy="read the order again; it may have been released meanwhile",
        )
    waited_until = order.release_at
    order.release_at = clock.now()
    record(
        session,
        action="order.release_asked",
        subject_type="order",
        subject_id=order_id,
        order_id=order_id,
        actor=actor,
        facts={"instead_of": waited_until.isoformat() if waited_until else None},
    )
    return order_status.refresh(session, order_id, event="order.release_asked")
