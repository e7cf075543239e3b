"""A pickup: the customer's side of a fulfilment that is handed over at the counter."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from oms.columns import JSON, UTC_TIME, text_enum
from oms.ids import new_id


class PickupStatus(StrEnum):
    """Where the pickup stands for the customer."""

    PREPARING = "preparing"
    READY = "ready"
    HANDING_OVER = "handing_over"
    """The customer has the goods; for a minute it can be undone, and nothing is final yet."""
    COLLECTED = "collected"
    EXPIRED = "expired"
    TO_PUT_BACK = "to_put_back"
    """Called off when it lay on its shelf; the goods are not sold before they are scanned back."""
    PUT_BACK = "put_back"
    CANCELLED = "cancelled"


class Proof(StrEnum):
    """How the person at the counter showed that the goods are theirs."""

    QR = "qr"
    CODE = "code"
    IDENTITY = "identity"


class Rest(StrEnum):
    """What becomes of the goods that the customer did not take."""

    STAYS = "stays"
    """They wait on; the customer comes again."""
    DECLINED = "declined"
    """The customer does not want them."""


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
        CheckConstraint(
            "(status = 'handing_over') = (undo_until IS NOT NULL)", name="handing_over_has_an_end"
        ),
        CheckConstraint(
            "status <> 'handing_over' OR (collected_at IS NOT NULL AND proof IS NOT NULL"
            " AND handed_over_by IS NOT NULL)",
            name="handing_over_has_proof",
        ),
        CheckConstraint("(handing IS NULL) = (rest IS NULL)", name="part_has_a_rest"),
        CheckConstraint("handing IS NULL OR status = 'handing_over'", name="part_is_under_way"),
        CheckConstraint("document IS NULL OR document !~ '[0-9]'", name="no_number_of_a_document"),
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
    document: str | None = Field(default=None, max_length=200)
    """The kind of document that was checked, never its number."""
    undo_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """Until when the hand-over can be undone; what is final happens afterwards."""
    handing: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """Units by SKU that are being handed over, if it is not all of them."""
    rest: Rest | None = Field(default=None, sa_type=text_enum(Rest))
    part_of: UUID | None = Field(default=None, foreign_key="pickups.id")
    """The pickup of which this is the part that was collected first."""


class Signature(SQLModel, table=True):
    """What the customer drew with a finger; kept apart, so that it can be erased alone."""

    __tablename__ = "signatures"

    pickup_id: UUID = Field(foreign_key="pickups.id", primary_key=True)
    strokes: str = Field(max_length=8_000)
    """Strokes as `x,y x,y;x,y …` on a field of 1000 by 400; nothing else gets in."""
    at: datetime = Field(sa_type=UTC_TIME)
