"""Who could send an article to a store, by when and at what cost: as routing reckons a parcel."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlmodel import Session

from oms import clock
from oms.inventory import availability
from oms.locations import queries as locations
from oms.locations.calendars import calendars
from oms.locations.models import Location
from oms.orders.models import Delivery, Order
from oms.sourcing import dating, policies, problems, tariffs
from oms.sourcing import policy as policy_rules
from oms.sourcing.problems import Wish, WishLine
from routing.candidates import Choices, survey, too_heavy
from routing.network import network_of, supply_of

MOST_SENDERS: Final = 5
_WITHIN: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Sender:
    """A location that has all of it free. `cost_minor` is carriage, packing and picking."""

    location: Location
    arrives_by: datetime
    cost_minor: int


def who_could_send(
    session: Session, order: Order, *, store: Location, sku: str, units: int
) -> list[Sender]:
    """The locations that could send units to the order's store: the earliest, then the cheapest.

    What a policy forbids is not offered. Units that rules keep back are not sent either.
    """
    places = locations.active(session)
    sheet = tariffs.current(session, currency=order.currency)
    policy = policies.current(session).policy
    by = clock.now() + _WITHIN
    wish = Wish(
        id=str(order.id),
        channel=order.channel,
        currency=order.currency,
        promise_by=by,
        lines=(WishLine("1", sku, units),),
        delivery=Delivery.SHIP,
        service=policy_rules.service_of(
            policy, delivery=Delivery.SHIP, placed_at=order.placed_at, promise_by=by
        ),
        pickup_location_id=None,
        where=(store.latitude, store.longitude),
        excluded={store.code: "is where they are to come to"},
    )
    problem = problems.problem(session, wish, places=places, tariff=sheet, policy=policy).problem
    network = network_of(problem)
    choices = survey(network, supply_of(problem, network), problem.orders[0])
    if too_heavy(choices.rates, choices.lines[0]):
        return []
    free = {row.location_id: row.promisable for row in availability.of(session, [sku])}
    by_code = {place.code: place for place in places}
    first = dating.today(calendars(session, places).values())
    found = [
        _sender(by_code[network.ids[at]], choices, at, first=first, store=store)
        for at in np.flatnonzero(choices.able[0]).tolist()
    ]
    enough = [one for one in found if free.get(one.location.id, 0) >= units]
    enough.sort(key=lambda one: (one.arrives_by, one.cost_minor, one.location.code))
    return enough[:MOST_SENDERS]


def _sender(place: Location, choices: Choices, at: int, *, first: date, store: Location) -> Sender:
    arrives_on = first + timedelta(days=int(choices.days[at]))
    cost = choices.rates.package_cents(
        at=at, zone=int(choices.zone[at]), lines=1, weight_g=choices.lines[0].weight_g
    )
    return Sender(place, dating.end_of(arrives_on, zone=ZoneInfo(store.time_zone)), cost)
