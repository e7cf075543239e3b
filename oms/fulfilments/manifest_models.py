"""What a carrier takes away at the end of a day."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, LargeBinary
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class Filing(StrEnum):
    """Whether the carrier has been told of a manifest."""

    NONE = "none"
    """It wants no list of its own: ours goes with the driver."""
    OWED = "owed"
    FILED = "filed"


class Manifest(SQLModel, table=True):
    """The parcels that one carrier takes from one location; closed once, never reopened."""

    __tablename__ = "manifests"
    __table_args__ = (
        CheckConstraint("parcels > 0", name="parcels_positive"),
        CheckConstraint(
            "(handed_over_at IS NULL) = (handed_over_by IS NULL)", name="handed_over_by_somebody"
        ),
        Index("ix_manifests_newest", "location_id", "closed_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int | None = Field(
        default=None,
        sa_type=BigInteger,
        unique=True,
        nullable=False,
        sa_column_args=(Identity(start=7001),),
    )
    location_id: UUID = Field(foreign_key="locations.id")
    carrier: str
    parcels: int
    weight_g: int = Field(sa_type=BigInteger)
    closed_at: datetime = Field(sa_type=UTC_TIME)
    closed_by: str
    handed_over_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    handed_over_by: str | None = None
    filing: Filing = Field(default=Filing.OWED, sa_type=text_enum(Filing))
    version: int = 1
    reference: str | None = None
    """The carrier's own name of the manifest."""
    document: bytes | None = Field(default=None, sa_type=LargeBinary)
    """The carrier's own form, as PDF."""
