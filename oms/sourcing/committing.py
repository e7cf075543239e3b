"""Make a decision true: bind the stock, write the decision, give locations their work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import Session, select

import routing.problem as routing
from oms import clock
from oms.audit.recording import record
from oms.exceptions.cases import open_case, resolve_cause
from oms.exceptions.models import ExceptionKind
from oms.fulfilments import order_status
from oms.fulfilments import states as fulfilment_states
from oms.fulfilments.models import Fulfilment, FulfilmentLine
from oms.inventory import reservations
from oms.inventory.reservations import Hold
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.models import Delivery, Order, OrderLine
from oms.orders.queries import require_version
from oms.pickup import preparing
from oms.sourcing import sending_on
from oms.sourcing.buckets import hold_lines
from oms.sourcing.deciding import Solved
from oms.sourcing.models import RoutingDecision
from oms.sourcing.parts import units_in
from oms.sourcing.problems import Task
from oms.sourcing.replaying import kept_inputs
from oms.sourcing.sending_on import Sent
from routing.document import problem_document
from routing.plan import OrderPlan


@dataclass(frozen=True, slots=True)
class Routed:
    """What came of a routing: fulfilments made, transfers asked for, and lines nobody can fill."""

    fulfilment_ids: tuple[UUID, ...]
    unfilled: int
    transfers: int = 0


def commit(session: Session, task: Task, solved: Solved, *, actor: str) -> Routed:
    """Carry a decision out, if the order is still what it was decided for.

    Raises `StaleVersion` when the order has changed and `InsufficientStock` when another took
    the stock meanwhile; then the caller looks again. Nothing of it is kept in that case.
    """
    order = orders.locked(session, task.order_id)
    require_version(f"order {order.number}", have=order.version, seen=task.order_version)
    places = {place.code: place for place in session.exec(select(Location))}
    row, plan = _store(session, task, solved), solved.decision.plan
    lines = {str(line.id): line for line in orders.lines(session, order.id)}
    [wanted] = task.problem.orders
    sent = sending_on.sent(plan, wanted)
    made, holds = _give_out(
        session,
        order,
        row,
        plan,
        wanted,
        places=places,
        lines=lines,
        awaits=bool(sent) or any(line.in_transfer for line in lines.values()),
    )
    if sent:
        _lock(session, order, holds, sent, places=places, lines=lines)
    concerned = [lines[line.id] for line in wanted.lines]
    hold_lines(session, order, concerned, holds=holds, actor=actor)
    if sent:
        costs = solved.decision.explanation.winner.parcels
        arrivals = sending_on.arrivals(costs, today=task.today, places=places)
        sending_on.send(
            session, row, sent, places=places, lines=lines, arrivals=arrivals, actor=actor
        )
    for fulfilment in made:
        fulfilment_states.created(session, fulfilment, actor=actor)
        if fulfilment.kind is Delivery.PICKUP:
            preparing.create(session, fulfilment, actor=actor)
    _say_what_is_unfilled(session, order, plan)
    _audit(session, order, row, plan, actor=actor)
    order_status.refresh(session, order.id, event="order.routed")
    return Routed(tuple(part.id for part in made), unfilled=len(plan.unfilled), transfers=len(sent))


def _give_out(
    session: Session,
    order: Order,
    row: RoutingDecision,
    plan: OrderPlan,
    wanted: routing.Order,
    *,
    places: Mapping[str, Location],
    lines: Mapping[str, OrderLine],
    awaits: bool,
) -> tuple[list[Fulfilment], list[Hold]]:
    """Make work of a plan's parcels; while goods are awaited their store only holds what it has."""
    made: list[Fulfilment] = []
    holds: list[Hold] = []
    for parcel in plan.parcels:
        place, units = places[parcel.location], units_in(parcel, wanted)
        if parcel.to is not None:
            continue
        if awaits:
            holds += [_hold(lines[line], place.id, count) for line, count in units.items()]
            continue
        fulfilment = _fulfilment(order, place, row)
        session.add(fulfilment)
        session.flush()
        made.append(fulfilment)
        holds += [_give(session, lines[line], fulfilment, count) for line, count in units.items()]
    return made, holds


