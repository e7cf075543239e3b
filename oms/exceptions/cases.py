"""Open a case for a person, and close it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, NotFound
from oms.exceptions.models import ExceptionKind, OpenException
from oms.ids import new_id

OPERATIONS = "operations"
"""The owner of what no store can settle."""


def open_case(
    session: Session,
    *,
    kind: ExceptionKind,
    cause_type: str,
    cause_id: UUID,
    detail: str,
    remedy: str,
    order_id: UUID | None = None,
    owner: str = OPERATIONS,
) -> None:
    """Open a case; if this cause has one already, only its text is brought up to date."""
    session.execute(
        insert(OpenException)
        .values(
            id=new_id(),
            kind=kind,
            cause_type=cause_type,
            cause_id=cause_id,
            order_id=order_id,
            owner=owner,
            detail=detail,
            remedy=remedy,
            opened_at=clock.now(),
        )
        .on_conflict_do_update(
            index_elements=["cause_type", "cause_id", "kind"],
            index_where=text("resolved_at IS NULL"),
            set_={"detail": detail, "remedy": remedy},
        )
    )


def resolve_cause(
    session: Session, *, cause_type: str, cause_id: UUID, actor: str, resolution: str
) -> None:
    """Close whatever is open for this cause."""
    for case in session.exec(
        select(OpenException).where(
            OpenException.cause_type == cause_type,
            OpenException.cause_id == cause_id,
            col(OpenException.resolved_at).is_(None),
        )
    ):
        _close(session, case, actor=actor, resolution=resolution)


def resolve(session: Session, case_id: UUID, *, actor: str, resolution: str) -> OpenException:
    """Close one case by hand."""
    case = session.get(OpenException, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound(
            f"there is no exception {case_id}",
            field="exception_id",
            remedy="read the list again; only open exceptions are on it",
        )
    if case.resolved_at is not None:
        raise Conflict(
            f"exception {case_id} was resolved already by {case.resolved_by}",
            field="exception_id",
            remedy="nothing is left to do",
        )
    _close(session, case, actor=actor, resolution=resolution)
    return case


def open_cases(session: Session, *, limit: int = 200) -> Sequence[OpenException]:
    """What waits for a person, oldest first."""
    return session.exec(
        select(OpenException)
        .where(col(OpenException.resolved_at).is_(None))
        .order_by(col(OpenException.opened_at))
        .limit(limit)
    ).all()


def _close(session: Session, case: OpenException, *, actor: str, resolution: str) -> None:
    case.resolved_at = clock.now()
    case.resolved_by = actor
    case.resolution = resolution
    record(
        session,
        action="exception.resolved",
        subject_type="exception",
        subject_id=case.id,
        order_id=case.order_id,
        actor=actor,
        facts={"kind": case.kind.value, "resolution": resolution},
    )
