"""Orders for articles that are not released yet: taken and held, and let go on the day."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.catalogue.models import Product
from oms.errors import NotFound
from oms.ids import new_id
from oms.ordering import holds
from oms.orders import queries as orders
from oms.orders.models import HoldKind, Order, OrderHold, OrderLine


def hold_until_release(session: Session, order: Order, *, actor: str) -> None:
    """Hold an order while one of its articles is not released; repeating it brings it up to date.

    The whole order waits: what the customer bought together is sent together. The caller holds
    the order's lock, or has just written it, and refreshes its status afterwards.
    """
    latest = _release_of(session, order.id)
    if latest is None or latest <= clock.now():
        return
    row = _open_hold(session, order.id)
    if row is None:
        row = OrderHold(
            order_id=order.id,
            kind=HoldKind.PREORDER,
            reason=f"not released before {latest:%Y-%m-%d %H:%M} UTC",
            opened_at=clock.now(),
            opened_by=actor,
        )
        session.add(row)
    row.until = latest
    session.flush()


def set_release(session: Session, sku: str, at: datetime | None, *, actor: str) -> Product:
    """Say from when an article is sent to customers; None releases it at once.

    Preorders that wait for it follow the new date. Orders that were taken while it was released
    are not held back.
    """
    product = session.get(Product, sku, with_for_update=True, populate_existing=True)
    if product is None:
        raise NotFound(
            f"not in the catalogue: {sku}", field="sku", remedy="use a SKU of the catalogue"
        )
    product.releases_at = at
    # A hold is looked at again no later than the new date; then the latest date of all counts.
    session.execute(
        update(OrderHold)
        .where(
            col(OrderHold.kind) == HoldKind.PREORDER,
            col(OrderHold.released_at).is_(None),
            col(OrderHold.order_id).in_(select(OrderLine.order_id).where(OrderLine.sku == sku)),
        )
        .values(until=func.least(OrderHold.until, at or clock.now()))
        .execution_options(synchronize_session=False)
    )
    record(
        session,
        action="product.release_set",
        subject_type="product",
        subject_id=new_id(),
        actor=actor,
        facts={"sku": sku, "releases_at": at.isoformat() if at else None},
    )
    session.flush()
    return product


def next_due(session: Session, *, limit: int) -> Sequence[UUID]:
    """Orders whose hold for a release is to be looked at again."""
    return session.exec(
        select(OrderHold.order_id)
        .where(
            OrderHold.kind == HoldKind.PREORDER,
            col(OrderHold.released_at).is_(None),
            col(OrderHold.until) <= clock.now(),
        )
        .order_by(col(OrderHold.until))
        .limit(limit)
    ).all()


def release_if_due(session: Session, order_id: UUID) -> bool:
    """Let an order go on when all its articles are released; else wait for the last of them."""
    orders.locked(session, order_id)
    row = _open_hold(session, order_id)
    if row is None:
        return False
    latest = _release_of(session, order_id)
    if latest is not None and latest > clock.now():
        row.until = latest
        session.flush()
        return False
    holds.release_hold(session, order_id, kind=HoldKind.PREORDER, actor="system")
    return True


def _release_of(session: Session, order_id: UUID) -> datetime | None:
    """When the last of the order's articles that are still wanted is released."""
    return session.exec(
        select(func.max(Product.releases_at))
        .join(OrderLine, col(OrderLine.sku) == Product.sku)
        .where(
            OrderLine.order_id == order_id,
            OrderLine.unrouted + OrderLine.reserved + OrderLine.backordered + OrderLine.in_transfer
            > 0,
        )
    ).one()


def _open_hold(session: Session, order_id: UUID) -> OrderHold | None:
    return session.exec(
        select(OrderHold)
        .where(
            OrderHold.order_id == order_id,
            OrderHold.kind == HoldKind.PREORDER,
            col(OrderHold.released_at).is_(None),
        )
        .execution_options(populate_existing=True)
    ).first()
