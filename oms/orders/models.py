"""Orders, their lines, holds and revisions."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import MINOR, UTC_TIME, text_enum
from oms.ids import new_id


class OrderStatus(StrEnum):
    """Where the whole order stands; derived from its parts, see `states.derive`."""

    HELD = "held"
    BACKORDERED = "backordered"
    CAPTURED = "captured"
    IN_FULFILMENT = "in_fulfilment"
    READY_FOR_PICKUP = "ready_for_pickup"
    PARTLY_FULFILLED = "partly_fulfilled"
    SHIPPED = "shipped"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class Delivery(StrEnum):
    """How the customer gets the goods."""

    SHIP = "ship"
    PICKUP = "pickup"


class Order(SQLModel, table=True):
    """What a customer ordered through one channel."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
        CheckConstraint(
            "delivery <> 'pickup' OR pickup_location_id IS NOT NULL", name="pickup_has_store"
        ),
        CheckConstraint("version > 0", name="version_positive"),
        Index("ix_orders_status", "status", "id"),
        Index("ix_orders_channel", "channel", "id"),
        Index("ix_orders_display_number", "display_number"),
        Index("ix_orders_open_promise", "promise_by", postgresql_where=text("closed_at IS NULL")),
        Index(
            "ix_orders_release_at", "release_at", postgresql_where=text("release_at IS NOT NULL")
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int | None = Field(
        default=None,
        sa_type=BigInteger,
        unique=True,
        nullable=False,
        sa_column_args=(Identity(start=1001),),
    )
    """Our own short number, for people."""
    channel: str = Field(max_length=40)
    external_id: str = Field(max_length=120)
    display_number: str
    """The number that the channel shows its customer."""
    status: OrderStatus = Field(sa_type=text_enum(OrderStatus))
    version: int = 1
    delivery: Delivery = Field(sa_type=text_enum(Delivery))
    pickup_location_id: UUID | None = Field(default=None, foreign_key="locations.id")
    customer_id: UUID = Field(foreign_key="customers.id", index=True)
    address_id: UUID | None = Field(default=None, foreign_key="addresses.id")
    currency: str = Field(max_length=3)
    total_minor: int = Field(sa_type=MINOR)
    shipping_minor: int = Field(default=0, sa_type=MINOR)
    tax_included: bool = False
    placed_at: datetime = Field(sa_type=UTC_TIME)
    external_updated_at: datetime = Field(sa_type=UTC_TIME)
    promise_by: datetime = Field(sa_type=UTC_TIME)
    captured_at: datetime = Field(sa_type=UTC_TIME)
    release_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """Until when it waits to be routed jointly with others; None if it never did."""
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    locale: str = Field(default="", max_length=20, sa_column_kwargs={"server_default": ""})
    """The customer's, as the channel named it ("de-AT"); empty if it named none."""
    delivery_moved_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When its customer chose another way or store than the channel knows of."""


class OrderLine(SQLModel, table=True):
    """One article of an order. Every ordered unit is in exactly one bucket."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "external_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "unrouted >= 0 AND reserved >= 0 AND backordered >= 0 AND in_transfer >= 0"
            " AND short >= 0 AND cancelled >= 0 AND fulfilled >= 0",
            name="buckets_not_negative",
        ),
        CheckConstraint(
            "quantity = unrouted + reserved + backordered + in_transfer + short + cancelled"
            " + fulfilled",
            name="every_unit_in_one_bucket",
        ),
        CheckConstraint("unit_price_minor >= 0", name="price_not_negative"),
        Index("ix_order_lines_backordered", "sku", postgresql_where=text("backordered > 0")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    position: int
    external_id: str = Field(max_length=120)
    sku: str = Field(foreign_key="products.sku", max_length=64)
    title: str
    quantity: int
    unrouted: int
    reserved: int = 0
    backordered: int = 0
    in_transfer: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Units that another location sends to the store at which they are collected."""
    short: int = 0
    cancelled: int = 0
    fulfilled: int = 0
    unit_price_minor: int = Field(sa_type=MINOR)
    tax_minor: int = Field(default=0, sa_type=MINOR)
    discount_minor: int = Field(default=0, sa_type=MINOR)


class HoldKind(StrEnum):
    """Why an order may not go on."""

    PAYMENT = "payment"
    FRAUD = "fraud"
    ADDRESS = "address"
    MANUAL = "manual"
    PREORDER = "preorder"
    CANCEL_REQUESTED = "cancel_requested"


class OrderHold(SQLModel, table=True):
    """Something that must be settled before the order is routed."""

    __tablename__ = "order_holds"
    __table_args__ = (
        Index(
            "uq_order_holds_open",
            "order_id",
            "kind",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("ix_order_holds_until", "until", postgresql_where=text("released_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    kind: HoldKind = Field(sa_type=text_enum(HoldKind))
    reason: str
    opened_at: datetime = Field(sa_type=UTC_TIME)
    opened_by: str
    released_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    released_by: str | None = None
    until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When it is looked at again by itself; None waits for a person."""


class OrderRevision(SQLModel, table=True):
    """One state of the channel's document that was applied; the raw text is in the message."""

    __tablename__ = "order_revisions"
    __table_args__ = (UniqueConstraint("order_id", "number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    number: int
    digest: str = Field(max_length=64)
    external_updated_at: datetime = Field(sa_type=UTC_TIME)
    message_id: UUID | None = None
    changes: str
    """What it changed, in words; empty when nothing did."""
    at: datetime = Field(sa_type=UTC_TIME)
