"""Route one order for good: look, solve outside any transaction, commit if nothing changed."""

from uuid import UUID

from oms.db import transaction
from oms.errors import StaleVersion
from oms.inventory import availability
from oms.inventory.movements import InsufficientStock
from oms.orders import queries as orders
from oms.sourcing import committing, problems
from oms.sourcing.committing import Routed
from oms.sourcing.deciding import Solved
from oms.sourcing.freezing import solve
from oms.sourcing.problems import Task

_HOPEFUL_TRIES = 3


def route(order_id: UUID, *, actor: str) -> Routed | None:
    """Decide and commit; None when there is nothing to route, or a hold or its wait forbids it.

    The solver runs outside the transaction. Whoever loses the race for the stock looks again;
    after three losses the order's stock is locked first, so that the next try cannot lose.
    """
    for _ in range(_HOPEFUL_TRIES):
        with transaction() as session:
            order = orders.locked(session, order_id)
            if orders.open_holds(session, order_id) or orders.awaits_release(order):
                return None
            task = problems.task(session, order)
        if task is None:
            return None
        solved = solve(task)
        if _is_known(task, solved):
            return Routed((), unfilled=len(solved.decision.plan.unfilled))
        try:
            with transaction() as session:
                return committing.commit(session, task, solved, actor=actor)
        except (StaleVersion, InsufficientStock):
            continue
    return _route_locked(order_id, actor=actor)


def _is_known(task: Task, solved: Solved) -> bool:
    """Whether all waits as it has before: there is nothing new to record."""
    parcels = solved.decision.plan.parcels
    moved = {line for parcel in parcels for line in parcel.lines} - task.standing
    return task.waiting and not moved and all(parcel.to is None for parcel in parcels)


def _route_locked(order_id: UUID, *, actor: str) -> Routed | None:
    with transaction() as session:
        order = orders.locked(session, order_id)
        if orders.open_holds(session, order_id) or orders.awaits_release(order):
            return None
        availability.lock(session, [line.sku for line in orders.lines(session, order_id)])
        task = problems.task(session, order)
        if task is None:
            return None
        return committing.commit(session, task, solve(task), actor=actor)
