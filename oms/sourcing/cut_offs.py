"""No wait for joint routing goes beyond the cut-off of a location that holds the order's goods."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.inventory import reservations
from oms.locations.calendars import calendars
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.sourcing.policy import before


def of_order(session: Session, order_id: UUID) -> Collection[datetime]:
    """The next cut-off of each location that holds goods for an order, where there is one."""
    held = {row.location_id for row in reservations.held(session, order_id)}
    places = session.exec(select(Location).where(col(Location.id).in_(held))).all()
    hours = calendars(session, places)
    found = [hours[place.code].next_cut_off(clock.now(), cut_off=place.cut_off) for place in places]
    return [moment for moment in found if moment is not None]


def cut_short(session: Session, order: Order) -> None:
    """End the wait of an order whose goods were moved before the first cut-off where they are."""
    ends = of_order(session, order.id) if orders.awaits_release(order) else ()
    if ends and order.release_at is not None:
        order.release_at = max(clock.now(), min(order.release_at, before(*ends)))
