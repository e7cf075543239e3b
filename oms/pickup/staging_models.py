"""Shelves on which pickups wait for their customers, and the packages that lie there."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class Temperature(StrEnum):
    """How cold goods must lie."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


class StagingShelf(SQLModel, table=True):
    """A shelf with a code that can be scanned. A store without any names shelves freely."""

    __tablename__ = "staging_shelves"
    __table_args__ = (PrimaryKeyConstraint("location_id", "code"),)

    location_id: UUID = Field(foreign_key="locations.id")
    code: str = Field(max_length=40)
    """In capital letters."""
    temperature: Temperature = Field(default=Temperature.AMBIENT, sa_type=text_enum(Temperature))


class PickupPackage(SQLModel, table=True):
    """A bag, box or tote of one pickup."""

    __tablename__ = "pickup_packages"
    __table_args__ = (
        UniqueConstraint("pickup_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("(shelf = '') = (staged_at IS NULL)", name="staged_has_time"),
        CheckConstraint("(staged_at IS NULL) = (staged_by IS NULL)", name="staged_has_actor"),
        Index(
            "uq_pickup_packages_code",
            "location_id",
            "code",
            unique=True,
            postgresql_where=text("NOT gone"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    pickup_id: UUID = Field(foreign_key="pickups.id")
    location_id: UUID = Field(foreign_key="locations.id")
    number: int
    code: str = Field(max_length=40)
    """What its label or its tote says, in capital letters."""
    temperature: Temperature = Field(default=Temperature.AMBIENT, sa_type=text_enum(Temperature))
    shelf: str = Field(default="", max_length=40)
    packed_at: datetime = Field(sa_type=UTC_TIME)
    packed_by: str
    staged_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    staged_by: str | None = None
    gone: bool = False
    """Its pickup is over: the tote may be used again."""
