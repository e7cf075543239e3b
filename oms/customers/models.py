"""Customers and addresses: the only tables with personal data beside the raw messages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
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


class CustomerLink(SQLModel, table=True):
    """The unguessable link by which whoever has it sees one order. Made when it is first told."""

    __tablename__ = "customer_links"

    order_id: UUID = Field(foreign_key="orders.id", primary_key=True)
    token: str = Field(unique=True, max_length=64)
    created_at: datetime = Field(sa_type=UTC_TIME)


class Collector(SQLModel, table=True):
    """Somebody else who may collect an order, as its customer named them."""

    __tablename__ = "collectors"
    __table_args__ = (UniqueConstraint("order_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    name: str = Field(max_length=80)
    added_at: datetime = Field(sa_type=UTC_TIME)


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
