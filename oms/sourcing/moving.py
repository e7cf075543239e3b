"""Carry out what a joint run wishes: each knot in a transaction of its own, if nothing changed.

Between the look and the move an order may have been edited, released or called off, and somebody
may have taken the stock. Then the wish is lost, the order stays where it is, and the next run
looks at it again.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from oms.audit.recording import record
from oms.db import transaction
from oms.errors import StaleVersion
from oms.fulfilments import order_status
from oms.inventory import availability, reservations
from oms.inventory.movements import InsufficientStock
from oms.inventory.reservations import Hold
from oms.locations.models import Location
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import Order, OrderLine
from oms.orders.queries import require_version
from oms.sourcing import cut_offs, states
from oms.sourcing.buckets import hold_lines
from oms.sourcing.run_models import PlanStatus, RoutingPlan, RoutingRun

_ACTOR = "system"


def carry_out(run_id: UUID, *, watch: Callable[[], None] = lambda: None) -> None:
    """Move everything that a run wishes to move; `watch` is called before each knot."""
    while knot := _next_knot(run_id):
        watch()
        lost = _move(run_id, knot)
        if lost is None:
            continue
        # What its members gain by themselves may still be had.
        for plan in knot:
            alone = len(knot) > 1 and plan.gain_minor > 0
            why = _move(run_id, [plan]) if alone else lost
            if why is not None:
                _lose(run_id, plan.order_id, reason=why)


def _next_knot(run_id: UUID) -> Sequence[RoutingPlan]:
    """The wishes of the most valuable knot that is left, the greatest gain first."""
    with transaction() as session:
        left = (
            select(RoutingPlan)
            .where(RoutingPlan.run_id == run_id, RoutingPlan.status == PlanStatus.PROPOSED)
            .order_by(
                col(RoutingPlan.knot), col(RoutingPlan.gain_minor).desc(), col(RoutingPlan.order_id)
            )
        )
        first = session.exec(left.limit(1)).first()
        if first is None:
            return ()
        return session.exec(left.where(RoutingPlan.knot == first.knot)).all()


def _move(run_id: UUID, knot: Sequence[RoutingPlan]) -> str | None:
    """Move some orders together or none of them; say why not, if not."""
    try:
        with transaction() as session:
            _move_all(session, run_id, sorted(plan.order_id for plan in knot))
    except (StaleVersion, InsufficientStock) as error:
        return error.message
    return None


def _move_all(session: Session, run_id: UUID, order_ids: Sequence[UUID]) -> None:
    """Orders are locked first, by id, and then the stock, as everybody does."""
    locked = {order_id: orders.locked(session, order_id) for order_id in order_ids}
    plans = _proposed(session, run_id, order_ids)
    run = session.get_one(RoutingRun, run_id)
    for plan in plans:
        _require_unchanged(locked[plan.order_id], plan)
    places = dict(session.exec(select(Location.code, Location.id).where(Location.active)).all())
    lines = {plan.order_id: _lines(session, plan) for plan in plans}
    availability.lock(session, {line.sku for some in lines.values() for line in some})
    if len(plans) > 1:  # first all give, then all take: they may want each other's goods
        for plan in plans:
            hold_lines(session, locked[plan.order_id], lines[plan.order_id], holds=(), actor=_ACTOR)
    for plan in plans:
        order, some = locked[plan.order_id], lines[plan.order_id]
        holds = [_wanted(line, plan, places) for line in some]
        hold_lines(session, order, some, holds=holds, actor=_ACTOR)
        cut_offs.cut_short(session, order)
        _tell(session, order, plan, run)
        states.settle_plan(plan, PlanStatus.COMMITTED)


def _proposed(session: Session, run_id: UUID, order_ids: Sequence[UUID]) -> Sequence[RoutingPlan]:
    return session.exec(
        select(RoutingPlan)
        .where(
            RoutingPlan.run_id == run_id,
            col(RoutingPlan.order_id).in_(order_ids),
            RoutingPlan.status == PlanStatus.PROPOSED,
        )
        .order_by(col(RoutingPlan.order_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _require_unchanged(order: Order, plan: RoutingPlan) -> None:
    require_version(f"order {order.number}", have=order.version, seen=plan.order_version)
    if not orders.awaits_release(order):
        raise StaleVersion(f"order {order.number} was released meanwhile")


def _lines(session: Session, plan: RoutingPlan) -> Sequence[OrderLine]:
    """The lines that are to be held elsewhere than they are."""
    at: dict[UUID, set[UUID]] = {}
    for row in reservations.held(session, plan.order_id):
        at.setdefault(row.line_id, set()).add(row.location_id)
    ids = dict(session.exec(select(Location.code, Location.id)).all())
    return [
        line
        for line in orders.lines(session, plan.order_id)
        if (wished := plan.places.get(str(line.id))) is not None
        and at.get(line.id) != {ids[wished]}
    ]


def _wanted(line: OrderLine, plan: RoutingPlan, places: Mapping[str, UUID]) -> Hold:
    code = plan.places[str(line.id)]
    if code not in places:
        raise StaleVersion(f"location {code} takes no part any more")
    return Hold(
        line_id=line.id,
        location_id=places[code],
        sku=line.sku,
        quantity=order_lines.open_units(line),
    )


def _tell(session: Session, order: Order, plan: RoutingPlan, run: RoutingRun) -> None:
    record(
        session,
        action="order.place_moved",
        subject_type="order",
        subject_id=order.id,
        order_id=order.id,
        actor=_ACTOR,
        facts={
            "run": run.number,
            "from": plan.from_locations,
            "to": plan.to_locations,
            "gain_minor": plan.gain_minor,
        },
    )
    order_status.refresh(session, order.id, event="order.place_moved")


def _lose(run_id: UUID, order_id: UUID, *, reason: str) -> None:
    with transaction() as session:
        orders.locked(session, order_id)
        for plan in _proposed(session, run_id, [order_id]):
            states.settle_plan(plan, PlanStatus.LOST, reason=reason)
