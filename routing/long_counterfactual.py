"""What would change the answer to an order that is too long for the exact engine.

Nothing is proven of such a plan, so no change can be called the least, and cents cannot be walked.
The figures that pass thresholds (stock, days, parcels, exclusions) are tried instead, each from
where it is outwards. A beam search says what looks like reaching the goal; that is decided again
by the engine that decided the order, with less effort, and kept only if it then comes true. So each
of them is enough, and a smaller change might do.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from routing.changes import Change, changed
from routing.contest import Goal, Standing, surveyed
from routing.effort import Effort
from routing.goals import goals
from routing.lever import Lever
from routing.levers import levers
from routing.packages import Package, order_plan
from routing.plan import OrderPlan
from routing.problem import Problem
from routing.quick import quick_plan
from routing.sequence import solve_order

MOST_LOOKS: Final = 120
"""Beam searches for all counterfactuals of an order."""
MOST_DECIDED: Final = 8
"""Changed problems that are decided as the order was; each may take a second."""
_MOST_STEPS: Final = 4

Found = tuple[Goal, Change, OrderPlan]


def long_inquiry(problem: Problem) -> Iterator[Found]:
    """Find and verify changes that would be enough, for the one order of a problem."""
    inquiry = _Inquiry(problem)
    for goal in goals(problem):
        yield from inquiry.into(goal)


class _Inquiry:
    """One long order's counterfactuals, and how much may still be looked at and decided."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._looks, self._decided = MOST_LOOKS, MOST_DECIDED
        self._network, self._choices = surveyed(problem)
        self._packages: tuple[Package, ...] = solve_order(self._choices, Effort()).packages

    def into(self, goal: Goal) -> Iterator[Found]:
        """Try every lever for a goal, one change of each."""
        plan = order_plan(self._network, self._choices, self._packages)
        if goal.met_by(plan):
            return
        now = Standing(
            self._network,
            self._choices,
            reaching=None,
            missing=self._packages,
            preferred=False,
        )
        for lever in levers(self._problem, goal, now):
            if not lever.walks and (found := self._first(goal, lever)):
                yield found

    def _first(self, goal: Goal, lever: Lever) -> Found | None:
        for value in lever.values[:_MOST_STEPS]:
            if not self._looks or not self._decided:
                return None
            self._looks -= 1
            change = lever.change.moved(value)
            there = changed(self._problem, change)
            if not goal.met_by(quick_plan(there, there.orders[0].id)):
                continue
            self._decided -= 1
            network, choices = surveyed(there)
            less = replace(Effort(), deterministic_time=Effort().deterministic_time / 4)
            plan = order_plan(network, choices, solve_order(choices, less).packages)
            return (goal, change, plan) if goal.met_by(plan) else None
        return None
