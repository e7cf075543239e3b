"""Carry out what a decision sends to the store of a pickup: one transfer from each sender.

What the store has itself is held there meanwhile and given to nobody's work: the order is handed
over whole, when the last of its transfers is over (`oms.ordering.ship_to_store`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from oms.locations.models import Location
from oms.orders import lines as order_lines
from oms.orders.models import Order, OrderLine
from oms.sourcing import dating
from oms.sourcing.models import RoutingDecision
from oms.transfers import sending
from routing.explain import ParcelCost
from routing.plan import OrderPlan, ParcelPlan

Lines = Mapping[str, OrderLine]


def sent_on(plan: OrderPlan) -> list[ParcelPlan]:
    """The parcels of a plan that go to the store which hands the order over."""
    return [parcel for parcel in plan.parcels if parcel.to is not None]


def wanted(parcel: ParcelPlan, lines: Lines) -> Mapping[str, int]:
    """The units that a parcel sends on, by article."""
    units: Counter[str] = Counter()
    for line_id in parcel.lines:
        units[lines[line_id].sku] += order_lines.open_units(lines[line_id])
    return units


def send(
    session: Session,
    order: Order,
    decision: RoutingDecision,
    asked: Sequence[tuple[ParcelPlan, Mapping[str, int]]],
    *,
    places: Mapping[str, Location],
    lines: Lines,
    arrivals: Mapping[str, datetime],
    actor: str,
) -> None:
    """Ask each sender for its part; the units of its lines are in transfer from now on.

    The order has let go of them, under the lock of their stock. `arrivals` says by sender when they
    should be there. Raises `InsufficientStock` if one of them has not all of it free.
    """
    for parcel, units in asked:
        assert parcel.to is not None
        sending.request(
            session,
            from_location_id=places[parcel.location].id,
            to_location_id=places[parcel.to].id,
            wanted=units,
            expected_at=arrivals[parcel.location],
            order_id=order.id,
            decision_id=decision.id,
            actor=actor,
        )
        for line_id in parcel.lines:
            line = lines[line_id]
            order_lines.shift(
                line, out_of="backordered", into="in_transfer", units=line.backordered
            )
    session.flush()


def arrivals(
    parcels: Sequence[ParcelCost], *, today: date, places: Mapping[str, Location]
) -> dict[str, datetime]:
    """When what each sender sends should be there: by the end of the day, on the store's clock."""
    return {
        parcel.location: dating.end_of(
            today + timedelta(days=parcel.days), zone=ZoneInfo(places[parcel.to].time_zone)
        )
        for parcel in parcels
        if parcel.to is not None
    }
