"""Keep which states of a channel's document were applied."""

import hashlib
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from oms import clock
from oms.orders.models import Order, OrderRevision
from oms.orders.new_order import NewOrder


def digest(new: NewOrder) -> str:
    """A fingerprint of what the channel said, and of which moment it said it.

    A state that comes back later (A, B, A) is a new one; only a repetition is not.
    """
    return hashlib.sha256(repr(new).encode()).hexdigest()


def add(
    session: Session, order: Order, new: NewOrder, *, message_id: UUID | None, changes: str
) -> None:
    """Record that a state was applied and what it changed, in words."""
    newest = session.execute(
        select(func.max(col(OrderRevision.number))).where(col(OrderRevision.order_id) == order.id)
    ).scalar_one()
    session.add(
        OrderRevision(
            order_id=order.id,
            number=(newest or 0) + 1,
            digest=digest(new),
            external_updated_at=new.updated_at,
            message_id=message_id,
            changes=changes,
            at=clock.now(),
        )
    )


def seen(session: Session, order: Order, new: NewOrder) -> bool:
    """Whether this very state was applied before."""
    found = session.execute(
        select(col(OrderRevision.id))
        .where(col(OrderRevision.order_id) == order.id, col(OrderRevision.digest) == digest(new))
        .limit(1)
    ).first()
    return found is not None
