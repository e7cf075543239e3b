"""Gather all orders that wait for joint routing into one problem, with what they hold already."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlmodel import Session

import routing.problem as routing
from oms.catalogue import queries as catalogue
from oms.customers.models import Address
from oms.inventory import availability
from oms.locations.models import Location
from oms.orders.lines import open_units
from oms.orders.models import Delivery, Order
from oms.settings import settings
from oms.sourcing import barring, locating, problems, stating, weighing
from oms.sourcing import policy as policy_rules
from oms.sourcing.inputs import under
from oms.sourcing.knowing import bearing, known_now
from oms.sourcing.policy import Policy
from oms.sourcing.problems import Wish, WishLine
from oms.sourcing.snapshots import Snapshot, Standing
from oms.sourcing.waiting import Pool
from routing.candidates import Choices, survey
from routing.network import network_of, supply_of

_SKUS_AT_ONCE: Final = 10_000
"""PostgreSQL takes 65,535 parameters."""


def snapshot(
    session: Session,
    found: Pool,
    *,
    places: Sequence[Location],
    tariff: routing.Tariff,
    policy: Policy,
) -> Snapshot:
    """State one problem for all: stock is what anybody may have, and what they hold themselves.

    `completed` goes on outside the transaction.
    """
    codes = {place.id: place.code for place in places}
    wishes = dict(_wishes(session, found, places, policy))
    currency = found.orders[0].currency if found.orders else ""
    products = catalogue.products(
        session, {line.sku for wish in wishes.values() for line in wish.lines}
    )
    stated = stating.state(session, places)
    unable = barring.unable(Delivery.SHIP, places, stated)
    bare = routing.Problem(
        currency=currency,
        tariff=tariff,
        locations=stated.locations,
        stock=_stock(session, wishes.values(), codes),
        orders=tuple(
            problems.bare_order(wish, products=products, stated=stated, unable=unable)
            for wish in wishes.values()
        ),
        road_factor=settings().road_factor,
    )
    placed = {str(order.id): order.placed_at for order in found.orders}
    categories = problems.categories_of(products)
    inputs = {
        order.id: problems.inputs_of(
            order, wishes[order.id], placed_at=placed[order.id], categories=categories
        )
        for order in bare.orders
    }
    standing = {
        str(order.id): Standing(order.version, _places(found, order, codes))
        for order in found.orders
        if str(order.id) in wishes
    }
    known = known_now(session, categories=categories, used_parcels=stated.used_parcels)
    return Snapshot(under(bare, inputs, policy, whole=True), standing, inputs, bearing(known, bare))


def _wishes(
    session: Session, found: Pool, places: Sequence[Location], policy: Policy
) -> Iterator[tuple[str, Wish]]:
    """What each order still wants; orders of which nothing is open are left out."""
    codes = {place.id: place.code for place in places}
    known: dict[tuple[object, ...], tuple[float, float]] = {}
    for order in found.orders:
        lines = found.open_lines(order)
        address = found.addresses.get(order.address_id) if order.address_id else None
        spot = (
            (address.country, address.postcode, address.latitude, address.longitude)
            if address
            else ()
        )
        if lines and spot not in known:
            known[spot] = _where(session, address, places)
        if lines:
            yield str(order.id), _wish(found, order, policy, codes=codes, where=known[spot])


def _wish(
    found: Pool,
    order: Order,
    policy: Policy,
    *,
    codes: Mapping[UUID, str],
    where: tuple[float, float],
) -> Wish:
    own: dict[tuple[str, UUID], int] = {}
    lines = found.open_lines(order)
    for row in found.tentative(order):
        if row.line_id not in {line.id for line in lines}:
            continue
        own[row.sku, row.location_id] = own.get((row.sku, row.location_id), 0) + row.quantity
    return Wish(
        id=str(order.id),
        channel=order.channel,
        currency=order.currency,
        promise_by=order.promise_by,
        lines=tuple(WishLine(str(line.id), line.sku, open_units(line)) for line in lines),
        delivery=order.delivery,
        service=policy_rules.service_of(
            policy,
            delivery=order.delivery,
            placed_at=order.placed_at,
            promise_by=order.promise_by,
        ),
        pickup_location_id=None,
        where=where,
        own=own,
        excluded={
            codes[row.location_id]: barring.rejected(row)
            for row in found.rejections.get(order.id, ())
            if row.location_id in codes
        },
    )


def _where(
    session: Session, address: Address | None, places: Sequence[Location]
) -> tuple[float, float]:
    if address is None:
        return locating.middle(places)[0]
    return locating.whereabouts(
        session,
        places,
        country=address.country,
        postcode=address.postcode,
        latitude=address.latitude,
        longitude=address.longitude,
    )[0]


def _places(found: Pool, order: Order, codes: Mapping[UUID, str]) -> Mapping[str, str]:
    """Where each open line is held whole, by line and code."""
    rows = {row.line_id: row for row in found.tentative(order)}
    return {
        str(line.id): codes[row.location_id]
        for line in found.open_lines(order)
        if (row := rows.get(line.id)) is not None
        and row.quantity == open_units(line)
        and row.location_id in codes
    }


def _stock(
    session: Session, wishes: Collection[Wish], codes: Mapping[UUID, str]
) -> tuple[routing.Stock, ...]:
    """What every channel concerned may have of what is free, and what the orders hold.

    Where channels are treated unlike it is the least; an order that could have more is not moved
    for it.
    """
    skus = sorted({line.sku for wish in wishes for line in wish.lines})
    channels = sorted({wish.channel for wish in wishes})
    units: dict[tuple[str, UUID], int] = {}
    for first in range(0, len(skus), _SKUS_AT_ONCE):
        some = skus[first : first + _SKUS_AT_ONCE]
        each = [availability.promisable(session, some, channel=channel) for channel in channels]
        for spot in set().union(*each):
            units[spot] = min(free.get(spot, 0) for free in each)
    for wish in wishes:
        for spot, count in wish.own.items():
            units[spot] = units.get(spot, 0) + count
    return tuple(
        routing.Stock(codes[location_id], sku, count)
        for (sku, location_id), count in sorted(
            units.items(), key=lambda item: (codes.get(item[0][1], ""), item[0][0])
        )
        if location_id in codes
    )


def completed(stated: Snapshot, policy: Policy) -> tuple[Snapshot, tuple[str, ...]]:
    """Add what the policy weighs, and give up what nobody can promise; tell what was not weighed.

    It takes seconds for many orders, and no database.
    """
    weighted = weighing.asked(stated.problem, policy=policy, known=stated.known)
    whole = _with_late_promises(replace(stated, problem=weighted.problem), policy)
    return whole, weighted.notes


def _with_late_promises(stated: Snapshot, policy: Policy) -> Snapshot:
    """Give up promises that nobody can keep, as is done for an order alone.

    That is so where a line is in stock somewhere and nowhere in time. Days behind the promise cost
    what the policy says.
    """
    problem = stated.problem
    network = network_of(problem)
    supply = supply_of(problem, network)

    def in_time_or_late(order: routing.Order) -> routing.Order:
        days = max(order.promise_days, policy.limits.late_days)
        late = replace(order, promise_days=days)
        now, then = (_fillable(survey(network, supply, one)) for one in (order, late))
        return late if then > now else order

    orders = tuple(in_time_or_late(order) for order in problem.orders)
    promised = {
        order.id: order.promise_days
        for order, now in zip(problem.orders, orders, strict=True)
        if now is not order
    }
    relaxed = weighing.late(
        replace(problem, orders=orders),
        promised_days=promised,
        cents_per_day=policy.weights.lateness_cents_per_day,
    )
    return replace(stated, problem=relaxed)


def _fillable(choices: Choices) -> int:
    return int(choices.able.any(axis=1).sum())
