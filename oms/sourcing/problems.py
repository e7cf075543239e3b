"""From rows to a routing problem: one wish, and the network as it stands for it."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

import routing.problem as routing
from oms.catalogue import queries as catalogue
from oms.catalogue.models import Product
from oms.fulfilments import giving_back
from oms.fulfilments.models import Rejection
from oms.inventory import availability, reservations
from oms.locations import pausing
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.locations.pausing import Work
from oms.orders import queries as orders
from oms.orders.lines import open_units
from oms.orders.models import Delivery, Order, OrderLine
from oms.settings import settings
from oms.sourcing import decisions, locating, policies, stating, tariffs, weighing
from oms.sourcing import policy as policy_rules
from oms.sourcing.inputs import Inputs, ruled, under
from oms.sourcing.knowing import known_now
from oms.sourcing.models import TariffSheet
from oms.sourcing.policy import Policy, Service
from oms.sourcing.stating import Stated
from oms.sourcing.weighing import Weighted
from routing.parse import parse_tariff
from routing.terms import Known


@dataclass(frozen=True, slots=True)
class Task:
    """Everything that a decision for one order rests on, as plain values."""

    order_id: UUID
    order_version: int
    tariff_id: UUID
    policy_version: int | None
    policy: Policy
    problem: routing.Problem
    inputs: Inputs
    """What the problem was before the policy was laid over it."""
    known: Known
    """What was read of all that policies may weigh."""
    late_days: int
    """How late it may come, in days from now, if nobody can keep its promise."""
    late_cents_per_day: int
    """What each day behind the promise is reckoned at."""
    frozen: Mapping[str, str]
    """Where each line's goods are held, by line and code of the location, if the order has waited
    for joint routing and all of it is held."""
    waiting: bool
    """Whether every open unit waits for stock already, and a decision says why."""
    notes: tuple[str, ...]
    """What had to be assumed, in words, for the explanation."""


@dataclass(frozen=True, slots=True)
class WishLine:
    """Units of one article that one location is to provide."""

    id: str
    sku: str
    units: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants from the network: an order, or a basket that may become one."""

    id: str
    channel: str
    currency: str
    promise_by: datetime
    lines: tuple[WishLine, ...]
    delivery: Delivery
    service: Service
    pickup_location_id: UUID | None
    where: tuple[float, float]
    """Latitude and longitude of the customer."""
    own: Mapping[tuple[str, UUID], int] = field(default_factory=dict)
    """What is held for it already, by article and location: it never blocks itself."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Locations that must not be asked, by code, each with its reason in words."""


@dataclass(frozen=True, slots=True)
class _Bare:
    """One wish before any policy is laid over it, and what its articles and locations are."""

    problem: routing.Problem
    categories: Mapping[str, str]
    used_parcels: Mapping[str, int]

    def known(self, session: Session, policy: Policy | None) -> Known:
        """What a policy may look at; without one, what any may."""
        return known_now(
            session, categories=self.categories, used_parcels=self.used_parcels, policy=policy
        )


def task(
    session: Session, order: Order, *, only: Collection[UUID] | None = None, to_hold: bool = False
) -> Task | None:
    """State the routing of an order's open lines; None when nothing is open.

    What the order itself holds counts as available to it, so that its own reservation never
    blocks it. With `only` the other lines stay as they are. A decision is kept with all that any
    policy may weigh; only `to_hold` stock, what this policy does not weigh is not read.
    """
    working = reservations.in_work(session, order.id)
    lines = [
        line
        for line in orders.lines(session, order.id)
        if line.id not in working and open_units(line) > 0 and (only is None or line.id in only)
    ]
    if not lines:
        return None
    sheet = tariffs.current(session, currency=order.currency)
    counting = policies.current(session)
    places = locations.active(session)
    wish, assumed = _wish(session, order, lines, places=places, policy=counting.policy)
    bare = _bare(session, wish, places=places, tariff=sheet)
    inputs = inputs_of(
        bare.problem.orders[0], wish, placed_at=order.placed_at, categories=bare.categories
    )
    known = bare.known(session, counting.policy if to_hold else None)
    weighted = weighing.asked(
        under(bare.problem, {wish.id: inputs}, counting.policy), policy=counting.policy, known=known
    )
    return Task(
        order_id=order.id,
        order_version=order.version,
        tariff_id=sheet.id,
        policy_version=counting.version,
        policy=counting.policy,
        problem=weighted.problem,
        inputs=inputs,
        known=known,
        late_days=counting.policy.limits.late_days,
        late_cents_per_day=counting.policy.weights.lateness_cents_per_day,
        frozen=_frozen(session, order, lines, places),
        waiting=all(line.backordered == open_units(line) for line in lines)
        and decisions.exist(session, order.id),
        notes=(*assumed, *weighted.notes),
    )


