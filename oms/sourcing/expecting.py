"""What may come: the orders of the last days, as a guess at those of the next.

Joint runs value stock for them (`routing.batch.foresight`): what yesterday's customers near a store
would have wanted of it is not sent across the country today.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

import routing.problem as routing
from oms import clock
from oms.catalogue import queries as catalogue
from oms.catalogue.models import Product
from oms.customers.models import Address
from oms.ids import first_id_at
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.orders.models import Delivery, Order, OrderLine
from oms.settings import settings
from oms.sourcing import barring, locating, policies, problems, stating
from oms.sourcing import policy as policy_rules
from oms.sourcing.inputs import ruled
from oms.sourcing.policy import Policy
from oms.sourcing.problems import Wish, WishLine
from oms.sourcing.stating import Stated

DAYS: Final = 2
"""More days cost the solver more and taught no more."""
_DAY: Final = timedelta(days=1)
_SLACK: Final = timedelta(minutes=10)
"""Ids sort by the time they were made; clocks may differ by so much."""


def orders(session: Session, *, currency: str) -> Sequence[Sequence[routing.Order]]:
    """The deliveries captured in each of the last days of 24 hours, the newest day first.

    A day on which nobody came counts; where nobody came on any, there are no days. Of each day at
    most so many are read as one run may have, the newest. Their promises are as far off as they
    were when the orders were placed, and no location has given any of them back.
    """
    now, places = clock.now(), locations.active(session)
    policy, stated = policies.current(session).policy, stating.state(session, places)
    days = []
    for ago in range(1, DAYS + 1):
        wishes = _wishes(session, currency, since=now - ago * _DAY, places=places, policy=policy)
        products = catalogue.products(session, {line.sku for wish in wishes for line in wish.lines})
        days.append(
            as_orders(wishes, policy=policy, products=products, places=places, stated=stated)
        )
    return days if any(days) else []


def as_orders(
    wishes: Iterable[Wish],
    *,
    policy: Policy,
    products: Mapping[str, Product],
    places: Sequence[Location],
    stated: Stated,
) -> list[routing.Order]:
    """Wishes to be shipped, as routing takes them under a policy."""
    unable = barring.unable(Delivery.SHIP, places, stated)
    return [
        ruled(
            problems.bare_order(wish, products=products, stated=stated, unable=unable),
            policy,
            channel=wish.channel,
            service=wish.service,
            categories={products[line.sku].category for line in wish.lines},
            known=stated.calendars,
        )
        for wish in wishes
    ]


def _wishes(
    session: Session, currency: str, *, since: datetime, places: Sequence[Location], policy: Policy
) -> list[Wish]:
    """What was wanted in the day that began then, as if it were ordered now."""
    chosen = (
        select(Order.id)
        .where(
            col(Order.id) >= first_id_at(since - _SLACK),
            col(Order.captured_at) > since,
            col(Order.captured_at) <= since + _DAY,
            Order.currency == currency,
            col(Order.delivery) == Delivery.SHIP,
        )
        .order_by(col(Order.number).desc())
        .limit(settings().routing_run_most_orders)
    )
    found = session.exec(
        select(Order).where(col(Order.id).in_(chosen)).order_by(col(Order.number))
    ).all()
    lines = _lines(session, chosen)
    addresses = select(Address).where(
        col(Address.id).in_(select(Order.address_id).where(col(Order.id).in_(chosen)))
    )
    where = _where(session, {row.id: row for row in session.exec(addresses)}, places)
    middle = locating.middle(places)[0]
    return [
        Wish(
            id=str(order.id),
            channel=order.channel,
            currency=order.currency,
            promise_by=clock.now() + (order.promise_by - order.captured_at),
            lines=tuple(lines[order.id]),
            delivery=order.delivery,
            service=policy_rules.service_of(
                policy,
                delivery=order.delivery,
                placed_at=order.placed_at,
                promise_by=order.promise_by,
            ),
            pickup_location_id=None,
            where=where.get(order.address_id, middle) if order.address_id else middle,
        )
        for order in found
        if order.id in lines
    ]


def _lines(session: Session, chosen: SelectOfScalar[UUID]) -> Mapping[UUID, Sequence[WishLine]]:
    """What was ordered and not cancelled, by order."""
    found: dict[UUID, list[WishLine]] = {}
    for line in session.exec(
        select(OrderLine)
        .where(col(OrderLine.order_id).in_(chosen), OrderLine.quantity > OrderLine.cancelled)
        .order_by(col(OrderLine.order_id), col(OrderLine.position))
    ):
        wanted = WishLine(str(line.id), line.sku, line.quantity - line.cancelled)
        found.setdefault(line.order_id, []).append(wanted)
    return found


def _where(
    session: Session, addresses: Mapping[UUID, Address], places: Sequence[Location]
) -> Mapping[UUID, tuple[float, float]]:
    """Where the addresses lie; each postcode is looked up once."""
    known: dict[tuple[object, ...], tuple[float, float]] = {}
    found = {}
    for row in addresses.values():
        spot = (row.country, row.postcode, row.latitude, row.longitude)
        if spot not in known:
            known[spot] = locating.whereabouts(
                session,
                places,
                country=row.country,
                postcode=row.postcode,
                latitude=row.latitude,
                longitude=row.longitude,
            )[0]
        found[row.id] = known[spot]
    return found
