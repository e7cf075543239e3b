"""A customer waits at the car too long, or never came: what happens when nobody does anything."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.locations.models import Location
from oms.orders.models import Order
from oms.pickup import arrivals, queries, states
from oms.pickup.curbside_models import Arrival, ArrivalStatus
from oms.pickup.models import Pickup
from oms.settings import settings

NEVER_CAME_AFTER = timedelta(hours=1)
"""From when a customer on the way meant to be there, until the store expects them no more."""


def next_deadline(arrival: Arrival | None) -> datetime | None:
    """When something is due for a visit that nobody attends to; None if nothing is."""
    if arrival is None:
        return None
    if arrival.status is ArrivalStatus.ON_THE_WAY:
        assert arrival.expected_at is not None
        return arrival.expected_at + NEVER_CAME_AFTER
    left = settings().curbside_escalate_minutes[arrival.escalated :]
    if arrival.status is not ArrivalStatus.HERE or not left:
        return None
    assert arrival.here_at is not None
    return arrival.here_at + timedelta(minutes=left[0])


def meet_deadline(session: Session, pickup_id: UUID, *, actor: str = "system") -> Arrival | None:
    """Do what is due now for the pickup's visit, if anything still is.

    Each step is counted on the visit under its lock, so a deadline that fires twice or late acts
    once. The last step opens a case for operations: nobody in the store answers.
    """
    pickup, _ = queries.locked(session, pickup_id)
    arrival = arrivals.open_visit(session, pickup.id)
    due = next_deadline(arrival)
    if arrival is None or due is None or due > clock.now():
        return arrival
    if arrival.status is ArrivalStatus.ON_THE_WAY:
        states.move_arrival(session, pickup, arrival, ArrivalStatus.GONE, actor=actor)
        return arrival
    assert arrival.here_at is not None
    waited = clock.now() - arrival.here_at
    steps = settings().curbside_escalate_minutes
    # After an outage several steps may be due; they are taken as one.
    arrival.escalated = sum(waited >= timedelta(minutes=minutes) for minutes in steps)
    minutes = int(waited.total_seconds() // 60)
    states.arrival_changed(
        session, pickup, arrival, action="arrival.escalated", actor=actor, minutes=minutes
    )
    if arrival.escalated == len(steps):
        _ask_operations(session, pickup, arrival, minutes=minutes)
    return arrival


def _ask_operations(session: Session, pickup: Pickup, arrival: Arrival, *, minutes: int) -> None:
    store = session.get_one(Location, pickup.location_id)
    number = session.get_one(Order, pickup.order_id).display_number
    open_case(
        session,
        kind=ExceptionKind.CUSTOMER_WAITS,
        cause_type="arrival",
        cause_id=arrival.id,
        order_id=pickup.order_id,
        detail=f"the customer of order {number} has waited {minutes} minutes at the car at"
        f" {store.name} ({store.code}), and nobody has taken it",
        remedy="call the store; the case closes by itself when somebody there takes it",
    )
