"""Goods came in: let the orders that wait for them be routed again, first come first served."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from oms.fulfilments import order_status
from oms.inventory import availability
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import Order, OrderLine

_MOST_AT_ONCE = 100


def wake_waiting(session: Session, sku: str) -> Sequence[UUID]:
    """Make as many waiting orders routable as the article's stock may fill; return their ids.

    An order that somebody else is working on is skipped: it looks for stock again by itself.
    """
    left = sum(row.promisable for row in availability.of(session, [sku]))
    if left <= 0:
        return []
    waiting = orders.waiting_for(session, sku, limit=_MOST_AT_ONCE)
    woken: list[UUID] = []
    for order in session.exec(
        select(Order)
        .where(col(Order.id).in_(waiting))
        .order_by(col(Order.number))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all():
        if left <= 0:
            break
        lines = orders.lines(session, order.id)
        left -= sum(line.backordered for line in lines if line.sku == sku)
        look_again(lines)
        order_status.refresh(session, order.id, event="order.stock_came_in")
        woken.append(order.id)
    return woken


def look_again(lines: Sequence[OrderLine]) -> None:
    """Let backordered units be routed again."""
    for line in lines:
        order_lines.shift(line, out_of="backordered", into="unrouted", units=line.backordered)
