"""The moves a return may make, and the one function that makes them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import IllegalMove
from oms.outbox.appending import append
from oms.returns.models import Return, ReturnStatus

_R = ReturnStatus

NEXT: Final[Mapping[ReturnStatus, frozenset[ReturnStatus]]] = {
    _R.ASKED: frozenset({_R.AUTHORISED, _R.REFUSED, _R.CANCELLED}),
    _R.AUTHORISED: frozenset({_R.IN_TRANSIT, _R.RECEIVED, _R.EXPIRED, _R.CANCELLED}),
    _R.IN_TRANSIT: frozenset({_R.RECEIVED, _R.EXPIRED}),
    _R.RECEIVED: frozenset({_R.INSPECTED}),
    _R.INSPECTED: frozenset({_R.CLOSED}),
    # A person may give in, and goods do turn up after all.
    _R.REFUSED: frozenset({_R.AUTHORISED}),
    _R.EXPIRED: frozenset({_R.AUTHORISED}),
    _R.CLOSED: frozenset(),
    _R.CANCELLED: frozenset(),
}

OVER: Final = frozenset({_R.REFUSED, _R.EXPIRED, _R.CANCELLED, _R.CLOSED})
"""Nothing is waited for; a refused or expired one may be reopened."""
AWAITED: Final = frozenset({_R.AUTHORISED, _R.IN_TRANSIT})
"""Its goods are to come."""
LIVE: Final = frozenset(_R) - {_R.REFUSED, _R.EXPIRED, _R.CANCELLED}
"""Its units are, or were, on their way back."""


def move(
    session: Session,
    row: Return,
    to: ReturnStatus,
    *,
    actor: str,
    facts: dict[str, Any] | None = None,
) -> None:
    """Change the status, raise the version, and tell audit and outbox."""
    if to not in NEXT[row.status]:
        raise IllegalMove(
            f"return {row.number} is {_said(row.status)}, so it cannot become {_said(to)}",
            field="status",
            remedy="read it again; somebody else may have worked on it",
            facts={"status": row.status.value, "version": row.version},
        )
    before = row.status
    row.status = to
    row.closed_at = clock.now() if to in OVER else None
    tell(session, row, actor=actor, facts=(facts or {}) | {"from": before.value})


def tell(
    session: Session, row: Return, *, actor: str, facts: dict[str, Any], what: str = ""
) -> None:
    """Raise the version and tell audit and outbox of something new about a return."""
    row.version += 1
    session.flush()
    _write(session, row, what=what or row.status.value, actor=actor, facts=facts)


def created(session: Session, row: Return, *, actor: str, facts: dict[str, Any]) -> None:
    """Tell audit and outbox of a return that was asked for."""
    session.flush()
    _write(session, row, what="asked", actor=actor, facts=facts)


def _write(session: Session, row: Return, *, what: str, actor: str, facts: dict[str, Any]) -> None:
    record(
        session,
        action=f"return.{what}",
        subject_type="return",
        subject_id=row.id,
        order_id=row.order_id,
        actor=actor,
        facts=facts | {"version": row.version},
    )
    append(
        session,
        topic=f"return.{what}",
        subject_type="return",
        subject_id=row.id,
        order_id=row.order_id,
        version=row.version,
    )


def _said(status: ReturnStatus) -> str:
    return status.value.replace("_", " ")
