"""The moves of a joint run and of its plans, and the functions that make them."""

from collections.abc import Mapping
from typing import Final

from oms import clock
from oms.errors import IllegalMove
from oms.sourcing.run_models import PlanStatus, RoutingPlan, RoutingRun, RunStatus

NEXT_RUN: Final[Mapping[RunStatus, frozenset[RunStatus]]] = {
    RunStatus.COLLECTED: frozenset({RunStatus.SOLVED}),
    RunStatus.SOLVED: frozenset({RunStatus.PROPOSED}),
    RunStatus.PROPOSED: frozenset({RunStatus.DONE}),
    RunStatus.DONE: frozenset(),
}

NEXT_PLAN: Final[Mapping[PlanStatus, frozenset[PlanStatus]]] = {
    PlanStatus.PROPOSED: frozenset({PlanStatus.COMMITTED, PlanStatus.LOST}),
    PlanStatus.COMMITTED: frozenset(),
    PlanStatus.LOST: frozenset(),
    PlanStatus.KEPT: frozenset(),
}


def move_run(run: RoutingRun, to: RunStatus) -> None:
    """Take a run one step further. The caller holds its lock."""
    if to not in NEXT_RUN[run.status]:
        raise IllegalMove(f"routing run {run.number} is {run.status.value}, not ready for {to}")
    run.status = to
    if to is RunStatus.SOLVED:
        run.solved_at = clock.now()
    elif to is RunStatus.DONE:
        run.finished_at = clock.now()


def settle_plan(plan: RoutingPlan, to: PlanStatus, *, reason: str | None = None) -> None:
    """Say what became of a run's wish for an order. The caller holds the order's lock."""
    if to not in NEXT_PLAN[plan.status]:
        raise IllegalMove(f"the plan for order {plan.order_id} is {plan.status.value}, not {to}")
    plan.status = to
    plan.reason = reason
    plan.at = clock.now()
