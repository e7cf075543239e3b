"""Stores and warehouses."""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, PrimaryKeyConstraint, String
from sqlmodel import Field, SQLModel

from oms.columns import MINOR, UTC_TIME, text_enum
from oms.ids import new_id


class LocationKind(StrEnum):
    """What sort of place it is."""

    STORE = "store"
    WAREHOUSE = "warehouse"


class Location(SQLModel, table=True):
    """A place that holds stock and may ship it, hand it over or take it back."""

    __tablename__ = "locations"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_range"),
        CheckConstraint(
            "(ship_paused_until IS NULL OR ship_paused_because IS NOT NULL)"
            " AND (pickup_paused_until IS NULL OR pickup_paused_because IS NOT NULL)",
            name="pause_has_a_reason",
        ),
        CheckConstraint("capacity_parcels IS NULL OR capacity_parcels >= 0", name="capacity_sane"),
        CheckConstraint(
            "parcel_cost_minor >= 0 AND line_cost_minor >= 0 AND pickup_cost_minor >= 0"
            " AND handling_days >= 0",
            name="costs_not_negative",
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True, max_length=40)
    name: str
    kind: LocationKind = Field(sa_type=text_enum(LocationKind))
    street: str
    city: str
    region: str = ""
    postcode: str
    country: str = Field(max_length=2)
    latitude: float
    longitude: float
    time_zone: str
    cut_off: time
    """Parcels packed before this local time leave the same day."""
    can_ship: bool = True
    can_pickup: bool = False
    can_curbside: bool = False
    can_returns: bool = False
    ship_paused_because: str | None = Field(default=None, max_length=200)
    """Why it ships nothing for now; see `pausing`, and ask that for whether it ships."""
    ship_paused_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When that ends by itself; None waits for a person."""
    pickup_paused_because: str | None = Field(default=None, max_length=200)
    pickup_paused_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    capacity_parcels: int | None = None
    """Parcels and pickups it can prepare in one day; None is without limit."""
    parcel_cost_minor: int = Field(sa_type=MINOR)
    line_cost_minor: int = Field(sa_type=MINOR)
    pickup_cost_minor: int = Field(sa_type=MINOR)
    handling_days: int = 1
    active: bool = True
    created_at: datetime = Field(sa_type=UTC_TIME)


class OpeningHours(SQLModel, table=True):
    """One span of a weekday in which the doors are open, in local time."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        PrimaryKeyConstraint("location_id", "weekday", "opens"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        CheckConstraint("opens < closes", name="opens_before_closing"),
    )

    location_id: UUID = Field(foreign_key="locations.id")
    weekday: int
    """0 is Monday."""
    opens: time
    closes: time


class ClosedDay(SQLModel, table=True):
    """A date on which the location does not open."""

    __tablename__ = "closed_days"
    __table_args__ = (PrimaryKeyConstraint("location_id", "day"),)

    location_id: UUID = Field(foreign_key="locations.id")
    day: date
    reason: str = ""


class Postcode(SQLModel, table=True):
    """Where a postcode area lies, for orders whose channel sends no coordinates."""

    __tablename__ = "postcodes"
    __table_args__ = (PrimaryKeyConstraint("country", "postcode"),)

    country: str = Field(max_length=2)
    postcode: str = Field(sa_type=String(12, collation="C"))
    """Capital letters and digits only; `oms.locations.geography` writes it so."""
    latitude: float
    longitude: float


class NetworkVersion(SQLModel, table=True):
    """One row that counts the changes of locations, hours, postcodes, tariffs and policies.

    Triggers count, so whoever keeps a copy in memory knows that it is out of date, whatever
    changed the tables.
    """

    __tablename__ = "network_version"
    __table_args__ = (CheckConstraint("one", name="single_row"),)

    one: bool = Field(default=True, primary_key=True)
    version: int = Field(default=1, sa_type=BigInteger)
