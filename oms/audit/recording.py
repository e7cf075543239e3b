"""Write and read the audit trail."""

from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.audit.models import AuditRow

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Set by the door for the time of one request, so that its rows can be found together."""
_CLOCKS_DIFFER: Final = timedelta(days=1)
"""From machine to machine; far more than they should."""


def record(
    session: Session,
    *,
    action: str,
    subject_type: str,
    subject_id: UUID,
    actor: str,
    order_id: UUID | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Add one line to the trail, in the transaction of the change itself."""
    session.add(
        AuditRow(
            at=clock.now(),
            actor=actor,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            order_id=order_id,
            request_id=REQUEST_ID.get(),
            facts=facts or {},
        )
    )


def of_order(session: Session, order_id: UUID, *, since: datetime) -> Sequence[AuditRow]:
    """Everything that happened to an order and its parts, oldest first.

    `since` is when the order was captured; older partitions of the trail are not looked into.
    """
    return session.exec(
        select(AuditRow)
        .where(AuditRow.order_id == order_id, AuditRow.at >= since - _CLOCKS_DIFFER)
        .order_by(col(AuditRow.id))
    ).all()
