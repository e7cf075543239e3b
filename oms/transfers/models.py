"""A transfer: what one location sends another, line by line, and what became of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class TransferStatus(StrEnum):
    """How far the goods have come."""

    REQUESTED = "requested"
    """Held where they are; nobody has fetched them yet."""
    PICKED = "picked"
    SHIPPED = "shipped"
    """Off the books of the one, in transit to the other."""
    RECEIVED = "received"
    LOST = "lost"
    """Sent, and nothing of it came."""
    CANCELLED = "cancelled"


class Transfer(SQLModel, table=True):
    """Goods on their way from one location to another."""

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("from_location_id <> to_location_id", name="goes_elsewhere"),
        CheckConstraint(
            "(status IN ('received', 'lost', 'cancelled')) = (closed_at IS NOT NULL)",
            name="closed_has_time",
        ),
        CheckConstraint(
            "status NOT IN ('shipped', 'received', 'lost') OR shipped_at IS NOT NULL",
            name="shipped_has_time",
        ),
        Index("ix_transfers_from", "from_location_id", "status", "id"),
        Index("ix_transfers_to", "to_location_id", "status", "id"),
        Index("ix_transfers_order", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int | None = Field(
        default=None,
        sa_type=BigInteger,
        unique=True,
        nullable=False,
        sa_column_args=(Identity(start=3001),),
    )
    from_location_id: UUID = Field(foreign_key="locations.id")
    to_location_id: UUID = Field(foreign_key="locations.id")
    status: TransferStatus = Field(
        default=TransferStatus.REQUESTED, sa_type=text_enum(TransferStatus)
    )
    version: int = 1
    order_id: UUID | None = Field(default=None, foreign_key="orders.id")
    """The order that its goods are for, to be collected where they arrive."""
    decision_id: UUID | None = Field(default=None, foreign_key="routing_decisions.id")
    """The routing decision that asked for it; None: a person did."""
    forgotten_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """Set when an operator lets its sender be asked again for the order."""
    note: str = ""
    expected_at: datetime = Field(sa_type=UTC_TIME)
    """When the goods should be there."""
    requested_at: datetime = Field(sa_type=UTC_TIME)
    requested_by: str
    asked_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When somebody was asked where it is, because it was late."""
    shipped_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class TransferLine(SQLModel, table=True):
    """One article of a transfer.

    `picked` units left; of them `received` came, `damaged` of those that came cannot be sold, and
    `over` came that were not on the document.
    """

    __tablename__ = "transfer_lines"
    __table_args__ = (
        UniqueConstraint("transfer_id", "sku"),
        CheckConstraint("requested > 0", name="requested_positive"),
        CheckConstraint("picked BETWEEN 0 AND requested", name="picked_within_requested"),
        CheckConstraint("received BETWEEN 0 AND picked", name="received_within_picked"),
        CheckConstraint("over >= 0", name="over_not_negative"),
        CheckConstraint("damaged BETWEEN 0 AND received + over", name="damaged_within_came"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    transfer_id: UUID = Field(foreign_key="transfers.id")
    sku: str = Field(foreign_key="products.sku", max_length=64)
    requested: int
    picked: int = 0
    received: int = 0
    damaged: int = 0
    over: int = 0
    supply_id: UUID | None = Field(default=None, foreign_key="supplies.id")
    """What is in transit, once it has left."""
