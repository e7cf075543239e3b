"""Returns, what was asked and what really came, and the rules in versions."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from oms.columns import JSON, MINOR, UTC_TIME, text_enum
from oms.ids import new_id


class ReturnStatus(StrEnum):
    """How far a return has come."""

    ASKED = "asked"
    AUTHORISED = "authorised"
    REFUSED = "refused"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    INSPECTED = "inspected"
    CLOSED = "closed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Ground(StrEnum):
    """On what the customer's right to return rests."""

    WITHDRAWAL = "withdrawal"
    """The law: 14 days after receipt for what was bought at a distance in the EU."""
    GOODWILL = "goodwill"
    """The shop's own rules."""


class Way(StrEnum):
    """How the goods come back."""

    MAIL = "mail"
    STORE = "store"


class Exchange(StrEnum):
    """Whether a customer may have other goods instead of the money, and from when on."""

    NONE = "none"
    AFTER_RECEIPT = "after_receipt"
    """When the old ones are here."""
    AT_ONCE = "at_once"
    """They are held as soon as the return is authorised, and sent when the old ones are here."""


class Return(SQLModel, table=True):
    """Goods of one order that its customer wants to give back."""

    __tablename__ = "returns"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("fee_minor >= 0", name="fee_not_negative"),
        CheckConstraint("status <> 'refused' OR decision <> ''", name="refused_has_reason"),
        CheckConstraint("status <> 'closed' OR refund_id IS NOT NULL", name="closed_is_refunded"),
        Index("ix_returns_open", "status", "id", postgresql_where=text("closed_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int | None = Field(
        default=None,
        sa_type=BigInteger,
        unique=True,
        nullable=False,
        sa_column_args=(Identity(start=8001),),
    )
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    status: ReturnStatus = Field(default=ReturnStatus.ASKED, sa_type=text_enum(ReturnStatus))
    version: int = 1
    way: Way = Field(sa_type=text_enum(Way))
    ground: Ground = Field(sa_type=text_enum(Ground))
    rules_version: int | None = Field(default=None, foreign_key="return_rules.version")
    """The rules that it was judged by; None is the standard ones."""
    decision: str = ""
    """Why it was authorised or refused, naming the rule."""
    instant: bool = False
    """Whether the money goes back when the goods are received, before they are inspected."""
    with_shipping: bool = True
    fee_minor: int = Field(default=0, sa_type=MINOR)
    exchange: Exchange = Field(
        default=Exchange.NONE,
        sa_type=text_enum(Exchange),
        sa_column_kwargs={"server_default": "none"},
    )
    """Whether other goods may be had for these, by the rule."""
    exchange_order_id: UUID | None = Field(default=None, foreign_key="orders.id", unique=True)
    """The order of the goods that are had for these; what it costs is kept from the refund."""
    credit_id: UUID | None = Field(default=None, foreign_key="credits.id")
    """The credit that the money is put on; without one it goes back the way it came."""
    wants_label: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Whether the customer gets the parcel's label from us."""
    label_paid_by: str = Field(default="shop", max_length=10)
    label_cost_minor: int = Field(
        default=0, sa_type=MINOR, sa_column_kwargs={"server_default": "0"}
    )
    """What the customer's label costs; kept from the refund if they pay for it."""
    carrier: str = Field(default="", max_length=40)
    tracking_number: str = Field(default="", max_length=120)
    location_id: UUID | None = Field(default=None, foreign_key="locations.id")
    """Where it was received last."""
    arrived_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When the carrier delivered the parcel. What is in it is known when it is received."""
    refund_id: UUID | None = Field(default=None, foreign_key="refunds.id")
    asked_at: datetime = Field(sa_type=UTC_TIME)
    sent_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    expires_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    reminded_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class ReturnLine(SQLModel, table=True):
    """Units of an order line that are to come back."""

    __tablename__ = "return_lines"
    __table_args__ = (
        UniqueConstraint("return_id", "line_id"),
        CheckConstraint("units > 0", name="units_positive"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    return_id: UUID = Field(foreign_key="returns.id")
    line_id: UUID = Field(foreign_key="order_lines.id", index=True)
    sku: str = Field(max_length=64)
    units: int
    reason: str = ""


class Condition(StrEnum):
    """In which state goods came back."""

    AS_NEW = "as_new"
    OPENED = "opened"
    WORN = "worn"
    DAMAGED = "damaged"
    FAULTY = "faulty"


class Disposition(StrEnum):
    """What becomes of goods that came back."""

    SELLABLE = "sellable"
    TRANSFER = "transfer"
    REFURBISH = "refurbish"
    WRITE_OFF = "write_off"
    SUPPLIER = "supplier"


class ReturnedGoods(SQLModel, table=True):
    """Units that really came, at the location where they are; set apart until disposed of."""

    __tablename__ = "returned_goods"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint("deduct_minor >= 0", name="deduct_not_negative"),
        CheckConstraint(
            "disposition IS NULL OR condition IS NOT NULL", name="disposed_was_inspected"
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    return_id: UUID = Field(foreign_key="returns.id", index=True)
    line_id: UUID | None = Field(default=None, foreign_key="order_lines.id", index=True)
    """None for goods that nobody announced."""
    sku: str = Field(foreign_key="products.sku", max_length=64)
    units: int
    location_id: UUID = Field(foreign_key="locations.id")
    condition: Condition | None = Field(default=None, sa_type=text_enum(Condition))
    note: str = ""
    photos: list[str] = Field(default_factory=list, sa_type=JSON)
    """Addresses or names of photos, kept where the shop keeps them."""
    deduct_minor: int = Field(default=0, sa_type=MINOR)
    """What the goods are worth less than sold, kept back from the refund."""
    disposition: Disposition | None = Field(default=None, sa_type=text_enum(Disposition))
    received_at: datetime = Field(sa_type=UTC_TIME)
    received_by: str
    disposed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class ReturnLink(SQLModel, table=True):
    """The unguessable link by which a customer asks for returns of an order."""

    __tablename__ = "return_links"

    order_id: UUID = Field(foreign_key="orders.id", primary_key=True)
    token: str = Field(unique=True, max_length=64)
    created_at: datetime = Field(sa_type=UTC_TIME)


class ReturnLabel(SQLModel, table=True):
    """The label that a customer sticks on the parcel, bought from a carrier once."""

    __tablename__ = "return_labels"

    return_id: UUID = Field(foreign_key="returns.id", primary_key=True)
    location_id: UUID = Field(foreign_key="locations.id")
    """Where the parcel goes."""
    carrier: str = Field(max_length=40)
    service: str = Field(max_length=80)
    """Chosen before it is bought, so that another attempt buys the same."""
    tracking_number: str = Field(default="", max_length=120, index=True)
    tracking_url: str = ""
    cost_minor: int = Field(default=0, sa_type=MINOR)
    currency: str = Field(default="", max_length=3)
    content: bytes = Field(default=b"", sa_type=LargeBinary)
    """The label as PDF."""
    bought_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    given_back_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When the carrier was asked to take it back, because the customer keeps the goods."""


class Unreceipted(SQLModel, table=True):
    """Goods that somebody brought back without a receipt, for store credit, where policy lets."""

    __tablename__ = "unreceipted_returns"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint("unit_minor >= 0", name="price_not_negative"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    location_id: UUID = Field(foreign_key="locations.id", index=True)
    sku: str = Field(foreign_key="products.sku", max_length=64)
    units: int
    unit_minor: int = Field(sa_type=MINOR)
    """The lowest recent price of one."""
    currency: str = Field(max_length=3)
    condition: Condition = Field(sa_type=text_enum(Condition))
    disposition: Disposition = Field(sa_type=text_enum(Disposition))
    credit_id: UUID = Field(foreign_key="credits.id")
    taken_at: datetime = Field(sa_type=UTC_TIME)
    taken_by: str


class ReturnRules(SQLModel, table=True):
    """A version of the rules. Rows are added and never changed."""

    __tablename__ = "return_rules"

    version: int | None = Field(
        default=None,
        sa_type=Integer,
        primary_key=True,
        nullable=False,
        sa_column_args=(Identity(start=1),),
    )
    body: dict[str, Any] = Field(sa_type=JSON)
    note: str
    effective_from: datetime = Field(sa_type=UTC_TIME)
    created_at: datetime = Field(sa_type=UTC_TIME)
    created_by: str
