"""How far each channel was asked for its orders, what that found, how often it may be asked."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class RepairKind(StrEnum):
    """What the channel had not told us by itself."""

    MISSED_ORDER = "missed_order"
    MISSED_CHANGE = "missed_change"


class ChannelPoll(SQLModel, table=True):
    """Up to where a channel's orders are known, and the window that is being looked at."""

    __tablename__ = "channel_polls"
    __table_args__ = (
        CheckConstraint(
            "(window_since IS NULL) = (window_until IS NULL)", name="window_has_both_ends"
        ),
    )

    channel: str = Field(primary_key=True, max_length=40)
    known_until: datetime = Field(sa_type=UTC_TIME)
    """Every change before it has been seen."""
    window_since: datetime | None = Field(default=None, sa_type=UTC_TIME)
    window_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """The window that is being looked at; none between two polls."""
    page_token: str = ""
    """Where in the window to go on."""
    seen: int = 0
    """Documents looked at since the channel was first polled."""
    repaired: int = 0
    """Of them, those that the channel should have told us and had not."""
    polled_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When a window was last looked at to its end."""
    last_error: str | None = None
    last_error_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    mended: str = ""
    """What was last mended of its webhooks, in words."""
    mended_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    heard_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When its queue was last listened to."""


class ChannelRepair(SQLModel, table=True):
    """An order, or a change of one, that only polling brought. Rows are added and never edited."""

    __tablename__ = "channel_repairs"
    __table_args__ = (Index("ix_channel_repairs_found", "channel", "found_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    channel: str = Field(max_length=40)
    kind: RepairKind = Field(sa_type=text_enum(RepairKind))
    reference: str = Field(max_length=120)
    """The channel's id of the order."""
    message_id: UUID
    """The message as which it was taken in."""
    changed_at: datetime = Field(sa_type=UTC_TIME)
    """When it happened at the channel."""
    found_at: datetime = Field(sa_type=UTC_TIME)


class ChannelRate(SQLModel, table=True):
    """Requests that a channel lets us make at once: a bucket that all processes draw from."""

    __tablename__ = "channel_rates"
    __table_args__ = (
        PrimaryKeyConstraint("channel", "operation"),
        CheckConstraint("tokens >= 0", name="tokens_not_negative"),
    )

    channel: str = Field(max_length=40)
    operation: str = Field(max_length=80)
    tokens: float
    filled_at: datetime = Field(sa_type=UTC_TIME)
    """When `tokens` was true; since then the bucket has been filling."""
    per_second: float | None = None
    """The rate that the channel last named, where it differs from the published one."""
