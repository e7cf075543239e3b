"""A store's hours have changed: what was promised for when it is closed now is moved, never back.

What a customer was told stays true as long as the doors are open then. A time that falls into a
closed day moves to the next opening; nobody is told to come earlier than before.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from oms.fulfilments.models import Fulfilment
from oms.locations import opening
from oms.locations.calendars import Calendar, calendars
from oms.locations.models import Location
from oms.locations.opening import Week
from oms.notifications import notices
from oms.orders.models import Order
from oms.pickup import queries, showing, slots, states
from oms.pickup.models import Pickup, PickupStatus
from oms.settings import settings


@dataclass(frozen=True, slots=True)
class Moved:
    """How many pickups wait longer, and how many are promised for later, than before."""

    wait_longer: int = 0
    promised_later: int = 0


def set_week(session: Session, store: Location, week: Week, *, actor: str) -> Moved:
    """Change a store's week, and what falls out of it."""
    opening.set_week(session, store, week, actor=actor)
    return reschedule(session, store, actor=actor)


def close_on(session: Session, store: Location, day: date, *, reason: str, actor: str) -> Moved:
    """Close a store for a day, and move what falls on it."""
    opening.close_on(session, store, day, reason=reason, actor=actor)
    return reschedule(session, store, actor=actor)


def reschedule(session: Session, store: Location, *, actor: str) -> Moved:
    """Bring every open pickup of a store in line with its hours. Repeating it changes nothing."""
    session.flush()
    calendar = calendars(session, [store])[store.code]
    waiting = session.exec(
        select(Pickup.id)
        .where(
            Pickup.location_id == store.id,
            col(Pickup.status).in_((PickupStatus.PREPARING, PickupStatus.READY)),
        )
        .order_by(col(Pickup.order_id), col(Pickup.id))  # orders are locked in one sequence
    ).all()
    longer = later = 0
    for pickup_id in waiting:
        pickup, fulfilment = queries.locked(session, pickup_id)
        if pickup.status is PickupStatus.READY:
            longer += _wait_longer(session, pickup, calendar, actor=actor)
        elif pickup.status is PickupStatus.PREPARING:
            later += _promise_later(session, pickup, fulfilment, calendar, actor=actor)
    return Moved(longer, later)


def _wait_longer(session: Session, pickup: Pickup, calendar: Calendar, *, actor: str) -> bool:
    assert pickup.pick_up_by is not None
    until = calendar.kept_or_next_closing(pickup.pick_up_by)
    if until is None or until <= pickup.pick_up_by:
        return False
    pickup.pick_up_by = until
    facts = {"pick_up_by": until.isoformat()}
    states.touched(session, pickup, action="pickup.waits_longer", actor=actor, facts=facts)
    notices.pickup_reminder(
        session,
        order_id=pickup.order_id,
        location_id=pickup.location_id,
        cause=f"pickup:{pickup.id}:until:{until:%Y%m%d%H%M}",
        code=pickup.code,
        link=showing.link(pickup),
        pick_up_by=until,
    )
    return True


def _promise_later(
    session: Session, pickup: Pickup, fulfilment: Fulfilment, calendar: Calendar, *, actor: str
) -> bool:
    """Move a promise that falls into closed hours; a booked slot is its customer's to change."""
    if slots.of_order(session, pickup.order_id) is not None:
        return False
    if calendar.kept_or_next_closing(pickup.due_at) == pickup.due_at:
        return False
    work = timedelta(minutes=settings().pickup_ready_minutes)
    due = calendar.add_open_time(pickup.due_at, work)
    if due is None or due <= pickup.due_at:
        return False
    pickup.due_at = fulfilment.due_at = due
    order = session.get_one(Order, pickup.order_id)
    order.promise_by = max(order.promise_by, due)
    facts = {"due_at": due.isoformat()}
    states.touched(session, pickup, action="pickup.promised_later", actor=actor, facts=facts)
    return True
