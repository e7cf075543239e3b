"""Solve a task: on time if it can be, late rather than never if it cannot."""

from dataclasses import dataclass

from oms.sourcing.parts import unfilled_units
from oms.sourcing.problems import Task, without_promise
from routing.decide import Decision, decide
from routing.problem import Problem


@dataclass(frozen=True, slots=True)
class Solved:
    """A decision, and the very problem that it answers: solving that again gives it again."""

    problem: Problem
    decision: Decision
    late: str | None = None
    """Why the promise was given up, if it was."""
    notes: tuple[str, ...] = ()
    """What else is to be known of it, in words."""


def solve(task: Task) -> Solved:
    """Choose the locations. Pure: no database, no clock.

    When lines stay unfilled only because no location can keep the promise any more, the
    promise is given up, not the customer: it is solved again without it and recorded so.
    """
    order = task.problem.orders[0]
    decision = decide(task.problem, order.id)
    if not decision.plan.unfilled:
        return Solved(task.problem, decision)
    relaxed = without_promise(
        task.problem, late_days=task.late_days, late_cents_per_day=task.late_cents_per_day
    )
    late = decide(relaxed, order.id)
    if unfilled_units(late.plan, order) >= unfilled_units(decision.plan, order):
        return Solved(task.problem, decision)
    if order.slot is not None:
        why = f"the slot {order.slot} cannot be kept; handed over when it is ready"
    else:
        days = "1 day" if order.promise_days == 1 else f"{order.promise_days} days"
        why = f"the promise of {days} cannot be kept; sent late"
    return Solved(relaxed, late, late=why)
