"""Joint runs, what they propose for each order, and the bid prices that they teach."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from oms.columns import JSON, MINOR, UTC_TIME, text_enum
from oms.ids import new_id


class RunStatus(StrEnum):
    """How far a joint run has come."""

    COLLECTED = "collected"
    SOLVED = "solved"
    PROPOSED = "proposed"
    DONE = "done"


class PlanStatus(StrEnum):
    """What became of a run's wish for one order."""

    PROPOSED = "proposed"
    COMMITTED = "committed"
    LOST = "lost"
    """Order or stock had changed; the next run looks at it again."""
    KEPT = "kept"
    """It stays where it is, although it should be elsewhere."""


class RoutingRun(SQLModel, table=True):
    """One look at all orders of a currency that wait to be routed."""

    __tablename__ = "routing_runs"
    __table_args__ = (
        UniqueConstraint("asked", "currency"),
        Index("ix_routing_runs_at", "at"),
        CheckConstraint("(status = 'collected') = (solved_at IS NULL)", name="solved_has_time"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int | None = Field(
        default=None,
        sa_type=BigInteger,
        unique=True,
        nullable=False,
        sa_column_args=(Identity(start=1),),
    )
    """For people."""
    asked: str = Field(max_length=120)
    """The id of the workflow that asked for it: the same one never collects twice."""
    asked_by: str
    currency: str = Field(max_length=3)
    status: RunStatus = Field(sa_type=text_enum(RunStatus))
    at: datetime = Field(sa_type=UTC_TIME)
    tariff_id: UUID = Field(foreign_key="tariff_sheets.id")
    policy_version: int | None = Field(default=None, foreign_key="routing_policies.version")
    orders: int
    snapshot: bytes = Field(sa_type=LargeBinary)
    """The problem in the routing file format, and where each order's goods are held; compressed."""
    answer: bytes | None = Field(default=None, sa_type=LargeBinary)
    """The solver's answer as a document, compressed; None if there was none."""
    solved_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    solver_ms: int | None = None
    answer_status: str | None = None
    cost_minor: int | None = Field(default=None, sa_type=MINOR)
    lower_bound_minor: int | None = Field(default=None, sa_type=MINOR)
    standing_minor: int | None = Field(default=None, sa_type=MINOR)
    """What the orders cost where they are."""
    fallback_reason: str | None = None
    """Why everything stays where it is, if the solver gave no answer that can be used."""
    notes: list[str] = Field(
        default_factory=list, sa_type=ARRAY(String), sa_column_kwargs={"server_default": "{}"}
    )
    """What the policy weighs and could not be weighed, in words."""
    finished_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class RoutingPlan(SQLModel, table=True):
    """Where a run wishes an order to be, and what became of it; none for orders that are there."""

    __tablename__ = "routing_plans"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "order_id"),
        Index("ix_routing_plans_order", "order_id"),
        CheckConstraint("status <> 'lost' OR reason IS NOT NULL", name="lost_has_reason"),
    )

    run_id: UUID = Field(foreign_key="routing_runs.id", ondelete="CASCADE")
    order_id: UUID = Field(foreign_key="orders.id")
    order_version: int
    knot: int
    """Orders with the same number trade goods and move together; the most valuable come first."""
    from_locations: list[str] = Field(sa_type=ARRAY(String))
    to_locations: list[str] = Field(sa_type=ARRAY(String))
    places: dict[str, str] = Field(sa_type=JSON)
    """The wished location of each line, by their ids and codes."""
    gain_minor: int = Field(sa_type=MINOR)
    """What the order costs less by it; below zero where it makes room for another."""
    status: PlanStatus = Field(sa_type=text_enum(PlanStatus))
    reason: str | None = None
    """Why it was lost or kept, in words."""
    at: datetime = Field(sa_type=UTC_TIME)


class BidPriceVersion(SQLModel, table=True):
    """One set of bid prices; the newest counts."""

    __tablename__ = "bid_price_versions"

    version: int | None = Field(default=None, primary_key=True, sa_column_args=(Identity(start=1),))
    run_id: UUID = Field(unique=True)
    """The run that taught it; runs are forgotten sooner than prices."""
    at: datetime = Field(sa_type=UTC_TIME)
    smoothing_percent: int


class BidPrice(SQLModel, table=True):
    """What a unit at a location is worth to the orders that are still to come."""

    __tablename__ = "bid_prices"
    __table_args__ = (
        PrimaryKeyConstraint("version", "sku", "location_id"),
        CheckConstraint("cents > 0", name="price_positive"),
    )

    version: int = Field(foreign_key="bid_price_versions.version", ondelete="CASCADE")
    sku: str = Field(foreign_key="products.sku", max_length=64)
    location_id: UUID = Field(foreign_key="locations.id")
    cents: int
