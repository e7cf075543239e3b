"""Tenders of an order, the ledger of their money, and refunds."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from oms.columns import MINOR, UTC_TIME, text_enum
from oms.ids import new_id


class Provider(StrEnum):
    """Who holds the money and moves it."""

    CHANNEL = "channel"
    """The sales channel took the payment and pays back when we tell it to."""
    TILL = "till"
    """Taken and given back at a till of ours, in cash or by card."""
    STRIPE = "stripe"
    """A card, with an account of our own at Stripe."""
    CREDIT = "credit"
    """A gift card or store credit of ours, which moves with the entry itself."""


class Payment(SQLModel, table=True):
    """One tender of an order, with the running totals of its ledger."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(
            "captured_minor >= 0 AND voided_minor >= 0"
            " AND captured_minor + voided_minor <= authorised_minor",
            name="captured_within_authorised",
        ),
        CheckConstraint(
            "refunded_minor BETWEEN 0 AND captured_minor", name="refunded_within_captured"
        ),
        CheckConstraint("(provider = 'credit') = (credit_id IS NOT NULL)", name="credit_is_named"),
        Index(
            "uq_payments_channel",
            "order_id",
            unique=True,
            postgresql_where=text("provider = 'channel'"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    provider: Provider = Field(sa_type=text_enum(Provider))
    tender: str = Field(max_length=40)
    """How it was paid, as people call it: cash, card, gift card."""
    reference: str = Field(default="", max_length=120)
    """The provider's own number of the payment."""
    credit_id: UUID | None = Field(default=None, foreign_key="credits.id", index=True)
    """The gift card or store credit that paid."""
    currency: str = Field(max_length=3)
    authorised_minor: int = Field(default=0, sa_type=MINOR)
    captured_minor: int = Field(default=0, sa_type=MINOR)
    voided_minor: int = Field(default=0, sa_type=MINOR)
    refunded_minor: int = Field(default=0, sa_type=MINOR)
    """Given back, or owed to be given back."""
    created_at: datetime = Field(sa_type=UTC_TIME)
    created_by: str


class EntryKind(StrEnum):
    """What happened to the money."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class PaymentEntry(SQLModel, table=True):
    """One entry of the ledger of money. Rows are added and never changed."""

    __tablename__ = "payment_entries"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_payment_entries_at", "at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    payment_id: UUID = Field(foreign_key="payments.id", index=True)
    kind: EntryKind = Field(sa_type=text_enum(EntryKind))
    amount_minor: int = Field(sa_type=MINOR)
    key: str = Field(max_length=160)
    """What makes the entry happen once."""
    reason: str = ""
    at: datetime = Field(sa_type=UTC_TIME)
    actor: str


class PricedLine(SQLModel, table=True):
    """What the units of an order line are worth, settled before money moves for the first time."""

    __tablename__ = "priced_lines"
    __table_args__ = (
        CheckConstraint("units >= 0", name="units_not_negative"),
        CheckConstraint("goods_minor + tax_minor + extra_minor >= 0", name="total_not_negative"),
    )

    line_id: UUID = Field(foreign_key="order_lines.id", primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    units: int
    goods_minor: int = Field(sa_type=MINOR)
    tax_minor: int = Field(sa_type=MINOR)
    extra_minor: int = Field(sa_type=MINOR)
    """The line's part of shipping and of whatever else the order's total has in it."""


class Refund(SQLModel, table=True):
    """A decision to give money back, made once per cause."""

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("order_id", "cause"),
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint("fee_minor >= 0", name="fee_not_negative"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int | None = Field(
        default=None,
        sa_type=BigInteger,
        unique=True,
        nullable=False,
        sa_column_args=(Identity(start=3001),),
    )
    order_id: UUID = Field(foreign_key="orders.id")
    cause: str = Field(max_length=160)
    """What it is for: `return:…`, `unfulfilled:…`, or `asked:…` with a caller's key."""
    reason: str
    currency: str = Field(max_length=3)
    amount_minor: int = Field(sa_type=MINOR)
    fee_minor: int = Field(default=0, sa_type=MINOR)
    """Kept back from what the lines were worth."""
    shipping_minor: int = Field(default=0, sa_type=MINOR)
    """How much of the amount is shipping."""
    created_at: datetime = Field(sa_type=UTC_TIME)
    created_by: str


class RefundLine(SQLModel, table=True):
    """Units of an order line that a refund is for, and what they were worth."""

    __tablename__ = "refund_lines"
    __table_args__ = (
        PrimaryKeyConstraint("refund_id", "line_id"),
        CheckConstraint("units > 0", name="units_positive"),
    )

    refund_id: UUID = Field(foreign_key="refunds.id")
    line_id: UUID = Field(foreign_key="order_lines.id", index=True)
    units: int
    goods_minor: int = Field(sa_type=MINOR)
    tax_minor: int = Field(sa_type=MINOR)
    extra_minor: int = Field(sa_type=MINOR)


class RepaymentStatus(StrEnum):
    """Whether the customer has the money."""

    OWED = "owed"
    PAID = "paid"


class Repayment(SQLModel, table=True):
    """A refund's part that goes back by one tender."""

    __tablename__ = "repayments"
    __table_args__ = (
        UniqueConstraint(
            "refund_id", "payment_id", "credit_id", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("status <> 'paid' OR paid_at IS NOT NULL", name="paid_has_time"),
        Index("ix_repayments_owed", "created_at", postgresql_where=text("status = 'owed'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    refund_id: UUID = Field(foreign_key="refunds.id")
    payment_id: UUID = Field(foreign_key="payments.id", index=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    credit_id: UUID | None = Field(default=None, foreign_key="credits.id", index=True)
    """The credit that the money is put on; without one it goes back the way it came."""
    amount_minor: int = Field(sa_type=MINOR)
    status: RepaymentStatus = Field(
        default=RepaymentStatus.OWED, sa_type=text_enum(RepaymentStatus)
    )
    version: int = 1
    reference: str = Field(default="", max_length=200)
    """The provider's own number of the repayment."""
    created_at: datetime = Field(sa_type=UTC_TIME)
    paid_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    paid_by: str | None = None
