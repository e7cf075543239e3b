"""Payments by card with an account of our own: what the provider holds for each."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from oms.columns import MINOR, UTC_TIME, text_enum


class IntentStatus(StrEnum):
    """How far a card payment is at its provider."""

    ASKED = "asked"
    """We were told of it, and the provider has not confirmed it yet."""
    OPEN = "open"
    """Authorised: the money is held on the card."""
    SPENT = "spent"
    """Captured, all of it or a part; the provider let go of the rest."""
    VOIDED = "voided"
    """Let go or lapsed; nothing was captured."""
    REFUSED = "refused"


class CardIntent(SQLModel, table=True):
    """A payment at the provider, and how much of the ledger has been carried out there."""

    __tablename__ = "card_intents"
    __table_args__ = (
        CheckConstraint("captured_minor >= 0 AND renew_minor >= 0", name="amounts_not_negative"),
        Index(
            "ix_card_intents_open",
            "asked_at",
            postgresql_where=text("status IN ('asked', 'open')"),
        ),
    )

    payment_id: UUID = Field(foreign_key="payments.id", primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    intent_id: str = Field(unique=True, max_length=120)
    """The provider's own id."""
    status: IntentStatus = Field(default=IntentStatus.ASKED, sa_type=text_enum(IntentStatus))
    version: int = 1
    captured_minor: int = Field(default=0, sa_type=MINOR)
    """Captured at the provider; the ledger's total runs ahead of it."""
    renew_minor: int = Field(default=0, sa_type=MINOR)
    """What was let go of though goods are still to be sent: it is to be authorised anew."""
    news: bool = False
    """Whether the provider is to be asked: it said that something has happened, or nothing yet."""
    expires_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When the authorisation lapses."""
    asked_at: datetime = Field(sa_type=UTC_TIME)
