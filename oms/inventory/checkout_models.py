"""Stock that is kept for a shopper between the basket and the order."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class CheckoutHoldStatus(StrEnum):
    """What became of a checkout hold."""

    OPEN = "open"
    CONVERTED = "converted"
    RELEASED = "released"
    EXPIRED = "expired"


class CheckoutHold(SQLModel, table=True):
    """Units kept for one basket until a moment. Its lines hold stock while it is open."""

    __tablename__ = "checkout_holds"
    __table_args__ = (
        CheckConstraint(
            "(status = 'converted') = (order_id IS NOT NULL)", name="converted_has_order"
        ),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_has_time"),
        CheckConstraint("version > 0", name="version_positive"),
        Index("ix_checkout_holds_expiry", "expires_at", postgresql_where=text("status = 'open'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    channel: str = Field(max_length=40)
    status: CheckoutHoldStatus = Field(
        default=CheckoutHoldStatus.OPEN, sa_type=text_enum(CheckoutHoldStatus)
    )
    version: int = 1
    expires_at: datetime = Field(sa_type=UTC_TIME)
    last_expiry: datetime = Field(sa_type=UTC_TIME)
    """It may be extended up to here and no further."""
    order_id: UUID | None = Field(default=None, foreign_key="orders.id", index=True)
    """The order that took the units over."""
    created_at: datetime = Field(sa_type=UTC_TIME)
    created_by: str
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class CheckoutHoldLine(SQLModel, table=True):
    """Units of one article that a checkout hold keeps at one location. Never changed."""

    __tablename__ = "checkout_hold_lines"
    __table_args__ = (
        PrimaryKeyConstraint("hold_id", "position"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("allotted BETWEEN 0 AND quantity", name="allotted_within_quantity"),
        Index("ix_checkout_hold_lines_article", "sku", "location_id"),
    )

    hold_id: UUID = Field(foreign_key="checkout_holds.id")
    position: int
    sku: str = Field(foreign_key="products.sku", max_length=64)
    location_id: UUID = Field(foreign_key="locations.id")
    quantity: int
    allotted: int = 0
    allotment_id: UUID | None = None
