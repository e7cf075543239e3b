"""State the slot of a pickup: its store hands over in windows, and this order in one of them.

The windows are the slots of that day with the places that are left, less where the store has less
capacity left at all. Without a slot a customer comes to the counter when the goods are ready, and
the store's capacity is the only limit.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from oms import clock
from oms.locations.models import Location
from oms.pickup import slots
from oms.pickup.slots import Slot
from routing.problem import MOST_DAYS, Problem, Serves, Window

_NAMED: Final = "%Y-%m-%d %H:%M"


def in_slot(session: Session, problem: Problem, order_id: UUID, *, today: date) -> Problem:
    """The problem of one order, with the slot that it has; the same if it has none to come.

    Days are counted from `today`.
    """
    [order] = problem.orders
    booking = slots.of_order(session, order_id) if order.pickup_at else None
    if booking is None or booking.starts_at <= clock.now():
        return problem
    store = session.get_one(Location, booking.location_id)
    zone = ZoneInfo(store.time_zone)
    day = booking.starts_at.astimezone(zone).date()
    found = slots.of_its_day(session, booking)
    days = min(max(0, (day - today).days), MOST_DAYS)
    locations = tuple(
        replace(
            place,
            windows=tuple(
                _window(slot, zone, days=days, most=place.capacity_parcels) for slot in found
            )
            or (_none(days),),
        )
        if place.id == store.code
        else place
        for place in problem.locations
    )
    named = _name(booking.starts_at, zone)
    return replace(problem, locations=locations, orders=(replace(order, slot=named),))


def out_of_slot(problem: Problem) -> Problem:
    """The same for a customer who comes when the goods are ready."""
    [order] = problem.orders
    if order.slot is None:
        return problem
    return replace(
        problem,
        locations=tuple(replace(place, windows=()) for place in problem.locations),
        orders=(replace(order, slot=None),),
    )


def _window(slot: Slot, zone: ZoneInfo, *, days: int, most: int | None) -> Window:
    left = slot.left if most is None else min(slot.left, most)
    return Window(_name(slot.starts_at, zone), days, left, Serves.PICKUP)


def _none(days: int) -> Window:
    """A location states some window, and this store has no slots that day any more."""
    return Window("none", days, 0, Serves.PICKUP)


def _name(starts_at: datetime, zone: ZoneInfo) -> str:
    """A slot on the store's clock, as its customer knows it."""
    return starts_at.astimezone(zone).strftime(_NAMED)
