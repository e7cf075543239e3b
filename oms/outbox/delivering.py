"""Claim waiting rows and record what became of them."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from oms import clock
from oms.outbox.models import OutboxRow

_LONGEST_WAIT = timedelta(minutes=5)


def claim(session: Session, *, limit: int) -> Sequence[OutboxRow]:
    """The oldest waiting rows, locked until the transaction ends; other relays skip them."""
    return session.exec(
        select(OutboxRow)
        .where(col(OutboxRow.delivered_at).is_(None), OutboxRow.available_at <= clock.now())
        .order_by(col(OutboxRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def delivered(row: OutboxRow) -> None:
    """The row has been told."""
    row.delivered_at = clock.now()
    row.last_error = None


def failed(row: OutboxRow, *, error: str) -> None:
    """The row could not be told; it waits longer after each failure, at most five minutes."""
    row.attempts += 1
    row.last_error = error[:500]
    row.available_at = clock.now() + min(
        timedelta(seconds=2 ** min(row.attempts, 9)), _LONGEST_WAIT
    )
