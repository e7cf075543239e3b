"""How many units of each line a plan gives where, and how many it leaves unfilled."""

from collections.abc import Mapping

from routing.plan import OrderPlan, ParcelPlan
from routing.problem import Order


def units_in(parcel: ParcelPlan, order: Order) -> Mapping[str, int]:
    """The units of each line that are in a parcel of a plan for the order."""
    whole = {line.id: line.units for line in order.lines}
    return {line: parcel.units.get(line, whole[line]) for line in parcel.lines}


def unfilled_units(plan: OrderPlan, order: Order) -> int:
    """The units that a plan for the order leaves unfilled, of all lines together."""
    whole = {line.id: line.units for line in order.lines}
    return sum(plan.unfilled_units.get(line, whole[line]) for line in plan.unfilled)
