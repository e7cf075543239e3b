"""Write to the outbox, and wake whoever delivers it."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from oms import clock
from oms.outbox.models import OutboxRow

WAKE_RELAY = "oms_outbox"
"""The LISTEN channel of the relay."""


def append(
    session: Session,
    *,
    topic: str,
    subject_type: str,
    subject_id: UUID,
    version: int,
    order_id: UUID | None = None,
    detail: str = "",
) -> None:
    """Record that something must be told; it leaves only if the transaction commits."""
    now = clock.now()
    session.add(
        OutboxRow(
            topic=topic,
            subject_type=subject_type,
            subject_id=subject_id,
            order_id=order_id,
            version=version,
            detail=detail,
            created_at=now,
            available_at=now,
        )
    )
    if not session.info.get("relay_woken"):  # one NOTIFY a transaction is enough
        session.info["relay_woken"] = True
        session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": WAKE_RELAY})
