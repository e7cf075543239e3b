"""Carry out what a decision sends to the store of a pickup: one transfer from each sender.

What the store has itself is held there meanwhile and given to nobody's work: the order is handed
over whole, when the last of its transfers is over (`oms.ordering.ship_to_store`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

import routing.problem as routing
from oms.locations.models import Location
from oms.orders import lines as order_lines
from oms.orders.models import OrderLine
from oms.sourcing import dating
from oms.sourcing.models import RoutingDecision
from oms.sourcing.parts import units_in
from oms.transfers import sending
from routing.explain import ParcelCost
from routing.plan import OrderPlan, ParcelPlan

Lines = Mapping[str, OrderLine]


@dataclass(frozen=True, slots=True)
class Sent:
    """A parcel that goes to the store which hands the order over, and its units by line."""

    parcel: ParcelPlan
    units: Mapping[str, int]


def sent(plan: OrderPlan, wanted: routing.Order) -> list[Sent]:
    """The parcels of a plan that are sent on."""
    return [
        Sent(parcel, units_in(parcel, wanted)) for parcel in plan.parcels if parcel.to is not None
    ]


def send(
    session: Session,
    decision: RoutingDecision,
    asked: Sequence[Sent],
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
    for one in asked:
        assert one.parcel.to is not None
        sending.request(
            session,
            from_location_id=places[one.parcel.location].id,
            to_location_id=places[one.parcel.to].id,
            wanted=_by_sku(one, lines),
            expected_at=arrivals[one.parcel.location],
            order_id=decision.order_id,
            decision_id=decision.id,
            actor=actor,
        )
        for line_id, units in one.units.items():
            order_lines.shift(lines[line_id], out_of="backordered", into="in_transfer", units=units)
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


def _by_sku(one: Sent, lines: Lines) -> Mapping[str, int]:
    units: Counter[str] = Counter()
    for line_id, count in one.units.items():
        units[lines[line_id].sku] += count
    return units
