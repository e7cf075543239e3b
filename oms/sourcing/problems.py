"""From rows to a routing problem: one order, and the network as it stands for it."""

import dataclasses
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

import routing.problem as routing
from oms import clock
from oms.catalogue import queries as catalogue
from oms.customers.models import Address
from oms.fulfilments import giving_back
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.inventory import availability, reservations
from oms.locations import geography
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.lines import open_units
from oms.orders.models import Delivery, Order, OrderLine
from oms.settings import settings
from oms.sourcing import decisions, tariffs
from routing.parse import parse_tariff

LATE_DAYS = 60
"""The promise of an order that would rather come late than never."""


@dataclass(frozen=True, slots=True)
class Task:
    """Everything that a decision for one order rests on, as plain values."""

    order_id: UUID
    order_version: int
    tariff_id: UUID
    problem: routing.Problem
    waiting: bool
    """Whether every open unit waits for stock already, and a decision says why."""
    notes: tuple[str, ...]
    """What had to be assumed, in words, for the explanation."""


def task(session: Session, order: Order) -> Task | None:
    """State the routing of an order's open lines; None when nothing is open.

    What the order itself holds counts as available to it, so that its own reservation never
    blocks it.
    """
    working = reservations.in_work(session, order.id)
    lines = [
        line
        for line in orders.lines(session, order.id)
        if line.id not in working and open_units(line) > 0
    ]
    if not lines:
        return None
    sheet = tariffs.current(session, currency=order.currency)
    places = locations.active(session)
    where, notes = _destination(session, order, places)
    return Task(
        order_id=order.id,
        order_version=order.version,
        tariff_id=sheet.id,
        problem=routing.Problem(
            currency=order.currency,
            tariff=parse_tariff(sheet.sheet),
            locations=stated_locations(session, places),
            stock=_stock(session, order, lines, places),
            orders=(_order(session, order, lines, places, where),),
        ),
        waiting=all(line.backordered == open_units(line) for line in lines)
        and decisions.exist(session, order.id),
        notes=notes,
    )


def without_promise(problem: routing.Problem) -> routing.Problem:
    """The same problem for an order that would rather come late than never."""
    order = dataclasses.replace(problem.orders[0], promise_days=LATE_DAYS)
    return dataclasses.replace(problem, orders=(order,))


def days_left(promise_by: datetime) -> int:
    """Whole days until the promise, within what routing reckons with.

    Never negative: a late order still wants the fastest way.
    """
    days = math.ceil((promise_by - clock.now()) / timedelta(days=1))
    return min(max(0, days), routing.MOST_DAYS)


def _destination(
    session: Session, order: Order, places: Sequence[Location]
) -> tuple[tuple[float, float], tuple[str, ...]]:
    """Coordinates of the customer, or the best that is known of them."""
    if order.pickup_location_id is not None:
        store = session.get_one(Location, order.pickup_location_id)
        return (store.latitude, store.longitude), ()
    address = session.get(Address, order.address_id) if order.address_id else None
    if address is not None:
        if address.latitude is not None and address.longitude is not None:
            return (address.latitude, address.longitude), ()
        found = geography.locate(session, country=address.country, postcode=address.postcode)
        if found is not None:
            return found, ()
    middle = (
        sum(place.latitude for place in places) / max(1, len(places)),
        sum(place.longitude for place in places) / max(1, len(places)),
    )
    return middle, ("The postcode is not on the map, so distances are from the network's middle.",)


def stated_locations(session: Session, places: Sequence[Location]) -> tuple[routing.Location, ...]:
    """Locations as routing takes them, less the capacity that given work uses up."""
    busy = _work_given_today(session)
    return tuple(
        routing.Location(
            id=place.code,
            kind=place.kind.value,
            lat=place.latitude,
            lon=place.longitude,
            parcel_cents=place.parcel_cost_minor,
            line_cents=place.line_cost_minor,
            pickup_cents=place.pickup_cost_minor,
            handling_days=place.handling_days,
            capacity_parcels=None
            if place.capacity_parcels is None
            else max(0, place.capacity_parcels - busy.get(place.id, 0)),
        )
        for place in places
    )


def _work_given_today(session: Session) -> dict[UUID, int]:
    """Fulfilments given to each location in the last 24 hours that it has not given back."""
    given_back = (FulfilmentStatus.REJECTED, FulfilmentStatus.CANCELLED)
    rows = session.execute(
        select(col(Fulfilment.location_id), func.count())
        .where(
            col(Fulfilment.created_at) > clock.now() - timedelta(days=1),
            col(Fulfilment.status).not_in(given_back),
        )
        .group_by(col(Fulfilment.location_id))
    ).all()
    return {row[0]: row[1] for row in rows}


def _stock(
    session: Session, order: Order, lines: Sequence[OrderLine], places: Sequence[Location]
) -> tuple[routing.Stock, ...]:
    wanted = {line.id for line in lines}
    units = dict(availability.promisable(session, [line.sku for line in lines]))
    for row in reservations.held(session, order.id):
        if row.line_id in wanted:
            spot = (row.sku, row.location_id)
            units[spot] = units.get(spot, 0) + row.quantity
    codes = {place.id: place.code for place in places}
    return tuple(
        routing.Stock(codes[location_id], sku, count)
        for (sku, location_id), count in sorted(
            units.items(), key=lambda item: (codes.get(item[0][1], ""), item[0][0])
        )
        if location_id in codes
    )


def _order(
    session: Session,
    order: Order,
    lines: Sequence[OrderLine],
    places: Sequence[Location],
    where: tuple[float, float],
) -> routing.Order:
    products = catalogue.products(session, [line.sku for line in lines])
    return routing.Order(
        id=str(order.id),
        lat=where[0],
        lon=where[1],
        promise_days=days_left(order.promise_by),
        max_parcels=settings().max_parcels_per_order,
        lines=tuple(
            routing.Line(
                id=str(line.id),
                sku=line.sku,
                units=open_units(line),
                weight_g=min(products[line.sku].weight_g * open_units(line), routing.MOST_GRAMS),
                unfilled_cents=settings().unfilled_cost_minor,
            )
            for line in lines
        ),
        pickup_at=_pickup_at(order, places),
        excluded=_excluded(session, order, places),
    )


def _pickup_at(order: Order, places: Collection[Location]) -> tuple[str, ...] | None:
    """The chosen store alone; nowhere, if it takes no part any more; None for a delivery."""
    if order.delivery is not Delivery.PICKUP:
        return None
    return tuple(place.code for place in places if place.id == order.pickup_location_id)


def _excluded(session: Session, order: Order, places: Collection[Location]) -> dict[str, str]:
    """Locations that must not serve this order, each with its reason in words."""
    codes = {place.id: place.code for place in places}
    pickup = order.delivery is Delivery.PICKUP
    unable = {
        place.code: "does not hand over pickups" if pickup else "does not ship"
        for place in places
        if not (place.can_pickup if pickup else place.can_ship)
    }
    gave_back = {
        codes[row.location_id]: f"gave this order back ({row.reason.value.replace('_', ' ')})"
        for row in giving_back.rejected_locations(session, order.id)
        if row.location_id in codes
    }
    return unable | gave_back
