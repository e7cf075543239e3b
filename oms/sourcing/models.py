"""What routing reckons with, and what it decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Identity, Index, String, text
from sqlmodel import Field, SQLModel

from oms.columns import JSON, MINOR, UTC_TIME
from oms.ids import new_id


class TariffSheet(SQLModel, table=True):
    """What carriage costs, as routing reckons with it; the newest effective sheet counts."""

    __tablename__ = "tariff_sheets"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(unique=True)
    currency: str = Field(max_length=3)
    effective_from: datetime = Field(sa_type=UTC_TIME, index=True)
    sheet: dict[str, Any] = Field(sa_type=JSON)
    """The `tariff` object of the routing file format."""


class RoutingPolicy(SQLModel, table=True):
    """A version of the routing policy. Rows are added and never changed."""

    __tablename__ = "routing_policies"
    __table_args__ = (Index("ix_routing_policies_effective_from", "effective_from", "version"),)

    version: int | None = Field(default=None, primary_key=True, sa_column_args=(Identity(start=1),))
    name: str
    effective_from: datetime = Field(sa_type=UTC_TIME)
    body: dict[str, Any] = Field(sa_type=JSON)
    """The whole policy in the form of docs/policies.md."""
    note: str = ""
    created_at: datetime = Field(sa_type=UTC_TIME)
    created_by: str
    replay: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """What it would have changed in decisions that were made before it: the figures of a replay."""
    not_replayed_because: str | None = None
    """Why it was put in force without a replay, in words."""


class AcceptanceOverride(SQLModel, table=True):
    """A person's word on how likely a location accepts work, instead of what was learned.

    A change ends the row and adds another, so history stays. Without a class it holds for every
    class that has no row of its own.
    """

    __tablename__ = "acceptance_overrides"
    __table_args__ = (
        CheckConstraint("probability BETWEEN 0 AND 1", name="probability_range"),
        Index(
            "uq_acceptance_overrides_scope",
            "location_id",
            "sku_class",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    location_id: UUID = Field(foreign_key="locations.id")
    sku_class: str
    probability: float
    reason: str
    until: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """From then on what was learned counts again."""
    set_at: datetime = Field(sa_type=UTC_TIME)
    set_by: str
    ended_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    ended_by: str | None = None
    ended_because: str | None = None


class RoutingDecision(SQLModel, table=True):
    """Which location does what for one order, and why. Rows are added and never changed."""

    __tablename__ = "routing_decisions"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    order_version: int
    at: datetime = Field(sa_type=UTC_TIME, index=True)
    engine: str
    status: str
    cost_minor: int = Field(sa_type=MINOR)
    lower_bound_minor: int = Field(sa_type=MINOR)
    currency: str = Field(max_length=3)
    tariff_id: UUID = Field(foreign_key="tariff_sheets.id")
    policy_version: int | None = Field(default=None, foreign_key="routing_policies.version")
    """The policy that it was made by; None is the standard one."""
    fallback_reason: str | None = None
    snapshot: dict[str, Any] = Field(sa_type=JSON)
    """The whole problem in the routing file format: solving it again gives the same plan."""
    inputs: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """What it was before a policy was laid over it, so that another can be; see
    `oms.sourcing.replaying`. None: it was decided before that was kept."""
    plan: dict[str, Any] = Field(sa_type=JSON)
    explanation: dict[str, Any] = Field(sa_type=JSON)
    notes: list[str] = Field(default_factory=list, sa_type=ARRAY(String))
    """What had to be assumed, in words."""
