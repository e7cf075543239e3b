"""Read the stored decisions of an order."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from oms.sourcing.models import RoutingDecision


def of_order(session: Session, order_id: UUID) -> Sequence[RoutingDecision]:
    """Every decision, the newest first."""
    return session.exec(
        select(RoutingDecision)
        .where(RoutingDecision.order_id == order_id)
        .order_by(col(RoutingDecision.id).desc())
    ).all()


def exist(session: Session, order_id: UUID) -> bool:
    """Whether the order was ever decided."""
    found = select(RoutingDecision.id).where(RoutingDecision.order_id == order_id).limit(1)
    return session.exec(found).first() is not None
