"""Who may collect an order beside its customer, as the customer named them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.customers.models import Collector
from oms.errors import Conflict, Invalid, NotFound

MOST: Final = 3
LONGEST: Final = 80


def of_order(session: Session, order_id: UUID) -> Sequence[Collector]:
    """Everybody who was named, in that sequence."""
    return session.exec(
        select(Collector)
        .where(Collector.order_id == order_id)
        .order_by(col(Collector.added_at), col(Collector.id))
    ).all()


def add(session: Session, order_id: UUID, *, name: str, actor: str) -> Collector:
    """Let somebody collect; naming them again changes nothing. The caller has locked the order.

    Raises `Conflict` when three are named already. Names are in no audit row.
    """
    said = " ".join(name.split())
    if not said or len(said) > LONGEST:
        raise Invalid(
            f"a name has 1 to {LONGEST} letters",
            field="name",
            remedy="give the name as it stands in their passport or identity card",
        )
    known = of_order(session, order_id)
    for one in known:
        if one.name.casefold() == said.casefold():
            return one
    if len(known) >= MOST:
        raise Conflict(
            f"{MOST} people may collect already",
            field="name",
            remedy="take one of them off first",
        )
    made = Collector(order_id=order_id, name=said, added_at=clock.now())
    session.add(made)
    _told(session, order_id, "order.collector_named", actor=actor)
    session.flush()
    return made


def remove(session: Session, order_id: UUID, collector_id: UUID, *, actor: str) -> None:
    """They may collect no more."""
    row = session.get(Collector, collector_id)
    if row is None or row.order_id != order_id:
        raise NotFound(
            "this person is not on the list", field="collector_id", remedy="read the page again"
        )
    session.delete(row)
    _told(session, order_id, "order.collector_removed", actor=actor)
    session.flush()


def _told(session: Session, order_id: UUID, action: str, *, actor: str) -> None:
    record(
        session,
        action=action,
        subject_type="order",
        subject_id=order_id,
        order_id=order_id,
        actor=actor,
    )
