"""What channels are owed of stock, what they were told, and what they were found to have."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME
from oms.ids import new_id


class LedgerCursor(SQLModel, table=True):
    """How far the stock ledger has been read for publishing. One row.

    Ids are given out before their transactions commit, so a later look may find more rows below
    `read_to`. `checkpoint` is a place up to which `seen` rows were counted; once every transaction
    that ran then has ended, the rows are counted again, and a difference shows latecomers.
    """

    __tablename__ = "stock_ledger_cursor"
    __table_args__ = (CheckConstraint("settled_to <= read_to", name="settled_within_read"),)

    name: str = Field(primary_key=True, max_length=20)
    read_to: int = Field(default=0, sa_type=BigInteger)
    settled_to: int = Field(default=0, sa_type=BigInteger)
    seen: int = Field(default=0, sa_type=BigInteger)
    """Rows counted above `settled_to` and up to `read_to`."""
    checkpoint: int | None = Field(default=None, sa_type=BigInteger)
    checkpoint_seen: int = Field(default=0, sa_type=BigInteger)
    checkpoint_xid: int | None = Field(default=None, sa_type=BigInteger)
    """The first transaction that had not begun when the checkpoint was taken."""


class StockOwed(SQLModel, table=True):
    """An article whose stock a channel must be told; many changes make one row."""

    __tablename__ = "stock_owed"
    __table_args__ = (
        PrimaryKeyConstraint("channel", "sku"),
        Index("ix_stock_owed_next", "channel", "priority", "owed_since"),
    )

    channel: str = Field(max_length=40)
    sku: str = Field(max_length=64)
    priority: int
    """0 sold out, 1 less than was told, 2 anything else."""
    version: int = 1
    """Rises with every further change; whoever told an older one has not told all."""
    owed_since: datetime = Field(sa_type=UTC_TIME)
    available_at: datetime = Field(sa_type=UTC_TIME)
    leased_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    attempts: int = 0
    last_error: str | None = None


class StockPublished(SQLModel, table=True):
    """What a channel was told of one listing at one of its places, and what was true then."""

    __tablename__ = "stock_published"
    __table_args__ = (
        PrimaryKeyConstraint("channel", "channel_sku", "place"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        CheckConstraint("quantity <= sellable", name="never_above_sellable"),
        Index("ix_stock_published_article", "channel", "sku"),
    )

    channel: str = Field(max_length=40)
    channel_sku: str = Field(max_length=120)
    place: str = Field(max_length=120)
    """The channel's own id of the place; empty where it keeps one figure an article."""
    sku: str = Field(max_length=64)
    quantity: int
    sellable: int
    """What could be sold from there at the moment of telling."""
    codes: str
    """Our locations behind the place, by code and separated by spaces; `*` for very many or all."""
    version: int = 0
    published_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """None until the channel has accepted a figure for the first time."""
    sent_quantity: int | None = None
    """Sent, but its acceptance has not been heard."""


class StockDrift(SQLModel, table=True):
    """A figure at a channel that is not what it was told; one row until it is repaired."""

    __tablename__ = "stock_drifts"
    __table_args__ = (
        Index(
            "uq_stock_drifts_open",
            "channel",
            "channel_sku",
            "place",
            unique=True,
            postgresql_where=text("repaired_at IS NULL"),
        ),
        Index("ix_stock_drifts_found", "found_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    channel: str = Field(max_length=40)
    channel_sku: str = Field(max_length=120)
    place: str = Field(max_length=120)
    sku: str = Field(max_length=64)
    published: int
    found: int
    sellable: int
    found_at: datetime = Field(sa_type=UTC_TIME)
    repaired_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class StockChannel(SQLModel, table=True):
    """How publishing to one channel goes."""

    __tablename__ = "stock_channels"

    channel: str = Field(primary_key=True, max_length=40)
    told: int = Field(default=0, sa_type=BigInteger)
    """Figures that the channel accepted."""
    last_told_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    compared_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    compared: int = 0
    """Figures compared in the last reconciliation."""
    paused_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """The channel asked us to come back then."""
    last_error: str | None = None
    last_error_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