def _lock(
    session: Session,
    order: Order,
    holds: Sequence[Hold],
    sent: Sequence[Sent],
    *,
    places: Mapping[str, Location],
    lines: Mapping[str, OrderLine],
) -> None:
    """Lock all stock that is let go, held and sent on at once: it is done in several steps."""
    spots = {(hold.sku, hold.location_id) for hold in holds}
    spots |= {
        (lines[line].sku, places[one.parcel.location].id) for one in sent for line in one.units
    }
    reservations.lock_stock(session, order.id, besides=sorted(spots))


def _store(session: Session, task: Task, solved: Solved) -> RoutingDecision:
    decision = solved.decision
    reasons = [reason for reason in (solved.late, decision.fallback) if reason]
    row = RoutingDecision(
        order_id=task.order_id,
        order_version=task.order_version,
        at=clock.now(),
        engine=decision.engine.value,
        status=decision.status.value,
        cost_minor=decision.plan.cost_cents,
        lower_bound_minor=decision.lower_bound_cents,
        currency=task.problem.currency,
        tariff_id=task.tariff_id,
        policy_version=task.policy_version,
        fallback_reason="; ".join(reasons) or None,
        snapshot=problem_document(solved.problem),
        inputs=kept_inputs(task, solved),
        plan=decision.plan_document(),
        explanation=decision.explanation_document(),
        notes=[*task.notes, *solved.notes],
    )
    session.add(row)
    session.flush()
    return row


def _fulfilment(order: Order, place: Location, decision: RoutingDecision) -> Fulfilment:
    return Fulfilment(
        order_id=order.id,
        location_id=place.id,
        kind=order.delivery,
        decision_id=decision.id,
        due_at=order.promise_by,
        created_at=clock.now(),
    )


def _give(session: Session, line: OrderLine, fulfilment: Fulfilment, units: int) -> Hold:
    hold = _hold(line, fulfilment.location_id, units)
    session.add(
        FulfilmentLine(fulfilment_id=fulfilment.id, line_id=line.id, sku=line.sku, quantity=units)
    )
    return replace(hold, fulfilment_id=fulfilment.id)


def _hold(line: OrderLine, location_id: UUID, units: int) -> Hold:
    return Hold(line_id=line.id, location_id=location_id, sku=line.sku, quantity=units)


def _say_what_is_unfilled(session: Session, order: Order, plan: OrderPlan) -> None:
    """A delivery waits for stock; a pickup that cannot be filled waits for a person."""
    if not plan.unfilled:
        resolve_cause(
            session, cause_type="routing", cause_id=order.id, actor="system", resolution="filled"
        )
    elif order.delivery is Delivery.PICKUP:
        open_case(
            session,
            kind=ExceptionKind.CANNOT_FILL,
            cause_type="routing",
            cause_id=order.id,
            order_id=order.id,
            detail=f"the chosen store cannot fill {len(plan.unfilled)} line(s) of pickup"
            f" order {order.display_number}",
            remedy="agree with the customer: wait, have it sent to the store, another store, or"
            " cancel; a pickup is not turned into a delivery by itself",
        )


def _audit(
    session: Session, order: Order, row: RoutingDecision, plan: OrderPlan, *, actor: str
) -> None:
    record(
        session,
        action="order.routed",
        subject_type="order",
        subject_id=order.id,
        order_id=order.id,
        actor=actor,
        facts={
            "decision_id": str(row.id),
            "locations": [parcel.location for parcel in plan.parcels],
            "sent_to": sorted({parcel.to for parcel in plan.parcels if parcel.to is not None}),
            "unfilled": len(plan.unfilled),
            "cost_minor": row.cost_minor,
        },
    )
