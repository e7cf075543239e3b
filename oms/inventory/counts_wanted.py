"""Tasks for a store: which articles somebody should count, and why."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.ids import new_id
from oms.inventory.rule_models import CountWanted
from oms.outbox.live import announce


def ask(session: Session, *, sku: str, location_id: UUID, reason: str, actor: str) -> None:
    """Ask for a count, unless one is asked for already."""
    session.execute(
        insert(CountWanted)
        .values(
            id=new_id(),
            sku=sku,
            location_id=location_id,
            reason=reason,
            asked_at=clock.now(),
            asked_by=actor,
        )
        .on_conflict_do_nothing(
            index_elements=["sku", "location_id"], index_where=text("done_at IS NULL")
        )
    )
    announce(session, location_id=location_id)


def settle(session: Session, *, sku: str, location_id: UUID, actor: str) -> None:
    """The article was counted."""
    for row in session.exec(
        select(CountWanted).where(
            CountWanted.sku == sku,
            CountWanted.location_id == location_id,
            col(CountWanted.done_at).is_(None),
        )
    ):
        row.done_at, row.done_by = clock.now(), actor


def of_location(session: Session, location_id: UUID) -> Sequence[CountWanted]:
    """What a location is asked to count, the oldest request first."""
    return session.exec(
        select(CountWanted)
        .where(CountWanted.location_id == location_id, col(CountWanted.done_at).is_(None))
        .order_by(col(CountWanted.asked_at), col(CountWanted.sku))
    ).all()
