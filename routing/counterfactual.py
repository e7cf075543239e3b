"""What would have to be different for another answer: the least change of one figure.

A location that lost could win, one that was removed could serve, a line left over could be filled,
and the location that was chosen could lose. For each such goal every figure that might bring it
about is tried by itself, and moved as little as possible:

- Stock, days and parcels matter only where they pass a threshold (the units of a line, the days of
  a location), so the thresholds are tried one by one from where the figure is.
- Money is walked. If reaching the goal is g cents dearer than missing it, and a cent of the figure
  brings it nearer by r cents at most (`routing.contest.gain_per_cent`), then no change below
  g ÷ r, rounded up, reaches it. That change is tried next. So the first value that reaches the goal
  is the least, also where the figure (postage of a whole zone, say) is charged in both plans and
  the goal is lost again further on.

What is found is solved again from the changed problem, by the engine that decides orders; only
what then comes true is kept. The work is bounded by the number of problems looked at, not by time,
so the same snapshot gives the same counterfactuals. They cost some 25 times what the decision
costs: they are worked out when somebody asks why, from the stored snapshot, never when deciding.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

from routing import exact
from routing.changes import Change, alone, changed
from routing.contest import Goal, Standing, gain_per_cent, standing
from routing.document import Json, order_plan_document
from routing.goals import goals
from routing.lever import Lever
from routing.levers import levers
from routing.long_counterfactual import long_inquiry
from routing.plan import OrderPlan
from routing.problem import MOST_CENTS, Problem
from routing.quick import quick_plan
from routing.splitting import in_parts

MOST_LOOKS: Final = 400
"""Problems looked at for all counterfactuals of an order."""

_MOST_STEPS: Final = 24
"""Values of one figure that are tried."""


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The least change of one figure that reaches a goal, and the plan that then is cheapest."""

    goal: Goal
    change: Change
    plan: OrderPlan

    def document(self) -> Json:
        """Return it as plain JSON; what does not belong to the figure is left out."""
        change = asdict(self.change) | {"figure": self.change.figure.value}
        about = {name: value for name, value in change.items() if value is not None}
        return {
            "goal": {"aim": self.goal.aim.value, "subject": self.goal.subject},
            "figure": about.pop("figure"),
            "from": about.pop("before"),
            "to": about.pop("after"),
            **about,
            "cost_cents": self.plan.cost_cents,
            "plan": order_plan_document(self.plan),
        }


def counterfactuals(problem: Problem, order_id: str) -> tuple[Counterfactual, ...]:
    """Find and verify what would change the answer to an order that has the problem to itself.

    Raises `KeyError` when the problem has no such order. For orders beyond the exact engine see
    `routing.long_counterfactual`.
    """
    problem = alone(problem, order_id)
    if len(in_parts(problem.orders[0]).lines) > exact.EXACT_LINES:
        return tuple(Counterfactual(*one) for one in long_inquiry(problem))
    inquiry = _Inquiry(problem)
    return tuple(found for goal in goals(problem) for found in inquiry.into(goal))


class _Inquiry:
    """One order's counterfactuals, and how much may still be looked at."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._looks = MOST_LOOKS

    def into(self, goal: Goal) -> Iterator[Counterfactual]:
        """Try every lever for a goal that is not reached as things stand."""
        now = standing(self._problem, goal)
        if now.reached:
            return
        for lever in levers(self._problem, goal, now):
            change = self._money(goal, lever, now) if lever.walks else self._steps(goal, lever)
            if change is not None and (found := self._verified(goal, change)):
                yield found

    def _steps(self, goal: Goal, lever: Lever) -> Change | None:
        for value in lever.values[:_MOST_STEPS]:
            change = lever.change.moved(value)
            if (there := self._look(goal, change)) is None:
                return None
            if there.reached:
                return change
        return None

    def _money(self, goal: Goal, lever: Lever, now: Standing) -> Change | None:
        """Walk up or down from the figure as it is; `lever.change` says which way."""
        change, there = lever.change, now
        sign = 1 if change.after > change.before else -1
        value = change.before
        for _ in range(_MOST_STEPS):
            behind = there.behind_cents
            if behind is None or (rate := gain_per_cent(there, change)) <= 0:
                return None
            value += sign * max(1, -(-behind // rate))
            if not 0 <= value <= MOST_CENTS:
                return None
            looked = self._look(goal, change.moved(value))
            if looked is None:
                return None
            if looked.reached:
                return change.moved(value)
            there = looked
        return None

    def _look(self, goal: Goal, change: Change) -> Standing | None:
        """Return how things would stand; None when enough has been looked at."""
        if not self._looks:
            return None
        self._looks -= 1
        return standing(changed(self._problem, change), goal)

    def _verified(self, goal: Goal, change: Change) -> Counterfactual | None:
        """Decide the changed problem as an order is decided, and keep what comes true."""
        order = self._problem.orders[0].id
        plan = quick_plan(changed(self._problem, change), order)
        return Counterfactual(goal, change, plan) if goal.met_by(plan) else None
