"""Orders as operations lists them: filtered, newest first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_, text
from sqlmodel import Session, col, select

from oms.customers.models import Customer
from oms.orders.models import Delivery, Order, OrderLine, OrderStatus
from oms.orders.states import CLOSED


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of the list."""

    id: UUID
    number: int
    display_number: str
    channel: str
    status: OrderStatus
    delivery: Delivery
    customer_name: str
    units: int
    total_minor: int
    currency: str
    placed_at: datetime
    promise_by: datetime


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Rows and, if there are older ones, the number to ask for them with."""

    rows: tuple[OrderRow, ...]
    older_than: int | None


def page(
    session: Session,
    *,
    status: OrderStatus | None = None,
    channel: str = "",
    search: str = "",
    older_than: int | None = None,
    limit: int = 50,
) -> OrderPage:
    """A page of orders by our own number, which only ever rises, so that pages do not shift.

    `search` is an order number (ours, or as the channel shows or stores it) or the customer's
    whole e-mail address.
    """
    wanted = select(Order, Customer.name).join(Customer, col(Customer.id) == Order.customer_id)
    if status is not None:
        wanted = wanted.where(Order.status == status)
    if channel:
        wanted = wanted.where(Order.channel == channel)
    if search.strip():
        wanted = wanted.where(_matches(search.strip()))
    if older_than is not None:
        wanted = wanted.where(col(Order.number) < older_than)
    found = session.exec(wanted.order_by(col(Order.number).desc()).limit(limit + 1)).all()
    units = _units(session, [order.id for order, _ in found[:limit]])
    rows = tuple(_row(order, name, units.get(order.id, 0)) for order, name in found[:limit])
    return OrderPage(rows, older_than=rows[-1].number if len(found) > limit else None)


def open_by_status(session: Session) -> dict[OrderStatus, int]:
    """How many orders are in each state that is not an end."""
    rows = session.exec(
        select(col(Order.status), func.count())
        .where(col(Order.status).not_in(CLOSED))
        .group_by(Order.status)
    ).all()
    return {row[0]: row[1] for row in rows}


def channels(session: Session) -> Sequence[str]:
    """Every channel that has orders; leaps through the index instead of reading all of it."""
    return session.scalars(
        text(
            "WITH RECURSIVE leap AS ("
            " (SELECT channel FROM orders ORDER BY channel LIMIT 1) UNION ALL"
            " SELECT (SELECT channel FROM orders WHERE channel > leap.channel"
            " ORDER BY channel LIMIT 1) FROM leap WHERE leap.channel IS NOT NULL)"
            " SELECT channel FROM leap WHERE channel IS NOT NULL"
        )
    ).all()


def _matches(search: str) -> ColumnElement[bool]:
    if "@" in search:
        # The second says in so many words what the index of addresses leaves out.
        return and_(
            func.lower(col(Customer.email)) == func.lower(search),
            col(Customer.email) != literal("", literal_execute=True),
        )
    bare = search.removeprefix("#")
    ways = [
        col(Order.display_number).in_([bare, f"#{bare}"]),
        col(Order.external_id) == search,
    ]
    if bare.isdecimal() and len(bare) <= 18:
        ways.append(col(Order.number) == int(bare))
    return or_(*ways)


def _units(session: Session, order_ids: Sequence[UUID]) -> dict[UUID, int]:
    rows = session.exec(
        select(OrderLine.order_id, func.sum(OrderLine.quantity))
        .where(col(OrderLine.order_id).in_(order_ids))
        .group_by(col(OrderLine.order_id))
    ).all()
    return {order_id: int(units) for order_id, units in rows}


def _row(order: Order, customer_name: str, units: int) -> OrderRow:
    return OrderRow(
        id=order.id,
        number=order.number or 0,
        display_number=order.display_number,
        channel=order.channel,
        status=order.status,
        delivery=order.delivery,
        customer_name=customer_name,
        units=units,
        total_minor=order.total_minor,
        currency=order.currency,
        placed_at=order.placed_at,
        promise_by=order.promise_by,
    )
