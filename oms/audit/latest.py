"""Who did a thing last."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from oms.audit.models import AuditRow


def latest(
    session: Session, *, subject_type: str, subject_ids: Collection[UUID], action: str
) -> dict[UUID, AuditRow]:
    """The newest row of one action for each subject that has one."""
    rows = session.exec(
        select(AuditRow)
        .where(
            AuditRow.subject_type == subject_type,
            col(AuditRow.subject_id).in_(subject_ids),
            AuditRow.action == action,
        )
        .order_by(col(AuditRow.id))
    ).all()
    return {row.subject_id: row for row in rows}
