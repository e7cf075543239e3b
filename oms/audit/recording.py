"""Write and read the audit trail."""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.audit.models import AuditRow

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Set by the door for the time of one request, so that its rows can be found together."""


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


def of_order(session: Session, order_id: UUID) -> Sequence[AuditRow]:
    """Everything that happened to an order and its parts, oldest first."""
    return session.exec(
        select(AuditRow).where(AuditRow.order_id == order_id).order_by(col(AuditRow.id))
    ).all()
