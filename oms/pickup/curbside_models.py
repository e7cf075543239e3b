"""Hand-over at the car: a store's bays and slots, and the visits of customers who come."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class CurbsideStore(SQLModel, table=True):
    """How a store receives customers at the car. Without slots they come when they like."""

    __tablename__ = "curbside_stores"
    __table_args__ = (
        CheckConstraint("(slot_minutes IS NULL) = (slot_capacity IS NULL)", name="slots_are_whole"),
        CheckConstraint("slot_minutes BETWEEN 5 AND 480", name="slot_minutes_range"),
        CheckConstraint("slot_capacity > 0", name="slot_capacity_positive"),
    )

    location_id: UUID = Field(foreign_key="locations.id", primary_key=True)
    slot_minutes: int | None = None
    slot_capacity: int | None = None
    """Customers who may come within one slot."""


class CurbsideBay(SQLModel, table=True):
    """One numbered place to stop at. A bay that is gone is kept for the visits it had."""

    __tablename__ = "curbside_bays"
    __table_args__ = (UniqueConstraint("location_id", "label"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    location_id: UUID = Field(foreign_key="locations.id")
    label: str = Field(max_length=12)
    """As it is painted on the ground."""
    position: int
    """In which sequence bays are given out: the one nearest to the door first."""
    active: bool = True


class ArrivalStatus(StrEnum):
    """How far a customer's visit has come."""

    ON_THE_WAY = "on_the_way"
    HERE = "here"
    """At the store; nobody has taken it yet. The clock runs."""
    TAKEN = "taken"
    """An associate is on the way to the car."""
    SERVED = "served"
    GONE = "gone"
    """Left again, or never came."""


class Arrival(SQLModel, table=True):
    """One visit of a customer who collects at the car; a pickup has one open visit at most.

    What describes the car is there to find it, and is erased the moment the visit is over.
    """

    __tablename__ = "arrivals"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("escalated >= 0", name="escalated_not_negative"),
        CheckConstraint(
            "(status IN ('served', 'gone')) = (closed_at IS NOT NULL)", name="over_has_time"
        ),
        CheckConstraint(
            "closed_at IS NULL OR (plate = '' AND vehicle = '')", name="car_is_forgotten"
        ),
        CheckConstraint(
            "status NOT IN ('here', 'taken') OR here_at IS NOT NULL", name="here_has_time"
        ),
        CheckConstraint(
            "status <> 'taken' OR (taken_at IS NOT NULL AND taken_by IS NOT NULL)",
            name="taken_has_taker",
        ),
        CheckConstraint(
            "status <> 'on_the_way' OR expected_at IS NOT NULL", name="on_the_way_is_expected"
        ),
        Index(
            "uq_arrivals_open_pickup",
            "pickup_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "uq_arrivals_open_bay",
            "bay_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_arrivals_open", "location_id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_arrivals_pickup", "pickup_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    pickup_id: UUID = Field(foreign_key="pickups.id")
    location_id: UUID = Field(foreign_key="locations.id")
    status: ArrivalStatus = Field(sa_type=text_enum(ArrivalStatus))
    version: int = 1
    expected_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When a customer on the way means to be there."""
    here_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    bay_id: UUID | None = Field(default=None, foreign_key="curbside_bays.id")
    spot: str = ""
    """Where the car stands, in the customer's words, at a store without numbered bays."""
    vehicle: str = ""
    plate: str = ""
    taken_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    taken_by: str | None = None
    escalated: int = 0
    """How many times the wait was so long that somebody else was told."""
    created_at: datetime = Field(sa_type=UTC_TIME)
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class SlotBooking(SQLModel, table=True):
    """A slot that an order has at its store; a released one frees its place."""

    __tablename__ = "slot_bookings"
    __table_args__ = (
        Index(
            "uq_slot_bookings_order",
            "order_id",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
        Index(
            "ix_slot_bookings_slot",
            "location_id",
            "starts_at",
            postgresql_where=text("released_at IS NULL"),
        ),
        CheckConstraint("starts_at < ends_at", name="starts_before_end"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    location_id: UUID = Field(foreign_key="locations.id")
    starts_at: datetime = Field(sa_type=UTC_TIME)
    ends_at: datetime = Field(sa_type=UTC_TIME)
    capacity: int
    """Of the slot, when it was booked."""
    promised_before: datetime = Field(sa_type=UTC_TIME)
    """The order's promise without the slot: no earlier slot can be kept."""
    booked_at: datetime = Field(sa_type=UTC_TIME)
    released_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
