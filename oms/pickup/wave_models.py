"""A wave: pickups that one associate collects in one walk through the store."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME
from oms.ids import new_id


class PickWave(SQLModel, table=True):
    """One walk. It is open while one of its pickups is still being picked."""

    __tablename__ = "pick_waves"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int | None = Field(
        default=None,
        sa_type=BigInteger,
        unique=True,
        nullable=False,
        sa_column_args=(Identity(start=1),),
    )
    location_id: UUID = Field(foreign_key="locations.id", index=True)
    started_by: str
    started_at: datetime = Field(sa_type=UTC_TIME)


class WavePickup(SQLModel, table=True):
    """A pickup in a wave, and which tote its goods go into."""

    __tablename__ = "wave_pickups"
    __table_args__ = (
        PrimaryKeyConstraint("wave_id", "pickup_id"),
        # A pickup is begun once, so it is never in two waves.
        UniqueConstraint("pickup_id"),
        UniqueConstraint("wave_id", "tote"),
        CheckConstraint("tote BETWEEN 1 AND 10", name="tote_in_reach"),
    )

    wave_id: UUID = Field(foreign_key="pick_waves.id")
    pickup_id: UUID = Field(foreign_key="pickups.id")
    tote: int
