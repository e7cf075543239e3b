"""How often locations did what they were given, and how often they gave it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME


class OutcomeCount(SQLModel, table=True):
    """Fulfilments of one class of articles at one location, the older the less they count.

    Both counts are as of `as_of` and halve with every half-life that passes since, so one row says
    all that is remembered, however long the history. `sku_class` is the category of the articles;
    the empty one counts every fulfilment of the location once.
    """

    __tablename__ = "outcome_counts"
    __table_args__ = (
        # By class first: routing asks for a few classes at every location.
        PrimaryKeyConstraint("sku_class", "location_id"),
        CheckConstraint("accepted >= 0 AND declined >= 0", name="counts_not_negative"),
    )

    sku_class: str
    location_id: UUID = Field(foreign_key="locations.id")
    accepted: float
    declined: float
    as_of: datetime = Field(sa_type=UTC_TIME)