def _wish(
    session: Session,
    order: Order,
    lines: Sequence[OrderLine],
    *,
    places: Sequence[Location],
    policy: Policy,
) -> tuple[Wish, tuple[str, ...]]:
    """What an order wants of some lines, and what had to be assumed of it."""
    where, assumed = locating.destination(session, order, places)
    wish = Wish(
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
        pickup_location_id=order.pickup_location_id,
        where=where,
        own=_own(session, order, lines),
        excluded=_gave_back(session, order, places),
    )
    return wish, assumed


def problem(
    session: Session,
    wish: Wish,
    *,
    places: Sequence[Location],
    tariff: TariffSheet,
    policy: Policy,
) -> Weighted:
    """One wish, and the network as it stands for it, with what the policy weighs.

    It has no transfer lanes, windows or lines to split: nothing here could carry them out yet
    (docs/decisions/0011).
    """
    bare = _bare(session, wish, places=places, tariff=tariff)
    order = ruled(
        bare.problem.orders[0],
        policy,
        channel=wish.channel,
        service=wish.service,
        categories=set(bare.categories.values()),
        known={place.id for place in bare.problem.locations},
    )
    plain = dataclasses.replace(bare.problem, orders=(order,))
    return weighing.asked(plain, policy=policy, known=bare.known(session, policy))


def inputs_of(
    order: routing.Order, wish: Wish, *, placed_at: datetime, categories: Mapping[str, str]
) -> Inputs:
    """What is to be kept of a wish, so that any policy can be laid over it."""
    return Inputs(
        channel=wish.channel,
        delivery=wish.delivery,
        placed_at=placed_at,
        promise_by=wish.promise_by,
        promise_days=order.promise_days,
        categories={line.sku: categories[line.sku] for line in wish.lines},
        barred=order.excluded,
    )


def _bare(
    session: Session, wish: Wish, *, places: Sequence[Location], tariff: TariffSheet
) -> _Bare:
    stated = stating.state(
        session,
        places,
        handing_over=() if wish.pickup_location_id is None else (wish.pickup_location_id,),
    )
    products = catalogue.products(session, [line.sku for line in wish.lines])
    bare = routing.Problem(
        currency=wish.currency,
        tariff=parse_tariff(tariff.sheet),
        locations=stated.locations,
        stock=_stock(session, wish, places),
        orders=(
            bare_order(
                wish,
                products=products,
                stated=stated,
                unable=unable(wish.delivery, places, stated),
                pickup_at=_pickup_at(wish, places),
            ),
        ),
        road_factor=settings().road_factor,
    )
    return _Bare(bare, categories_of(products), stated.used_parcels)


def categories_of(products: Mapping[str, Product]) -> Mapping[str, str]:
    """The category of each article."""
    return {sku: product.category for sku, product in products.items()}


def without_promise(
    problem: routing.Problem, *, late_days: int, late_cents_per_day: int
) -> routing.Problem:
    """The same problem for an order that would rather come late than never, at a price."""
    order = problem.orders[0]
    days = max(order.promise_days, late_days)
    relaxed = dataclasses.replace(problem, orders=(dataclasses.replace(order, promise_days=days),))
    return weighing.late(
        relaxed, promised_days={order.id: order.promise_days}, cents_per_day=late_cents_per_day
    )


