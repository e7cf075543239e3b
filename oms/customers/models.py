"""Customers and addresses: the only tables with personal data beside the raw messages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME
from oms.ids import new_id


class Customer(SQLModel, table=True):
    """A person who buys, recognised over all channels by e-mail address."""

    __tablename__ = "customers"
    __table_args__ = (
        Index(
            "uq_customers_email",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("email <> ''"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    email: str = ""
    phone: str = ""
    created_at: datetime = Field(sa_type=UTC_TIME)


class Address(SQLModel, table=True):
    """Where one order goes; kept as the order had it, so a later change rewrites no history."""

    __tablename__ = "addresses"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_range"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    customer_id: UUID = Field(foreign_key="customers.id", index=True)
    name: str
    company: str = ""
    street: str
    street_2: str = ""
    city: str
    region: str = ""
    postcode: str
    country: str = Field(max_length=2)
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None
