"""Goods that are expected: ordered from a supplier, or on the way between two locations."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class SupplyKind(StrEnum):
    """Where the goods come from."""

    PURCHASE = "purchase"
    TRANSFER = "transfer"


class SupplyStatus(StrEnum):
    """How far the goods have come."""

    INCOMING = "incoming"
    """Ordered; nobody has sent them yet."""
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    CLOSED = "closed"
    """Nothing more of it is expected, though less came than was announced."""


class Supply(SQLModel, table=True):
    """One article of a document that announces goods to one location."""

    __tablename__ = "supplies"
    __table_args__ = (
        UniqueConstraint("document", "sku", "location_id"),
        CheckConstraint("announced > 0", name="announced_positive"),
        CheckConstraint("received BETWEEN 0 AND announced", name="received_within_announced"),
        CheckConstraint(
            "(kind = 'transfer') = (from_location_id IS NOT NULL)", name="transfer_comes_from"
        ),
        CheckConstraint("version > 0", name="version_positive"),
        Index(
            "ix_supplies_open",
            "sku",
            "expected_at",
            postgresql_where=text("status IN ('incoming', 'in_transit')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: SupplyKind = Field(sa_type=text_enum(SupplyKind))
    document: str = Field(max_length=120)
    """Number of the purchase order, delivery note or transfer."""
    sku: str = Field(foreign_key="products.sku", max_length=64)
    location_id: UUID = Field(foreign_key="locations.id", index=True)
    from_location_id: UUID | None = Field(default=None, foreign_key="locations.id")
    announced: int
    received: int = 0
    expected_at: datetime = Field(sa_type=UTC_TIME)
    status: SupplyStatus = Field(default=SupplyStatus.INCOMING, sa_type=text_enum(SupplyStatus))
    version: int = 1
    created_at: datetime = Field(sa_type=UTC_TIME)
    created_by: str
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
