"""A notice to a customer, its sendings, who wants none, and a brand's own wordings."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import JSON, UTC_TIME, text_enum
from oms.ids import new_id


class NoticeKind(StrEnum):
    """What the customer is told."""

    CONFIRMED = "confirmed"
    DELAYED = "delayed"
    READY = "ready"
    REMINDER = "reminder"
    EXPIRED = "expired"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    RETURN_REMINDER = "return_reminder"


class Medium(StrEnum):
    """By which way."""

    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"


class SendingStatus(StrEnum):
    """What became of one sending."""

    OWED = "owed"
    SENT = "sent"
    REFUSED = "refused"
    """Whoever delivers will not do so to this address."""
    DEAD = "dead"
    """Given up; a case asks for a person."""
    SKIPPED = "skipped"
    """There was no address, or nothing is set up to send it."""
    OPTED_OUT = "opted_out"


class Notice(SQLModel, table=True):
    """One thing that a customer is told, once per cause; its wording is made when it is sent."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("cause"),
        Index("ix_notices_open", "created_at", postgresql_where=text("closed_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    kind: NoticeKind = Field(sa_type=text_enum(NoticeKind))
    cause: str = Field(max_length=160)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Ids, times and codes that the wording is made from; no name and no address."""
    version: int = 1
    created_at: datetime = Field(sa_type=UTC_TIME)
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When nothing was left to be sent."""


class NoticeSending(SQLModel, table=True):
    """A notice by one medium, as it was worded. The address is the customer's, not copied here."""

    __tablename__ = "notice_sendings"
    __table_args__ = (
        UniqueConstraint("notice_id", "medium", "target"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    notice_id: UUID = Field(foreign_key="notices.id")
    medium: Medium = Field(sa_type=text_enum(Medium))
    target: str = Field(default="", max_length=40)
    """Which of our webhooks; empty for the customer."""
    status: SendingStatus = Field(default=SendingStatus.OWED, sa_type=text_enum(SendingStatus))
    brand: str = Field(default="", max_length=40)
    locale: str = Field(max_length=20)
    subject: str
    body: str
    template_version: int | None = None
    """Which of the brand's own wordings; None for ours."""
    token: str = Field(unique=True, max_length=64)
    """What the customer's unsubscribing proves itself with."""
    attempts: int = 0
    last_error: str | None = None
    begun_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When the newest attempt began."""
    sent_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    reference: str = Field(default="", max_length=200)
    """The provider's own number of it."""
    created_at: datetime = Field(sa_type=UTC_TIME)


class NoticeOptOut(SQLModel, table=True):
    """A customer who does not want a kind of notice by a medium."""

    __tablename__ = "notice_opt_outs"
    __table_args__ = (PrimaryKeyConstraint("customer_id", "medium", "kind"),)

    customer_id: UUID = Field(foreign_key="customers.id")
    medium: Medium = Field(sa_type=text_enum(Medium))
    kind: NoticeKind = Field(sa_type=text_enum(NoticeKind))
    at: datetime = Field(sa_type=UTC_TIME)
    by: str


class NoticeTemplate(SQLModel, table=True):
    """A brand's own wording of a kind in a language. Rows are added and never changed."""

    __tablename__ = "notice_templates"
    __table_args__ = (
        UniqueConstraint("brand", "language", "kind", "version"),
        CheckConstraint("version > 0", name="version_positive"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    brand: str = Field(max_length=40)
    language: str = Field(max_length=2)
    kind: NoticeKind = Field(sa_type=text_enum(NoticeKind))
    version: int
    subject: str
    text: str
    sms: str
    withdrawn: bool = False
    """From this version on our own wording is used again."""
    note: str = ""
    created_at: datetime = Field(sa_type=UTC_TIME)
    created_by: str
