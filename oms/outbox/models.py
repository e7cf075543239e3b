"""Rows that wait to be delivered, and changes that open pages are told of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME


class OutboxRow(SQLModel, table=True):
    """One thing that happened, to be told to the workflow that waits for it. Cut by time."""

    __tablename__ = "outbox"
    __table_args__ = (
        PrimaryKeyConstraint("id", "created_at"),
        Index(
            "ix_outbox_waiting", "available_at", "id", postgresql_where=text("delivered_at IS NULL")
        ),
        Index("ix_outbox_subject", "subject_type", "subject_id"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: int | None = Field(
        default=None, sa_type=BigInteger, sa_column_kwargs={"autoincrement": True}, nullable=False
    )
    topic: str
    subject_type: str
    subject_id: UUID
    order_id: UUID | None = None
    version: int
    detail: str = ""
    """What the subject's id does not say, such as the SKU of a stock change."""
    created_at: datetime = Field(sa_type=UTC_TIME)
    available_at: datetime = Field(sa_type=UTC_TIME)
    attempts: int = 0
    delivered_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    last_error: str | None = None


class StoreChange(SQLModel, table=True):
    """Something that open pages of a location should read again. Known for some days."""

    __tablename__ = "store_changes"
    __table_args__ = (
        Index("ix_store_changes_location_id", "location_id", "xid"),
        Index("ix_store_changes_at", "at"),
    )

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True)
    location_id: UUID
    xid: int = Field(
        sa_type=BigInteger,
        sa_column_kwargs={"server_default": text("pg_current_xact_id()::text::bigint")},
    )
    """The transaction in which it happened."""
    at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": text("now()")})
