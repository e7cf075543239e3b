"""Route an order that has waited for good where joint routing has put it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from oms.sourcing import deciding
from oms.sourcing.deciding import Solved
from oms.sourcing.problems import Task
from routing.decide import decide
from routing.plan import OrderPlan
from routing.problem import Problem, Stock


def solve(task: Task) -> Solved:
    """Choose the locations: those that hold the goods, if nothing is wrong with them.

    Its place was chosen together with those of other orders. Alone it might find a better one,
    at the cost of the others; so it stays, unless it cannot be filled from there in time.
    """
    alone = deciding.solve(task)
    if not task.frozen or _at(alone.decision.plan) == task.frozen:
        return alone
    problem = pinned(task.problem, task.frozen)
    kept = decide(problem, problem.orders[0].id)
    if kept.plan.unfilled:
        return replace(alone, notes=("Moved: it cannot be filled in time where it was held.",))
    places = ", ".join(sorted(set(_at(alone.decision.plan).values())))
    less = kept.cost_cents - alone.decision.cost_cents
    note = f"Kept where joint routing put it; alone it would have come from {places}"
    return Solved(problem, kept, notes=(f"{note}, for {less} cents less.",))


def pinned(problem: Problem, at: Mapping[str, str]) -> Problem:
    """The same problem, in which each line can only come from where its goods are held."""
    order = problem.orders[0]
    held: Counter[tuple[str, str]] = Counter()
    for line in order.lines:
        held[at[line.id], line.sku] += line.units
    places = ", ".join(sorted(set(at.values())))
    others = {
        place.id: f"the goods are held for joint routing at {places}"
        for place in problem.locations
        if place.id not in at.values()
    }
    return replace(
        problem,
        stock=tuple(Stock(code, sku, units) for (code, sku), units in sorted(held.items())),
        orders=(replace(order, excluded=others | dict(order.excluded)),),
    )


def _at(plan: OrderPlan) -> Mapping[str, str]:
    return {line: parcel.location for parcel in plan.parcels for line in parcel.lines}
