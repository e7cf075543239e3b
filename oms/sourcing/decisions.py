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
