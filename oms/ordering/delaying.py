"""Find promises that slip, and tell their customers once, with a new date if one is known."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import Session, col, select

from oms import clock
from oms.notifications import notices
from oms.notifications.models import Notice, NoticeKind
from oms.ordering import expecting
from oms.orders import queries as orders
from oms.orders.models import Delivery, Order, OrderStatus

_THERE: Final = (
    OrderStatus.READY_FOR_PICKUP,
    OrderStatus.FULFILLED,
    OrderStatus.CANCELLED,
)
_OLD_NEWS: Final = timedelta(days=14)
"""A promise that slipped longer ago, while nobody looked, is told by people if at all."""


def next_due(session: Session, *, limit: int) -> Sequence[UUID]:
    """Open orders whose date has passed and whose customers were not told of this date.

    A promise that had passed when the order came to us was not ours to keep. A delivery that
    arrives on its last day is in time until that day is over, which is what `promise_by` says.
    """
    now = clock.now()
    told = exists().where(
        col(Notice.order_id) == col(Order.id),
        col(Notice.kind) == NoticeKind.DELAYED,
        col(Notice.created_at) >= col(Order.promise_by),
    )
    return session.exec(
        select(Order.id)
        .where(
            col(Order.closed_at).is_(None),
            Order.promise_by < now,
            Order.promise_by > now - _OLD_NEWS,
            Order.promise_by > Order.captured_at,
            col(Order.status).not_in(_THERE),
            ~told,
        )
        .order_by(col(Order.promise_by))
        .limit(limit)
    ).all()


def tell(session: Session, order_id: UUID) -> bool:
    """Tell the customer that the date was not kept, unless it is there by now."""
    order = orders.locked(session, order_id)
    if order.status in _THERE or order.promise_by >= clock.now():
        return False
    return notices.delayed(
        session,
        order_id=order.id,
        promised=order.promise_by,
        expected=expected(session, order),
        why=_why(order),
    )


def expected(session: Session, order: Order) -> datetime | None:
    """When what an order waits for is to come, if supply for all of it is announced."""
    waiting = [line.id for line in orders.lines(session, order.id) if line.backordered]
    dates = expecting.dates(session, order.id) if waiting else {}
    if not waiting or any(line_id not in dates for line_id in waiting):
        return None
    found = max(dates[line_id] for line_id in waiting)
    return found if found > clock.now() else None


def _why(order: Order) -> str:
    if order.status is OrderStatus.BACKORDERED:
        return "stock"
    return "carrier" if order.status is OrderStatus.SHIPPED else "work"


def is_late(order: Order) -> bool:
    """Whether the promise has passed and the goods are not there."""
    ready = order.delivery is Delivery.PICKUP and order.status is OrderStatus.READY_FOR_PICKUP
    return order.closed_at is None and not ready and order.promise_by < clock.now()
