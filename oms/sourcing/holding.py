"""Hold stock for a new order at once, at the locations that would ship it."""

from collections.abc import Sequence

from sqlmodel import Session

from oms.inventory import availability, reservations
from oms.inventory.movements import InsufficientStock
from oms.inventory.reservations import Hold
from oms.locations import queries as locations
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.sourcing import problems
from oms.sourcing.buckets import settle_buckets
from oms.sourcing.problems import Task
from routing.plan import OrderPlan
from routing.quick import quick_plan

_HOPEFUL_TRIES = 2


def hold(session: Session, order: Order) -> None:
    """Reserve what can be filled; what cannot becomes backordered.

    The caller has written the order in the same transaction. Whoever loses a race for stock
    looks again from a savepoint; after two losses the stock is locked before looking, so the
    answer is exact: stock that is left is never refused, stock that is gone never promised.
    """
    for _ in range(_HOPEFUL_TRIES):
        savepoint = session.begin_nested()
        try:
            _hold(session, order)
        except InsufficientStock:
            savepoint.rollback()
        else:
            savepoint.commit()
            return
    availability.lock(session, [line.sku for line in orders.lines(session, order.id)])
    _hold(session, order)


def _hold(session: Session, order: Order) -> None:
    task = problems.task(session, order)
    if task is None:
        return
    places = {place.code: place.id for place in locations.active(session)}
    lines = {str(line.id): line for line in orders.lines(session, order.id)}
    holds: Sequence[Hold] = [
        Hold(
            line_id=lines[line_id].id,
            location_id=places[parcel.location],
            sku=lines[line_id].sku,
            quantity=order_lines.open_units(lines[line_id]),
        )
        for parcel in _plan(task).parcels
        for line_id in parcel.lines
    ]
    concerned = [lines[line.id] for line in task.problem.orders[0].lines]
    reservations.replace(
        session,
        order_id=order.id,
        lines={line.id for line in concerned},
        holds=holds,
        actor="system",
    )
    settle_buckets(concerned, reserved={one.line_id for one in holds})


def _plan(task: Task) -> OrderPlan:
    """Where the order would ship from; late, if nobody can keep the promise.

    It is what `deciding.solve` will find, or stock would be held elsewhere than it ships.
    """
    order = task.problem.orders[0]
    plan = quick_plan(task.problem, order.id)
    if not plan.unfilled:
        return plan
    late = quick_plan(problems.without_promise(task.problem), order.id)
    return late if len(late.unfilled) < len(plan.unfilled) else plan
