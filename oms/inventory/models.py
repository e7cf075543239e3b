"""The stock ledger, its running totals, and what is held for orders."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class StockBalance(SQLModel, table=True):
    """Running totals of one article at one location; always the sum of its movements."""

    __tablename__ = "stock_balances"
    __table_args__ = (
        PrimaryKeyConstraint("sku", "location_id"),
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        CheckConstraint("reserved + damaged <= on_hand", name="reserved_within_on_hand"),
        CheckConstraint("safety >= 0", name="safety_not_negative"),
        CheckConstraint("damaged >= 0", name="damaged_not_negative"),
        CheckConstraint("quarantined BETWEEN 0 AND damaged", name="quarantined_within_damaged"),
        CheckConstraint("withheld >= 0", name="withheld_not_negative"),
        {"postgresql_with": {"fillfactor": 80}},  # room for HOT updates of the totals
    )

    sku: str = Field(foreign_key="products.sku", max_length=64)
    location_id: UUID = Field(foreign_key="locations.id", index=True)
    on_hand: int = 0
    reserved: int = 0
    safety: int = 0
    """Kept back from every channel, for walk-in customers and wrong counts."""
    damaged: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """On hand but set apart: not sellable until it is restored or written off."""
    quarantined: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Those of the units set apart that customers brought back: only a disposition frees them."""
    withheld: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """What rules keep back from everybody: safety by rule, doubted units, open allotments."""
    by_channel: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Whether some rule treats one channel unlike another here; see `availability`."""


class MovementKind(StrEnum):
    """Why a total changed."""

    RECEIVE = "receive"
    COUNT = "count"
    ADJUST = "adjust"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    COLLECT = "collect"
    PUT_BACK = "put_back"
    WRITE_OFF = "write_off"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    RETURN = "return"
    SET_APART = "set_apart"
    RESTORE = "restore"


class StockMovement(SQLModel, table=True):
    """One entry of the ledger. Rows are added and never changed.

    Cut by time into partitions; what leaves with an old one is in `StockCarried`.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),  # a partitioned table's key must hold what it is cut by
        CheckConstraint(
            "on_hand_delta <> 0 OR reserved_delta <> 0 OR damaged_delta <> 0 OR kind = 'count'",
            name="moves_something",
        ),
        Index("ix_stock_movements_article", "sku", "location_id", "id"),
        Index("ix_stock_movements_cause", "cause_id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    id: int | None = Field(
        default=None, sa_type=BigInteger, sa_column_kwargs={"autoincrement": True}, nullable=False
    )
    sku: str = Field(max_length=64)
    location_id: UUID
    kind: MovementKind = Field(sa_type=text_enum(MovementKind))
    on_hand_delta: int = 0
    reserved_delta: int = 0
    damaged_delta: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    cause_type: str
    cause_id: UUID | None = None
    idempotency_key: str | None = None
    """What makes it unique is its row among the keys, which outlives the movement."""
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why, in words, where the kind does not say it: adjusted, written off, set apart."""
    actor: str
    at: datetime = Field(sa_type=UTC_TIME)


class StockMovementKey(SQLModel, table=True):
    """A change that was made under a key, and never will be again, also when it is archived."""

    __tablename__ = "stock_movement_keys"

    key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UTC_TIME)


class StockCarried(SQLModel, table=True):
    """What archived movements add up to: the ledger of an article at a location begins here."""

    __tablename__ = "stock_carried"
    __table_args__ = (PrimaryKeyConstraint("sku", "location_id"),)

    sku: str = Field(max_length=64)
    location_id: UUID
    on_hand: int = Field(sa_type=BigInteger)
    reserved: int = Field(sa_type=BigInteger)
    damaged: int = Field(sa_type=BigInteger)


class SupplyCarried(SQLModel, table=True):
    """What archived movements of one supply add up to, by their kind."""

    __tablename__ = "supply_carried"
    __table_args__ = (PrimaryKeyConstraint("supply_id", "kind"),)

    supply_id: UUID
    kind: str = Field(max_length=40)
    units: int = Field(sa_type=BigInteger)


class ReservationStatus(StrEnum):
    """What became of held stock."""

    HELD = "held"
    ASIDE = "aside"
    """Its order was called off when the goods lay ready: nobody's, and not for sale before they are
    back on their shelf."""
    RELEASED = "released"
    CONSUMED = "consumed"


class Reservation(SQLModel, table=True):
    """Units held at one location for one order line, for one piece of work or for none yet."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("allotted BETWEEN 0 AND quantity", name="allotted_within_quantity"),
        Index(
            "uq_reservations_held_line",
            "line_id",
            "location_id",
            "fulfilment_id",
            unique=True,
            postgresql_where=text("status = 'held'"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_reservations_article", "sku", "location_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    line_id: UUID = Field(foreign_key="order_lines.id")
    fulfilment_id: UUID | None = Field(default=None, foreign_key="fulfilments.id", index=True)
    """None while the choice of location is tentative."""
    location_id: UUID = Field(foreign_key="locations.id")
    sku: str = Field(max_length=64)
    quantity: int
    allotted: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many of the units came out of the channel's allotment."""
    allotment_id: UUID | None = None
    """The rule of that allotment."""
    status: ReservationStatus = Field(
        default=ReservationStatus.HELD, sa_type=text_enum(ReservationStatus)
    )
    created_at: datetime = Field(sa_type=UTC_TIME)
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
