"""What routing answers: who ships or hands over what, what stays unfilled, and what is proven."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """How much is known of an answer."""

    OPTIMAL = "optimal"
    """No legal answer costs less."""
    FEASIBLE = "feasible"
    """Legal; a cheaper one may exist, down to the lower bound."""
    TIMEOUT = "timeout"
    """Legal, but the time limit came first: some orders were not looked at to the end."""


class Engine(StrEnum):
    """What found the plan of an order."""

    EXACT = "exact"
    CP_SAT = "cp-sat"
    BEAM = "beam"


@dataclass(frozen=True, slots=True)
class ParcelPlan:
    """Lines that leave one location together: in one parcel, or over its counter.

    A transfer parcel goes `to` the location that hands the order over. The hand-over's own lines
    are those from that location's stock: none, if all came by transfer.
    """

    location: str
    lines: tuple[str, ...]
    cents: int
    to: str | None = None
    window: str | None = None
    """Of the location, where it has several."""
    units: Mapping[str, int] = field(default_factory=dict)
    """How many units, by line, of those lines that may be split."""


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """One order's parcels and the lines that nobody fills; the cost includes their price."""

    id: str
    parcels: tuple[ParcelPlan, ...]
    unfilled: tuple[str, ...]
    cost_cents: int
    unfilled_units: Mapping[str, int] = field(default_factory=dict)
    """How many units, by line, of those unfilled lines that may be split."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Plans for all orders of a problem. The lower bound is proven: no answer can cost less."""

    status: Status
    cost_cents: int
    lower_bound_cents: int
    orders: tuple[OrderPlan, ...]

    @property
    def gap(self) -> float:
        """The share of the cost that is not proven necessary, from 0 to 1."""
        return gap(cost_cents=self.cost_cents, bound_cents=self.lower_bound_cents)


def gap(*, cost_cents: int, bound_cents: int) -> float:
    """Return (cost - bound) / cost, and 0 when nothing is paid."""
    return (cost_cents - bound_cents) / cost_cents if cost_cents else 0.0
