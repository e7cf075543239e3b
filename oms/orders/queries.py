"""Read orders and their parts."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import NotFound, StaleVersion
from oms.orders.models import Order, OrderHold, OrderLine


def locked(session: Session, order_id: UUID) -> Order:
    """The order, locked until the transaction ends and read after the lock.

    Everything that changes an order takes this lock first, before any stock row.
    """
    order = session.exec(
        select(Order)
        .where(Order.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if order is None:
        raise NotFound(
            f"there is no order {order_id}",
            field="order_id",
            remedy="use the order_id that placing the order answered with",
        )
    return order


def by_reference(session: Session, *, channel: str, external_id: str) -> Order | None:
    """The order that a channel knows by this id."""
    return session.exec(
        select(Order).where(Order.channel == channel, Order.external_id == external_id)
    ).first()


def named(session: Session, name: str) -> Order:
    """The order that a person names: our number, its id, or `channel:reference`.

    The reference is the channel's own id of the order or the number that it shows its customer.
    Raises `NotFound` when there is none.
    """
    channel, colon, reference = name.strip().partition(":")
    if colon:
        order = by_reference(session, channel=channel, external_id=reference)
        order = order or _shown_as(session, channel=channel, display_number=reference)
    else:
        order = _by_number_or_id(session, name.strip())
    if order is None:
        raise NotFound(
            f"there is no order {name}",
            field="order",
            remedy="give its number, its id, or channel:reference, such as shopify:#1001",
        )
    return order


def _by_number_or_id(session: Session, name: str) -> Order | None:
    bare = name.removeprefix("#")
    if bare.isascii() and bare.isdecimal() and len(bare) <= 18:
        return session.exec(select(Order).where(Order.number == int(bare))).first()
    try:
        return session.get(Order, UUID(name))
    except ValueError:
        return None


def _shown_as(session: Session, *, channel: str, display_number: str) -> Order | None:
    """The newest order that a channel shows under this number."""
    bare = display_number.removeprefix("#")
    return session.exec(
        select(Order)
        .where(Order.channel == channel, col(Order.display_number).in_([bare, f"#{bare}"]))
        .order_by(col(Order.id).desc())
        .limit(1)
    ).first()


def lines(session: Session, order_id: UUID) -> Sequence[OrderLine]:
    """The lines of an order, in its own sequence, as they are in the database now."""
    return session.exec(
        select(OrderLine)
        .where(OrderLine.order_id == order_id)
        .order_by(col(OrderLine.position))
        .execution_options(populate_existing=True)
    ).all()


def awaits_release(order: Order) -> bool:
    """Whether it still waits to be routed jointly with others."""
    return order.release_at is not None and order.release_at > clock.now()


def backordered(session: Session, order_id: UUID) -> dict[str, int]:
    """Units of an order that wait for stock, by SKU; several lines may want one SKU."""
    waiting: dict[str, int] = {}
    for line in lines(session, order_id):
        if line.backordered:
            waiting[line.sku] = waiting.get(line.sku, 0) + line.backordered
    return waiting


def open_holds(session: Session, order_id: UUID) -> Sequence[OrderHold]:
    """What still keeps the order from going on."""
    return session.exec(
        select(OrderHold).where(
            OrderHold.order_id == order_id, col(OrderHold.released_at).is_(None)
        )
    ).all()


def require_version(subject: str, *, have: int, seen: int | None) -> None:
    """Refuse a command that was given on an older state than the present one."""
    if seen is not None and seen != have:
        raise StaleVersion(
            f"{subject} has changed since you read it (version {seen}, now {have})",
            field="version",
            remedy="read it again and repeat the command if it still makes sense",
            facts={"version": have},
        )


def waiting_for(session: Session, sku: str, *, limit: int) -> Sequence[UUID]:
    """Orders with backordered units of an article, first come first."""
    return session.exec(
        select(Order.id)
        .join(OrderLine, col(OrderLine.order_id) == Order.id)
        .where(OrderLine.sku == sku, OrderLine.backordered > 0)
        .order_by(col(Order.number))
        .limit(limit)
    ).all()
