"""Solve a task: on time if it can be, late rather than never if it cannot."""

import dataclasses

from routing.decide import Decision, decide

from oms.sourcing.problems import Task

_LATE_DAYS = 60


def solve(task: Task) -> Decision:
    """Choose the locations. Pure: no database, no clock.

    When lines stay unfilled only because no location can keep the promise any more, the
    promise is given up, not the customer: it is solved again without it and recorded so.
    """
    order = task.problem.orders[0]
    decision = decide(task.problem, order.id)
    if not decision.plan.unfilled or order.pickup_at is not None:
        return decision
    relaxed = dataclasses.replace(
        task.problem, orders=(dataclasses.replace(order, promise_days=_LATE_DAYS),)
    )
    late = decide(relaxed, order.id)
    if len(late.plan.unfilled) >= len(decision.plan.unfilled):
        return decision
    return dataclasses.replace(
        late, fallback=f"the promise of {order.promise_days} days cannot be kept; sent late"
    )
