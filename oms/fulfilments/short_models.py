"""What was not on the shelf when it was to be picked, and what was done about it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class ShortReason(StrEnum):
    """Why units could not be picked."""

    NOT_FOUND = "not_found"
    DAMAGED = "damaged"
    RESERVED = "reserved"
    """They are there and somebody else has them in hand or has set them aside."""


class WayOut(StrEnum):
    """What is done about units that could not be picked, the least trouble first."""

    OTHER_BIN = "other_bin"
    LATER = "later"
    TRANSFER = "transfer"
    CANCEL = "cancel"


class ShortPick(SQLModel, table=True):
    """One decision about units of a line that were not there. Rows are added and never changed."""

    __tablename__ = "short_picks"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint(
            "way NOT IN ('later', 'transfer') OR agreed_by IS NOT NULL", name="asked_the_customer"
        ),
        CheckConstraint("(way = 'transfer') = (transfer_id IS NOT NULL)", name="transfer_named"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    fulfilment_id: UUID = Field(foreign_key="fulfilments.id", index=True)
    line_id: UUID = Field(foreign_key="order_lines.id")
    sku: str = Field(max_length=64)
    units: int
    reason: ShortReason = Field(sa_type=text_enum(ShortReason))
    way: WayOut = Field(sa_type=text_enum(WayOut))
    bin: str = Field(default="", max_length=130)
    """Where they were looked for: zone, aisle and bin as people read them."""
    expected_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """By when they are to come, for the ways that bring them later."""
    transfer_id: UUID | None = Field(default=None, foreign_key="transfers.id")
    agreed_by: str | None = None
    """The associate who asked the customer and heard yes."""
    at: datetime = Field(sa_type=UTC_TIME)
    actor: str
