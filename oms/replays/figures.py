"""What a policy costs and does to customers, added up decision by decision."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from routing.cost import RATE_TERMS
from routing.explain import PlanCost

UNFILLED = "unfilled"
"""The term under which lines that nobody fills are priced."""


class Part(BaseModel):
    """A part of a report; an unknown field is an error, because it is of another kind of file."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class AtLocation(Part):
    """What one location was given."""

    units: int = 0
    parcels: int = 0
    """Hand-overs at a counter included."""


class Figures(Part):
    """Sums over decisions in one currency. Money is in its minor units."""

    decisions: int = 0
    lines: int = 0
    parcels: int = 0
    split_orders: int = 0
    """Decisions with more than one parcel."""
    promises_kept: int = 0
    """Decisions of which every line arrives by the day that was promised."""
    late: int = 0
    """Decisions of which some line arrives after it."""
    unfilled_lines: int = 0
    cost_minor: int = 0
    terms: dict[str, int] = {}
    """The cost by term."""
    locations: dict[str, AtLocation] = {}

    def add(self, plan: PlanCost, *, units: Mapping[str, int], promise_days: int) -> None:
        """Count a decision: its plan, the units of each line, and the days to its promise."""
        late = any(parcel.days > promise_days for parcel in plan.parcels)
        self.decisions += 1
        self.lines += len(units)
        self.parcels += len(plan.parcels)
        self.split_orders += len(plan.parcels) > 1
        self.promises_kept += not late and not plan.unfilled
        self.late += late
        self.unfilled_lines += len(plan.unfilled)
        self.cost_minor += plan.cents
        for parcel in plan.parcels:
            for term, cents in parcel.terms.items():
                self._charge(term, cents)
            at = self.locations.setdefault(parcel.location, AtLocation())
            at.parcels += 1
            at.units += sum(units[line] for line in parcel.lines)
        if plan.unfilled:
            self._charge(UNFILLED, sum(line.cents for line in plan.unfilled))

    @property
    def weighed_minor(self) -> int:
        """What of the cost is only weighed: nobody is paid it, as carriage and handling are."""
        paid = RATE_TERMS | {UNFILLED}
        return sum(cents for term, cents in self.terms.items() if term not in paid)

    def _charge(self, term: str, cents: int) -> None:
        self.terms[term] = self.terms.get(term, 0) + cents
