"""Call an order off, wholly or line by line, as long as the goods are in the house."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session

from oms.audit.recording import record
from oms.errors import Conflict
from oms.exceptions.cases import resolve_cause
from oms.fulfilments import giving_back, order_status, shortening
from oms.fulfilments import queries as fulfilments
from oms.fulfilments import states as fulfilment_states
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, ParcelStatus
from oms.inventory import reservations
from oms.inventory.movements import Cause
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import Order, OrderLine
from oms.orders.queries import require_version
from oms.pickup import calling_off, preparing, slots
from oms.pickup import queries as pickups
from oms.pickup import states as pickup_states
from oms.pickup.models import PickupStatus
from oms.transfers import sending

_IN_THE_HOUSE = (
    FulfilmentStatus.ALLOCATED,
    FulfilmentStatus.PICKING,
    FulfilmentStatus.PACKED,
)


class TooLate(Conflict):
    """The goods have left, or the order is closed."""

    code = "too_late"


def cancel(
    session: Session, order_id: UUID, *, actor: str, reason: str, version: int | None = None
) -> Order:
    """Cancel whatever has not left the house; release its stock.

    Raises `TooLate` when nothing can be cancelled any more. What has been shipped or
    collected stays so: it comes back as a return. What lies ready for its customer is called off
    at once, and its stock is released when it is back on its shelf.
    """
    order = orders.locked(session, order_id)
    require_version(f"order {order.number}", have=order.version, seen=version)
    reservations.lock_stock(session, order_id)
    cancelled = sum(
        cancel_fulfilment(session, part, actor=actor)
        for part in fulfilments.of_order(session, order_id)
        if part.status in _IN_THE_HOUSE and not _with_its_customer(session, part)
    )
    session.flush()
    lines = orders.lines(session, order_id)
    cancelled += sum(_cancel_waiting(session, line, actor=actor) for line in lines)
    if cancelled == 0:
        raise TooLate(
            f"order {order.display_number} is {order.status.value.replace('_', ' ')};"
            " nothing of it can be cancelled",
            field="status",
            remedy="what has been shipped or collected comes back as a return",
        )
    slots.give_up(session, order.id)
    sending.cancel_for_order(session, order.id, actor=actor)
    resolve_cause(
        session,
        cause_type="routing",
        cause_id=order.id,
        actor=actor,
        resolution="the order was cancelled",
    )
    record(
        session,
        action="order.cancelled",
        subject_type="order",
        subject_id=order.id,
        order_id=order.id,
        actor=actor,
        facts={"reason": reason, "units": cancelled},
    )
    # A channel that called it off itself need not be told; everybody else's word is news to it.
    from_channel = actor.startswith("channel:")
    event = "order.cancelled" if from_channel else "order.cancelled_here"
    return order_status.refresh(session, order_id, event=event)


def cancel_fulfilment(session: Session, part: Fulfilment, *, actor: str) -> int:
    """Call one location's work off; return its units. Labels are voided with it."""
    units = sum(line.quantity for line in fulfilments.lines(session, part.id))
    for parcel in fulfilments.live_parcels(session, part.id):
        # A carrier that was chosen may have sold a label whose answer has not come.
        parcel.void_owed = parcel.carrier is not None or parcel.tracking_number is not None
        fulfilment_states.move_parcel(parcel, ParcelStatus.VOIDED)
    if (pickup := pickups.of_fulfilment(session, part.id)) is not None:
        locked, _ = pickups.locked(session, pickup.id)
        if locked.status in pickup_states.STAGED:
            calling_off.goods_stay(session, locked, part, actor=actor)
            return units
        preparing.cancel(session, locked, actor=actor)
    giving_back.cancel(session, part, actor=actor)
    return units


def cancel_units(
    session: Session, order: Order, cuts: Mapping[UUID, int], *, actor: str
) -> Mapping[UUID, int]:
    """Cut waiting lines down by these units; return what could not be cut.

    A pickup that is not on its shelf yet goes on with what is left of it, or ends. Other work that
    has begun is a person's decision. The caller refreshes the order's status.
    """
    cuts = _cut_pickups(session, order, cuts, actor=actor)
    left: dict[UUID, int] = {}
    sent_for = any(line.in_transfer for line in orders.lines(session, order.id))
    reservations.lock_stock(session, order.id)
    working = reservations.in_work(session, order.id)
    for line in orders.lines(session, order.id):
        wish = cuts.get(line.id, 0)
        for bucket in order_lines.UNDELIVERED:
            kept = working.get(line.id, 0) if bucket == "reserved" else 0
            units = min(wish, getattr(line, bucket) - kept)
            if units and bucket == "reserved":
                _let_go(session, line, units, actor=actor)
            order_lines.shift(line, out_of=bucket, into="cancelled", units=units)
            wish -= units
        if wish:
            left[line.id] = wish
    if sent_for and not any(line.in_transfer for line in orders.lines(session, order.id)):
        sending.cancel_for_order(session, order.id, actor=actor)
    return left


def _let_go(session: Session, line: OrderLine, units: int, *, actor: str) -> None:
    """Let units go that are held for a line and that nobody works on, wherever they are held."""
    cause = Cause("order", line.order_id, actor)
    for row in reservations.held(session, line.order_id):
        if row.line_id == line.id and row.fulfilment_id is None and units:
            by = min(units, row.quantity)
            reservations.reduce(session, row, by=by, cause=cause)
            units -= by
    assert not units, "a line's reserved units are held for it"


def _cut_pickups(
    session: Session, order: Order, cuts: Mapping[UUID, int], *, actor: str
) -> Mapping[UUID, int]:
    """Take units out of pickups that are still to be picked; return what is to be cut elsewhere.

    Otherwise the store would look for goods that nobody wants, and could never be ready.
    """
    left = dict(cuts)
    for part in fulfilments.of_order(session, order.id):
        pickup = pickups.of_fulfilment(session, part.id)
        if pickup is None or part.status not in shortening.NOT_PACKED:
            continue
        locked, _ = pickups.locked(session, pickup.id)
        here = {
            line.line_id: min(left.get(line.line_id, 0), line.quantity)
            for line in fulfilments.lines(session, part.id)
        }
        here = {line_id: units for line_id, units in here.items() if units}
        if not here:
            continue
        rest = shortening.take_out(session, part, here, into="cancelled", actor=actor)
        if rest:
            preparing.lessened(session, locked, actor=actor, units=sum(here.values()))
        else:
            fulfilment_states.move(session, part, FulfilmentStatus.CANCELLED, actor=actor)
            preparing.cancel(session, locked, actor=actor)
        left = {line_id: units - here.get(line_id, 0) for line_id, units in left.items()}
    return left


def _with_its_customer(session: Session, part: Fulfilment) -> bool:
    """Whether somebody at the counter has just been given it."""
    pickup = pickups.of_fulfilment(session, part.id)
    return pickup is not None and pickup.status is PickupStatus.HANDING_OVER


def _cancel_waiting(session: Session, line: OrderLine, *, actor: str) -> int:
    """Let go of what no location has; what is being handed over stays as it is."""
    cause = Cause("order", line.order_id, actor)
    held = [row for row in reservations.held(session, line.order_id) if row.line_id == line.id]
    rows = [row for row in held if row.fulfilment_id is None]
    reservations.release(session, rows, cause=cause)
    units = 0
    for bucket in order_lines.UNDELIVERED:
        there: int = getattr(line, bucket)
        if bucket == "reserved":
            there = sum(row.quantity for row in rows)
        order_lines.shift(line, out_of=bucket, into="cancelled", units=there)
        units += there
    return units
