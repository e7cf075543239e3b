"""Decide again what was decided, from the stored problem alone."""

from oms.sourcing.models import RoutingDecision
from routing.decide import Decision, decide
from routing.parse import parse_problem


def replay(row: RoutingDecision) -> Decision:
    """The decision once more; its plan is the stored one, whatever has changed since."""
    problem = parse_problem(row.snapshot)
    return decide(problem, problem.orders[0].id)
