"""State a simulated order, or all that wait, as the running system states them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

import routing.problem as routing
from oms.locations.models import Location
from oms.ordering.placing import promised_by
from oms.orders.models import Delivery
from oms.settings import settings
from oms.simulation.demand import Asked
from oms.simulation.shelves import Shelves, Waiting
from oms.simulation.world import Hours, World
from oms.sourcing import barring, expecting, problems, weighing
from oms.sourcing import policy as policy_rules
from oms.sourcing.inputs import Inputs, under
from oms.sourcing.knowing import classes_of
from oms.sourcing.policy import Policy, Service
from oms.sourcing.problems import Task, Wish
from oms.sourcing.snapshots import Snapshot, Standing
from oms.sourcing.stating import Stated
from routing.terms import Known

_NOBODY = UUID(int=0)
_A_DAY: Final = timedelta(days=1)


def promise_of(world: World, asked: Asked) -> datetime:
    """By when an order is promised."""
    calendar = None if asked.pickup_at is None else world.calendars[asked.pickup_at]
    return promised_by(placed_at=asked.at, deliver_by=asked.promise_by, calendar=calendar)


def task_of(
    world: World,
    hours: Hours,
    shelves: Shelves,
    asked: Asked,
    *,
    policy: Policy,
    now: datetime,
    frozen: Mapping[str, str],
) -> Task:
    """The routing of one order as it stands now."""
    by_code = {place.code: place for place in world.places}
    store = None if asked.pickup_at is None else by_code[asked.pickup_at]
    stated = hours.at(
        now, busy=_busy(world, shelves, now), handing_over=() if store is None else (store.id,)
    )
    bare, inputs = _bare(world, shelves, [asked], stated)
    known = _known(world, shelves, [asked], stated)
    weighted = weighing.asked(under(bare, inputs, policy, whole=True), policy=policy, known=known)
    return Task(
        order_id=uuid5(NAMESPACE_OID, asked.id),
        order_version=1,
        tariff_id=_NOBODY,
        policy_version=None,
        policy=policy,
        problem=weighted.problem,
        inputs=inputs[asked.id],
        known=known,
        today=stated.today,
        late_days=policy.limits.late_days,
        late_cents_per_day=policy.weights.lateness_cents_per_day,
        frozen=frozen,
        waiting=False,
        standing=frozenset(),
        notes=weighted.notes,
    )


def snapshot_of(
    world: World, hours: Hours, shelves: Shelves, *, policy: Policy, now: datetime
) -> Snapshot:
    """All orders that wait, with what they hold; nothing may be held for them meanwhile.

    `collecting.completed` goes on, as in the running system.
    """
    stated = hours.at(now, busy=_busy(world, shelves, now))
    waiting: Collection[Waiting] = shelves.waiting.values()
    orders = [one.asked for one in waiting]
    bare, inputs = _bare(world, shelves, orders, stated)
    standing = {one.asked.id: Standing(1, dict(one.at)) for one in waiting}
    known = _known(world, shelves, orders, stated)
    return Snapshot(under(bare, inputs, policy, whole=True), standing, inputs, known)


def expected_days(
    world: World,
    hours: Hours,
    shelves: Shelves,
    came: Sequence[Asked],
    *,
    policy: Policy,
    now: datetime,
) -> Sequence[Sequence[routing.Order]]:
    """What may come, of the orders that came, as `oms.sourcing.expecting` reads it.

    Orders of this day that are still to come do not count.
    """
    stated, days = hours.at(now, busy=_busy(world, shelves, now)), []
    for ago in range(expecting.DAYS):
        end = now - ago * _A_DAY
        wishes = [
            _as_if_now(world, asked, policy, now)
            for asked in came
            if end - _A_DAY < asked.at <= end and asked.delivery is Delivery.SHIP
        ]
        days.append(
            expecting.as_orders(
                wishes[-settings().routing_run_most_orders :],
                policy=policy,
                products=world.products,
                places=world.places,
                stated=stated,
            )
        )
    return days if any(days) else []


def _as_if_now(world: World, asked: Asked, policy: Policy, now: datetime) -> Wish:
    """An order that came, promised as far ahead as it was then."""
    wish = _wish(world, asked)
    service = policy_rules.service_of(
        policy, delivery=asked.delivery, placed_at=asked.at, promise_by=wish.promise_by
    )
    return replace(wish, promise_by=now + (wish.promise_by - asked.at), service=service)


def _bare(
    world: World, shelves: Shelves, orders: Sequence[Asked], stated: Stated
) -> tuple[routing.Problem, Mapping[str, Inputs]]:
    wishes = {asked.id: _wish(world, asked) for asked in orders}
    bare = routing.Problem(
        currency=world.currency,
        tariff=world.tariff,
        locations=stated.locations,
        stock=shelves.stock(
            (line.sku for asked in orders for line in asked.lines),
            (place.code for place in world.places),
        ),
        orders=tuple(
            problems.bare_order(
                wishes[asked.id],
                products=world.products,
                stated=stated,
                unable=barring.unable(
                    asked.delivery, world.places, stated, store=_pickup_at(world.places, asked)
                ),
                pickup_at=_pickup_at(world.places, asked),
            )
            for asked in orders
        ),
        road_factor=settings().road_factor,
    )
    categories = problems.categories_of(world.products)
    placed = {asked.id: asked.at for asked in orders}
    inputs = {
        order.id: problems.inputs_of(
            order, wishes[order.id], placed_at=placed[order.id], categories=categories
        )
        for order in bare.orders
    }
    return bare, inputs


def _known(world: World, shelves: Shelves, orders: Sequence[Asked], stated: Stated) -> Known:
    """What policies may weigh of some orders. Nobody gives work back here."""
    skus = {line.sku for asked in orders for line in asked.lines}
    return Known(
        bid_prices=shelves.prices(sorted(skus), [place.code for place in world.places]),
        classes=classes_of({sku: world.products[sku].category for sku in skus}),
        used_parcels=stated.used_parcels,
    )


def _wish(world: World, asked: Asked) -> Wish:
    return Wish(
        id=asked.id,
        channel=asked.channel,
        currency=world.currency,
        promise_by=promise_of(world, asked),
        lines=asked.lines,
        delivery=asked.delivery,
        service=Service.STANDARD,  # which it is, the policy says that is laid over it
        pickup_location_id=None,
        where=asked.where,
    )


def _pickup_at(places: Sequence[Location], asked: Asked) -> tuple[str, ...] | None:
    if asked.delivery is not Delivery.PICKUP:
        return None
    return tuple(place.code for place in places if place.code == asked.pickup_at)


def _busy(world: World, shelves: Shelves, now: datetime) -> Mapping[UUID, int]:
    counts = shelves.busy(now)
    return {place.id: counts[place.code] for place in world.places if place.code in counts}
