"""Decide the orders that are too long for a joint batch, one after another, before it.

They take what they need first. Each adds to the batch's bound what it would cost at least if all
stock and capacity were its own.
"""

from dataclasses import dataclass

from routing import beam, exact, long
from routing.batch.blocks import MOST_BLOCK_LINES
from routing.candidates import survey
from routing.network import Network, Supply
from routing.packages import order_plan, placed
from routing.plan import OrderPlan
from routing.problem import Order, Problem
from routing.sequence import take


@dataclass(frozen=True, slots=True)
class Aside:
    """The plans of the long orders by id, and a proven bound on their cost."""

    plans: dict[str, OrderPlan]
    bound_cents: int


def decide_long(problem: Problem, network: Network, supply: Supply) -> Aside:
    """Decide the long orders in the problem's sequence; `supply` is used up accordingly."""
    full = supply.copy()
    plans: dict[str, OrderPlan] = {}
    bound = 0
    for order in problem.orders:
        if len(order.lines) > MOST_BLOCK_LINES:
            bound += _bound(network, full, order)
            choices = survey(network, supply, order)
            packages = (
                exact.solve(choices).packages
                if len(order.lines) <= exact.EXACT_LINES
                else beam.search(choices)
            )
            plans[order.id] = order_plan(network, choices, packages)
            take(supply, choices.order, placed(choices, packages))
    return Aside(plans, bound)


def _bound(network: Network, full: Supply, order: Order) -> int:
    choices = survey(network, full, order)
    if len(order.lines) <= exact.EXACT_LINES:
        return exact.solve(choices).cost_cents
    return long.bound_of_parts(choices)