def _own(
    session: Session, order: Order, lines: Sequence[OrderLine]
) -> Mapping[tuple[str, UUID], int]:
    wanted = {line.id for line in lines}
    units: dict[tuple[str, UUID], int] = {}
    for row in reservations.held(session, order.id):
        if row.line_id in wanted:
            spot = (row.sku, row.location_id)
            units[spot] = units.get(spot, 0) + row.quantity
    return units


def _frozen(
    session: Session, order: Order, lines: Sequence[OrderLine], places: Sequence[Location]
) -> Mapping[str, str]:
    if order.release_at is None:
        return {}
    codes = {place.id: place.code for place in places}
    at = {
        row.line_id: codes[row.location_id]
        for row in reservations.held(session, order.id)
        if row.location_id in codes
    }
    whole = all(line.id in at and line.reserved == open_units(line) for line in lines)
    return {str(line.id): at[line.id] for line in lines} if whole else {}


def _stock(session: Session, wish: Wish, places: Sequence[Location]) -> tuple[routing.Stock, ...]:
    skus = {line.sku for line in wish.lines}
    units = dict(availability.promisable(session, skus, channel=wish.channel))
    for spot, count in wish.own.items():
        units[spot] = units.get(spot, 0) + count
    codes = {place.id: place.code for place in places}
    return tuple(
        routing.Stock(codes[location_id], sku, count)
        for (sku, location_id), count in sorted(
            units.items(), key=lambda item: (codes.get(item[0][1], ""), item[0][0])
        )
        if location_id in codes
    )


def bare_order(
    wish: Wish,
    *,
    products: Mapping[str, Product],
    stated: Stated,
    unable: Mapping[str, str],
    pickup_at: tuple[str, ...] | None = None,
) -> routing.Order:
    """A wish as routing takes it, among the locations stated, before any policy speaks.

    What only a policy knows is left open: `oms.sourcing.inputs.ruled` fills it in.
    """
    return routing.Order(
        id=wish.id,
        lat=wish.where[0],
        lon=wish.where[1],
        promise_days=stated.days_left(
            wish.promise_by, where=wish.where, store=pickup_at[0] if pickup_at else None
        ),
        max_parcels=len(wish.lines),
        lines=tuple(
            routing.Line(
                id=line.id,
                sku=line.sku,
                units=line.units,
                weight_g=min(products[line.sku].weight_g * line.units, routing.MOST_GRAMS),
                unfilled_cents=0,
            )
            for line in wish.lines
        ),
        pickup_at=pickup_at,
        excluded=dict(unable) | dict(wish.excluded),
    )


def _pickup_at(wish: Wish, places: Collection[Location]) -> tuple[str, ...] | None:
    """The chosen store alone; nowhere, if it takes no part any more; None for a delivery."""
    if wish.delivery is not Delivery.PICKUP:
        return None
    return tuple(place.code for place in places if place.id == wish.pickup_location_id)


def unable(delivery: Delivery, places: Collection[Location], stated: Stated) -> dict[str, str]:
    """Locations that cannot do such work, each with its reason in words."""
    pickup = delivery is Delivery.PICKUP
    work = Work.PICKUP if pickup else Work.SHIP
    shut = {} if pickup else dict(stated.shut)
    paused = {
        place.code: f"has paused {work.value}: {why}"
        for place in places
        if (why := pausing.why_paused(place, work)) is not None
    }
    never = {
        place.code: "does not hand over pickups" if pickup else "does not ship"
        for place in places
        if not (place.can_pickup if pickup else place.can_ship)
    }
    return shut | paused | never


def _gave_back(session: Session, order: Order, places: Collection[Location]) -> dict[str, str]:
    """Locations that must not be asked again, each with its reason in words."""
    codes = {place.id: place.code for place in places}
    return {
        codes[row.location_id]: gave_back(row)
        for row in giving_back.rejected_locations(session, order.id)
        if row.location_id in codes
    }


def gave_back(row: Rejection) -> str:
    """Why a location is not asked again, in words."""
    return f"gave this order back ({row.reason.value.replace('_', ' ')})"
