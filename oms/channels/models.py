"""Messages that channels sent, and what they are owed in return."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from oms.columns import JSON, UTC_TIME, text_enum
from oms.ids import new_id


class MessageStatus(StrEnum):
    """What became of a message."""

    RECEIVED = "received"
    APPLIED = "applied"
    SUPERSEDED = "superseded"
    IGNORED = "ignored"
    PARKED = "parked"


ARCHIVED: Final = "archived"
"""What a sender is told of a message whose row has been moved to the archive."""


class ChannelMessage(SQLModel, table=True):
    """A message from a channel, exactly as it came.

    Cut into partitions by its id, which begins with its time. What makes it unique is its row
    among the keys. Its order is no foreign key: else every change of the partitions would lock
    the orders.
    """

    __tablename__ = "channel_messages"
    __table_args__ = (
        Index(
            "ix_channel_messages_unsettled",
            "id",
            postgresql_where=text("status = 'received'"),
        ),
        Index("ix_channel_messages_reference", "channel", "reference"),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    channel: str = Field(max_length=40)
    dedupe_key: str = Field(max_length=300)
    topic: str = Field(max_length=80)
    reference: str = Field(default="", max_length=120)
    """The channel's id of the order it speaks of, as far as the headers or body tell."""
    occurred_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    received_at: datetime = Field(sa_type=UTC_TIME)
    headers: dict[str, Any] = Field(sa_type=JSON)
    """Those that carry meaning; never a signature or a secret."""
    body: bytes = Field(sa_type=LargeBinary)
    status: MessageStatus = Field(default=MessageStatus.RECEIVED, sa_type=text_enum(MessageStatus))
    attempts: int = 0
    repeats: int = 0
    """How often the same message came again."""
    outcome: str = ""
    order_id: UUID | None = Field(default=None, index=True)
    settled_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class ChannelMessageKey(SQLModel, table=True):
    """A message that was kept; its repeats are known by this row, also when it is archived."""

    __tablename__ = "channel_message_keys"
    __table_args__ = (PrimaryKeyConstraint("channel", "dedupe_key"),)

    channel: str = Field(max_length=40)
    dedupe_key: str = Field(max_length=300)
    message_id: UUID


class WritebackKind(StrEnum):
    """What the channel is told."""

    SHIPPED = "shipped"
    READY = "ready"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class WritebackStatus(StrEnum):
    """How far the telling has come."""

    OWED = "owed"
    ACCEPTED = "accepted"
    DEAD = "dead"


class Writeback(SQLModel, table=True):
    """One fact that a channel must be told, once."""

    __tablename__ = "writebacks"
    __table_args__ = (
        UniqueConstraint("channel", "kind", "subject_id"),
        CheckConstraint(
            "status <> 'accepted' OR accepted_at IS NOT NULL", name="accepted_has_time"
        ),
        Index("ix_writebacks_status", "status", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    channel: str = Field(max_length=40)
    kind: WritebackKind = Field(sa_type=text_enum(WritebackKind))
    subject_id: UUID
    """The parcel, pickup, order or repayment that it tells of."""
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    status: WritebackStatus = Field(
        default=WritebackStatus.OWED, sa_type=text_enum(WritebackStatus)
    )
    version: int = 1
    attempts: int = 0
    external_ref: str | None = None
    last_error: str | None = None
    created_at: datetime = Field(sa_type=UTC_TIME)
    accepted_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
