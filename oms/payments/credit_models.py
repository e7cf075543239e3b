"""Gift cards and store credit: balances that customers pay with, and their ledger."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import MINOR, UTC_TIME, text_enum
from oms.ids import new_id


class CreditKind(StrEnum):
    """Where a credit comes from."""

    GIFT_CARD = "gift_card"
    """Bought."""
    STORE_CREDIT = "store_credit"
    """Given for goods that came back."""


class Credit(SQLModel, table=True):
    """Money of a customer that only our own shops take; whoever knows the code may spend it."""

    __tablename__ = "credits"
    __table_args__ = (
        CheckConstraint("balance_minor >= 0", name="balance_not_negative"),
        Index(
            "ix_credits_expiring",
            "expires_at",
            postgresql_where=text("expires_at IS NOT NULL AND balance_minor > 0"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: CreditKind = Field(sa_type=text_enum(CreditKind))
    code_hash: str = Field(unique=True, max_length=64)
    ending: str = Field(max_length=4)
    """The last characters of the code, for people to tell cards apart."""
    currency: str = Field(max_length=3)
    balance_minor: int = Field(default=0, sa_type=MINOR)
    """Always the sum of its entries."""
    expires_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """From then on nothing can be paid with it; None is never."""
    created_at: datetime = Field(sa_type=UTC_TIME)
    created_by: str


class CreditEntryKind(StrEnum):
    """Why a balance changed."""

    ISSUE = "issue"
    SPEND = "spend"
    REFUND = "refund"
    EXPIRE = "expire"


class CreditEntry(SQLModel, table=True):
    """One change of a balance. Rows are added and never changed."""

    __tablename__ = "credit_entries"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint(
            "delta_minor <> 0 AND (delta_minor > 0) = (kind IN ('issue', 'refund'))",
            name="delta_fits_kind",
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    credit_id: UUID = Field(foreign_key="credits.id", index=True)
    kind: CreditEntryKind = Field(sa_type=text_enum(CreditEntryKind))
    delta_minor: int = Field(sa_type=MINOR)
    key: str = Field(max_length=160)
    """What makes the change happen once."""
    order_id: UUID | None = Field(default=None, foreign_key="orders.id")
    at: datetime = Field(sa_type=UTC_TIME)
    actor: str
