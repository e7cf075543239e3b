"""Goods came in: let the orders that wait for them be routed again, first come first served."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from oms.fulfilments import order_status
from oms.inventory import availability
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import Order, OrderLine
from oms.sourcing import holding

_MOST_AT_ONCE = 100


def wake_waiting(session: Session, sku: str) -> Sequence[UUID]:
    """Make as many waiting orders routable as the article's stock may fill; return their ids.

    An order that somebody else is working on is skipped: it looks for stock again by itself.
    What an order may have depends on its channel, so what is left is reckoned for each.
    """
    waiting = orders.waiting_for(session, sku, limit=_MOST_AT_ONCE)
    left: dict[str, int] = {}
    woken: list[UUID] = []
    for order in session.exec(
        select(Order)
        .where(col(Order.id).in_(waiting))
        .order_by(col(Order.number))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all():
        if order.channel not in left:
            there = availability.of(session, [sku], channel=order.channel)
            taken = sum(_wanted(session, one, sku) for one in woken)
            left[order.channel] = sum(row.promisable for row in there) - taken
        if left[order.channel] <= 0:
            continue
        wanted = _wanted(session, order.id, sku)
        left = {channel: units - wanted for channel, units in left.items()}
        look_again(orders.lines(session, order.id))
        order_status.refresh(session, order.id, event="order.stock_came_in")
        woken.append(order.id)
    return woken


def keep_for_held(session: Session, order_id: UUID) -> None:
    """Reserve stock that came in for an order that is held or waits, and so is not routed yet.

    It would otherwise stand first in the queue and be served last.
    """
    order = orders.locked(session, order_id)
    if orders.open_holds(session, order_id) or orders.awaits_release(order):
        holding.hold(session, order)
        order_status.refresh(session, order_id, event="order.stock_kept")


def _wanted(session: Session, order_id: UUID, sku: str) -> int:
    return sum(
        line.backordered + line.unrouted
        for line in orders.lines(session, order_id)
        if line.sku == sku
    )


def look_again(lines: Sequence[OrderLine]) -> None:
    """Let backordered units be routed again."""
    for line in lines:
        order_lines.shift(line, out_of="backordered", into="unrouted", units=line.backordered)
