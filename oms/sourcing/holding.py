"""Hold stock for a new order at once, at the locations that would ship it."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session

from oms.inventory import availability, checkout_holds
from oms.inventory.movements import InsufficientStock
from oms.inventory.reservations import Hold
from oms.locations import queries as locations
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.sourcing import problems
from oms.sourcing.buckets import hold_lines
from oms.sourcing.parts import unfilled_units, units_in
from routing.plan import OrderPlan
from routing.problem import Problem
from routing.quick import quick_plan

_HOPEFUL_TRIES = 2

T = TypeVar("T")


def hold(
    session: Session,
    order: Order,
    *,
    only: Collection[UUID] | None = None,
    by_transfer: bool = True,
) -> None:
    """Reserve what can be filled; what cannot becomes backordered.

    The caller has written the order in the same transaction. With `only` the other lines stay as
    they are. What its store lacks of a pickup is held where it would be sent from, if the policy
    allows; with `by_transfer` false it is not. When something cannot be filled, checkout holds that
    have run out and that nobody has swept yet give their units up for it.
    """
    skus = [line.sku for line in orders.lines(session, order.id)]
    secure(
        session,
        skus,
        lambda: _hold(session, order, only, by_transfer),
        lacking=lambda filled: not filled,
    )


def secure(
    session: Session,
    skus: Collection[str],
    attempt: Callable[[], T],
    *,
    lacking: Callable[[T], bool],
) -> T:
    """Run an attempt to take stock until what it takes was really there; return its outcome.

    Whoever loses a race for stock looks again from a savepoint; after two losses the stock is
    locked before looking, so the answer is exact: stock that is left is never refused, stock that
    is gone never promised. An attempt that is `lacking` is undone and made once more if checkout
    holds have run out that keep what it lacks.
    """
    for _ in range(_HOPEFUL_TRIES):
        savepoint = session.begin_nested()
        try:
            outcome = attempt()
        except InsufficientStock:
            savepoint.rollback()
            continue
        lapsed = checkout_holds.lapsed(session, skus) if lacking(outcome) else ()
        if not lapsed:
            savepoint.commit()
            return outcome
        savepoint.rollback()
        checkout_holds.expire(session, lapsed, besides=skus)
    availability.lock(session, skus)
    return attempt()


def _hold(session: Session, order: Order, only: Collection[UUID] | None, by_transfer: bool) -> bool:
    """One attempt; whether everything was filled."""
    task = problems.task(session, order, only=only, to_hold=True, by_transfer=by_transfer)
    if task is None:
        return True
    places = {place.code: place.id for place in locations.active(session)}
    lines = {str(line.id): line for line in orders.lines(session, order.id)}
    [wanted] = task.problem.orders
    plan = best_plan(
        task.problem, late_days=task.late_days, late_cents_per_day=task.late_cents_per_day
    )
    holds: Sequence[Hold] = [
        Hold(
            line_id=lines[line_id].id,
            location_id=places[parcel.location],
            sku=lines[line_id].sku,
            quantity=units,
        )
        for parcel in plan.parcels
        for line_id, units in units_in(parcel, wanted).items()
    ]
    concerned = [lines[line.id] for line in wanted.lines]
    hold_lines(session, order, concerned, holds=holds, actor="system")
    return not plan.unfilled


def best_plan(problem: Problem, *, late_days: int, late_cents_per_day: int) -> OrderPlan:
    """Where its one order would ship from; late, if nobody can keep the promise.

    It is what `deciding.solve` will find, or stock would be held elsewhere than it ships.
    """
    order = problem.orders[0]
    plan = quick_plan(problem, order.id)
    if not plan.unfilled:
        return plan
    relaxed = problems.without_promise(
        problem, late_days=late_days, late_cents_per_day=late_cents_per_day
    )
    late = quick_plan(relaxed, order.id)
    return late if unfilled_units(late, order) < unfilled_units(plan, order) else plan
