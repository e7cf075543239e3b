"""A plan at once, without reasons: for holding stock while the customer waits."""

from routing import beam, exact
from routing.candidates import survey
from routing.network import network_of, supply_of
from routing.packages import order_plan
from routing.plan import OrderPlan
from routing.problem import Problem


def quick_plan(problem: Problem, order_id: str) -> OrderPlan:
    """Plan one order within milliseconds.

    The plan is the one that `routing.decide.decide` finds, but for orders beyond the exact
    engine, where it is good and unproven. Raises `KeyError` when the problem has no such order.
    """
    network = network_of(problem)
    choices = survey(network, supply_of(problem, network), problem.order(order_id))
    if len(choices.lines) <= exact.EXACT_LINES:
        packages = exact.solve(choices).packages
    else:
        packages = beam.search(choices)
    return order_plan(network, choices, packages)
