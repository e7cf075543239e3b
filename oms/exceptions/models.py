"""Something that needs a person."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class ExceptionKind(StrEnum):
    """What went wrong."""

    UNKNOWN_SKU = "unknown_sku"
    MALFORMED_ORDER = "malformed_order"
    UNKNOWN_STORE = "unknown_store"
    CANNOT_FILL = "cannot_fill"
    CHANGE_REFUSED = "change_refused"
    WRITEBACK_FAILED = "writeback_failed"
    CARRIER_FAILED = "carrier_failed"
    PARCEL_LOST = "parcel_lost"
    WORKFLOW_STUCK = "workflow_stuck"
    CUSTOMER_WAITS = "customer_waits"
    TRANSFER_LATE = "transfer_late"
    NOTICE_FAILED = "notice_failed"
    ARRIVED_WRONG = "arrived_wrong"
    INTERNAL = "internal"


class OpenException(SQLModel, table=True):
    """A case for a person; at most one open case per cause."""

    __tablename__ = "exceptions"
    __table_args__ = (
        Index(
            "uq_exceptions_open_cause",
            "cause_type",
            "cause_id",
            "kind",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
        Index("ix_exceptions_open", "opened_at", postgresql_where=text("resolved_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: ExceptionKind = Field(sa_type=text_enum(ExceptionKind))
    cause_type: str
    cause_id: UUID
    order_id: UUID | None = Field(default=None, foreign_key="orders.id", index=True)
    owner: str
    detail: str
    remedy: str
    opened_at: datetime = Field(sa_type=UTC_TIME)
    resolved_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    resolved_by: str | None = None
    resolution: str | None = None
