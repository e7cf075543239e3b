"""A pickup: the customer's side of a fulfilment that is handed over at the counter."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class PickupStatus(StrEnum):
    """Where the pickup stands for the customer."""

    PREPARING = "preparing"
    READY = "ready"
    COLLECTED = "collected"
    EXPIRED = "expired"
    PUT_BACK = "put_back"
    CANCELLED = "cancelled"


class Proof(StrEnum):
    """How the person at the counter showed that the goods are theirs."""

    QR = "qr"
    CODE = "code"
    IDENTITY = "identity"


class Pickup(SQLModel, table=True):
    """Goods that wait for their customer at one store."""

    __tablename__ = "pickups"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint(
            "status <> 'collected' OR (collected_at IS NOT NULL AND proof IS NOT NULL"
            " AND handed_over_by IS NOT NULL)",
            name="collected_has_proof",
        ),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim_has_an_end"),
        CheckConstraint("status <> 'ready' OR pick_up_by IS NOT NULL", name="ready_has_pick_up_by"),
        Index("ix_pickups_queue", "location_id", "status", "due_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    fulfilment_id: UUID = Field(foreign_key="fulfilments.id", unique=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    location_id: UUID = Field(foreign_key="locations.id")
    status: PickupStatus = Field(default=PickupStatus.PREPARING, sa_type=text_enum(PickupStatus))
    version: int = 1
    due_at: datetime = Field(sa_type=UTC_TIME)
    code: str = Field(max_length=6)
    """Six digits that the customer shows; useless without the store's own screen."""
    qr_token: str = Field(unique=True, max_length=64)
    claimed_by: str | None = None
    """Who picks it."""
    claimed_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """Until when nobody else may finish it without taking it over."""
    shelf: str = ""
    wrong_codes: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    ready_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    pick_up_by: datetime | None = Field(default=None, sa_type=UTC_TIME)
    reminders_sent: int = 0
    collected_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    collected_by: str | None = None
    """Named only when somebody other than the customer collected."""
    proof: Proof | None = Field(default=None, sa_type=text_enum(Proof))
    handed_over_by: str | None = None
    device_id: UUID | None = None
    """The device on which the hand-over was made."""
