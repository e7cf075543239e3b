"""Keys, devices, people and sessions. Secrets are kept as hashes only."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, PrimaryKeyConstraint, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import JSON, UTC_TIME, text_enum
from oms.ids import new_id


class Scope(StrEnum):
    """What a service key may do."""

    ORDERS_WRITE = "orders:write"
    ORDERS_READ = "orders:read"
    STOCK_WRITE = "stock:write"
    STOCK_READ = "stock:read"
    STORE_WORK = "store:work"
    STORE_MANAGE = "store:manage"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    RETURNS_READ = "returns:read"
    RETURNS_WRITE = "returns:write"
    OPERATIONS = "operations"


class ServiceKey(SQLModel, table=True):
    """A key for a program: shown once, kept as a SHA-256 of its 256 random bits."""

    __tablename__ = "service_keys"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(unique=True)
    key_hash: str = Field(unique=True, max_length=64)
    scopes: list[str] = Field(sa_type=ARRAY(String))
    created_at: datetime = Field(sa_type=UTC_TIME)
    expires_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    last_used_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class Device(SQLModel, table=True):
    """A handheld or tablet that belongs to one store."""

    __tablename__ = "devices"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    location_id: UUID = Field(foreign_key="locations.id", index=True)
    name: str
    token_hash: str = Field(unique=True, max_length=64)
    enrolled_at: datetime = Field(sa_type=UTC_TIME)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class Associate(SQLModel, table=True):
    """A person who works in one store and signs in with a PIN on one of its devices."""

    __tablename__ = "associates"
    __table_args__ = (UniqueConstraint("location_id", "badge"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    location_id: UUID = Field(foreign_key="locations.id")
    badge: str = Field(max_length=20)
    """The short number or name typed beside the PIN."""
    name: str
    pin_hash: str
    wrong_pins: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    active: bool = True
    manages: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Whether they look after the store: its hours, its pauses, its people and devices."""
    created_at: datetime = Field(sa_type=UTC_TIME)


class Operator(SQLModel, table=True):
    """A person in operations, who sees every store."""

    __tablename__ = "operators"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    login: str = Field(unique=True, max_length=80)
    password_hash: str
    wrong_passwords: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    active: bool = True
    created_at: datetime = Field(sa_type=UTC_TIME)


class SignIn(SQLModel, table=True):
    """A signed-in person's session, known by the hash of its cookie."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        CheckConstraint(
            "(associate_id IS NULL) <> (operator_id IS NULL)", name="one_person_per_session"
        ),
    )

    token_hash: str = Field(primary_key=True, max_length=64)
    associate_id: UUID | None = Field(default=None, foreign_key="associates.id")
    device_id: UUID | None = Field(default=None, foreign_key="devices.id")
    operator_id: UUID | None = Field(default=None, foreign_key="operators.id")
    csrf: str
    created_at: datetime = Field(sa_type=UTC_TIME)
    expires_at: datetime = Field(sa_type=UTC_TIME)


class CommandKind(StrEnum):
    """What an idempotency key was used for."""

    PLACE_ORDER = "place_order"
    STORE_WORK = "store_work"
    STOCK = "stock"
    PAYMENTS = "payments"
    RETURNS = "returns"


class Command(SQLModel, table=True):
    """A command that was carried out, so that its repetition gets the same answer."""

    __tablename__ = "commands"
    __table_args__ = (PrimaryKeyConstraint("caller", "key"),)

    caller: str = Field(max_length=120)
    key: str = Field(max_length=120)
    kind: CommandKind = Field(sa_type=text_enum(CommandKind))
    digest: str = Field(max_length=64)
    answer: dict[str, Any] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=UTC_TIME)
