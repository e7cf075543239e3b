"""One line of the audit trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from oms.columns import JSON, UTC_TIME


class AuditRow(SQLModel, table=True):
    """Something that somebody did. Holds ids and facts, no personal data. Cut by time."""

    __tablename__ = "audit"
    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        Index("ix_audit_order", "order_id", "id"),
        Index("ix_audit_subject", "subject_type", "subject_id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    id: int | None = Field(
        default=None, sa_type=BigInteger, sa_column_kwargs={"autoincrement": True}, nullable=False
    )
    at: datetime = Field(sa_type=UTC_TIME)
    actor: str
    action: str
    subject_type: str
    subject_id: UUID
    order_id: UUID | None = None
    request_id: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
