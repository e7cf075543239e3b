"""What is kept back from sale and why: rules by scope, doubts by article, counts asked for."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class RuleKind(StrEnum):
    """What a rule does with the units."""

    SAFETY = "safety"
    """Keeps them back at each location that it matches, from every channel or from one."""
    BUFFER = "buffer"
    """Keeps them back from one channel, on top of any safety stock."""
    ALLOTMENT = "allotment"
    """Ring-fences them for one channel, until they are sold or the release date comes."""


class StockRule(SQLModel, table=True):
    """One rule in one version. A change ends the row and adds another, so history stays.

    What is left open in the scope matches everything. But for `remaining`, which is a running
    total, and the columns of its end, a row is never changed.
    """

    __tablename__ = "stock_rules"
    __table_args__ = (
        CheckConstraint("units >= 0", name="units_not_negative"),
        CheckConstraint("remaining BETWEEN 0 AND units", name="remaining_within_units"),
        CheckConstraint("sku IS NULL OR category IS NULL", name="one_range_of_articles"),
        CheckConstraint("kind = 'safety' OR channel IS NOT NULL", name="channel_named"),
        CheckConstraint(
            "(kind = 'allotment') = (remaining IS NOT NULL)"
            " AND (kind <> 'allotment' OR sku IS NOT NULL AND location_id IS NOT NULL)",
            name="allotment_is_of_one_balance",
        ),
        Index(
            "uq_stock_rules_scope",
            "kind",
            "sku",
            "category",
            "location_id",
            "channel",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_stock_rules_until", "until", postgresql_where=text("ended_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: RuleKind = Field(sa_type=text_enum(RuleKind))
    sku: str | None = Field(default=None, max_length=64, foreign_key="products.sku")
    category: str | None = None
    location_id: UUID | None = Field(default=None, foreign_key="locations.id")
    channel: str | None = Field(default=None, max_length=40)
    units: int
    remaining: int | None = None
    """Of an allotment: units that its channel has not taken yet."""
    until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """From then on the rule keeps nothing back any more."""
    note: str = ""
    set_at: datetime = Field(sa_type=UTC_TIME)
    set_by: str
    ended_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    ended_by: str | None = None
    ended_because: str | None = None


class StockTrust(SQLModel, table=True):
    """How far the books of one article at one location are believed since somebody found less."""

    __tablename__ = "stock_trust"
    __table_args__ = (
        PrimaryKeyConstraint("sku", "location_id"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent_range"),
        CheckConstraint("doubted >= 0", name="doubted_not_negative"),
    )

    sku: str = Field(foreign_key="products.sku", max_length=64)
    location_id: UUID = Field(foreign_key="locations.id")
    percent: int
    """100 is full trust."""
    doubted: int
    """Units on the books that are not promised until somebody counts."""
    times: int
    """How often goods were not found since the last count."""
    changed_at: datetime = Field(sa_type=UTC_TIME)


class CountWanted(SQLModel, table=True):
    """A task for a store: count this article."""

    __tablename__ = "counts_wanted"
    __table_args__ = (
        Index(
            "uq_counts_wanted_open",
            "sku",
            "location_id",
            unique=True,
            postgresql_where=text("done_at IS NULL"),
        ),
        Index("ix_counts_wanted_location", "location_id", "asked_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sku: str = Field(foreign_key="products.sku", max_length=64)
    location_id: UUID = Field(foreign_key="locations.id")
    reason: str
    asked_at: datetime = Field(sa_type=UTC_TIME)
    asked_by: str
    done_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    done_by: str | None = None
