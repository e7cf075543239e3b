"""A notice to a customer."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class NoticeKind(StrEnum):
    """What the customer is told."""

    READY = "ready"
    REMINDER = "reminder"
    EXPIRED = "expired"
    SHIPPED = "shipped"
    RETURN_REMINDER = "return_reminder"


class NoticeStatus(StrEnum):
    """Whether it went out."""

    RECORDED = "recorded"
    SENT = "sent"
    REFUSED = "refused"
    """The mail server does not take mail for this address."""


class Notice(SQLModel, table=True):
    """One message, once per cause. The address is the customer's and is not copied here."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("cause"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    kind: NoticeKind = Field(sa_type=text_enum(NoticeKind))
    cause: str = Field(max_length=160)
    subject: str
    body: str
    status: NoticeStatus = Field(default=NoticeStatus.RECORDED, sa_type=text_enum(NoticeStatus))
    created_at: datetime = Field(sa_type=UTC_TIME)
    sent_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
