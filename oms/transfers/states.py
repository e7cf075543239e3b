"""The moves a transfer may make, and the one function that makes them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import IllegalMove
from oms.exceptions.cases import resolve_cause
from oms.outbox.appending import append
from oms.outbox.live import announce
from oms.transfers.models import Transfer, TransferStatus

_T = TransferStatus

NEXT: Final[Mapping[TransferStatus, frozenset[TransferStatus]]] = {
    _T.REQUESTED: frozenset({_T.PICKED, _T.CANCELLED}),
    _T.PICKED: frozenset({_T.SHIPPED, _T.CANCELLED}),
    _T.SHIPPED: frozenset({_T.RECEIVED, _T.LOST}),
    _T.RECEIVED: frozenset(),
    _T.LOST: frozenset(),
    _T.CANCELLED: frozenset(),
}

CLOSED: Final = frozenset(status for status, after in NEXT.items() if not after)


def move(
    session: Session,
    transfer: Transfer,
    to: TransferStatus,
    *,
    actor: str,
    facts: dict[str, Any] | None = None,
) -> None:
    """Change the status, raise the version, and tell audit, outbox and both locations."""
    if to not in NEXT[transfer.status]:
        raise IllegalMove(
            f"transfer {transfer.number} is {transfer.status.value},"
            f" so it cannot become {to.value}",
            field="status",
            remedy="read it again; somebody else may have worked on it",
            facts={"status": transfer.status.value, "version": transfer.version},
        )
    before = transfer.status
    transfer.status = to
    transfer.version += 1
    if to is _T.SHIPPED:
        transfer.shipped_at = clock.now()
    if to in CLOSED:
        transfer.closed_at = clock.now()
        resolve_cause(
            session,
            cause_type="transfer",
            cause_id=transfer.id,
            actor=actor,
            resolution=f"the transfer is {to.value}",
        )
    _tell(session, transfer, actor=actor, facts={"from": before.value} | (facts or {}))


def created(session: Session, transfer: Transfer, *, actor: str) -> None:
    """Tell of a new transfer."""
    _tell(session, transfer, actor=actor, facts={})


def _tell(session: Session, transfer: Transfer, *, actor: str, facts: dict[str, Any]) -> None:
    action = f"transfer.{transfer.status.value}"
    record(
        session,
        action=action,
        subject_type="transfer",
        subject_id=transfer.id,
        order_id=transfer.order_id,
        actor=actor,
        facts=facts | {"version": transfer.version},
    )
    append(
        session,
        topic=action,
        subject_type="transfer",
        subject_id=transfer.id,
        order_id=transfer.order_id,
        version=transfer.version,
    )
    for location_id in (transfer.from_location_id, transfer.to_location_id):
        announce(session, location_id=location_id)
