"""Check an answer against its problem, sharing nothing with what found it.

Plain Python and the text of docs/routing-problem.md; no engine, no arrays, no cost terms.
"""

from collections import Counter
from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt

from routing.plan import Answer, OrderPlan, ParcelPlan, Status
from routing.problem import Line, Location, Order, Problem


def violations(problem: Problem, answer: Answer) -> list[str]:
    """Return everything that is wrong with an answer, in words; nothing if it is right."""
    return list(_violations(problem, answer))


def _violations(problem: Problem, answer: Answer) -> Iterator[str]:
    places = {place.id: place for place in problem.locations}
    if [plan.id for plan in answer.orders] != [order.id for order in problem.orders]:
        yield "the answer does not list the problem's orders in their sequence"
        return
    for order, plan in zip(problem.orders, answer.orders, strict=True):
        yield from _lines(order, plan)
        yield from _parcels(problem, places, order, plan)
        yield from _order_cost(order, plan)
    yield from _stock(problem, answer)
    yield from _capacity(problem, answer)
    yield from _totals(answer)


def _lines(order: Order, plan: OrderPlan) -> Iterator[str]:
    """Check that every line is in one parcel or unfilled, once."""
    known = {line.id for line in order.lines}
    named = Counter([*(line for parcel in plan.parcels for line in parcel.lines), *plan.unfilled])
    for line in sorted(named.keys() - known):
        yield f"order {order.id}: line {line} is not in the order"
    for line in sorted(known):
        if named[line] != 1:
            yield f"order {order.id}: line {line} is decided {named[line]} times"


def _parcels(
    problem: Problem, places: dict[str, Location], order: Order, plan: OrderPlan
) -> Iterator[str]:
    most = order.max_parcels if order.pickup_at is None else 1
    if len(plan.parcels) > most:
        yield f"order {order.id}: {len(plan.parcels)} parcels, at most {most} allowed"
    for parcel in plan.parcels:
        place = places.get(parcel.location)
        if place is None:
            yield f"order {order.id}: there is no location {parcel.location}"
        elif order.pickup_at is None:
            yield from _shipped(problem, place, order, parcel)
        else:
            yield from _handed_over(problem, place, order, parcel)
        if not parcel.lines:
            yield f"order {order.id}: the parcel from {parcel.location} is empty"
        if parcel.location in order.excluded:
            yield f"order {order.id}: {parcel.location} is excluded from it"


def _shipped(problem: Problem, place: Location, order: Order, parcel: ParcelPlan) -> Iterator[str]:
    tariff = problem.tariff
    miles = problem.road_factor * _miles(place, order)
    zone = sum(1 for edge in tariff.zone_miles if edge < miles)
    days = place.handling_days + tariff.transit_days[zone]
    if days > order.promise_days:
        yield (
            f"order {order.id}: from {place.id} it takes {days} days, "
            f"{order.promise_days} are promised"
        )
    lines = _lines_of(order, parcel)
    weight_g = sum(line.weight_g for line in lines)
    bands = [band for band, most in enumerate(tariff.max_weight_g) if most >= weight_g]
    if not bands:
        yield f"order {order.id}: the parcel from {place.id} weighs {weight_g} g, beyond the tariff"
        return
    cents = tariff.cents[bands[0]][zone] + place.parcel_cents + place.line_cents * len(lines)
    cents += _besides(problem, place, order, lines)
    if parcel.cents != cents:
        yield f"order {order.id}: the parcel from {place.id} costs {cents}, not {parcel.cents}"


def _handed_over(
    problem: Problem, place: Location, order: Order, parcel: ParcelPlan
) -> Iterator[str]:
    if place.id not in (order.pickup_at or ()):
        yield f"order {order.id}: it cannot be picked up at {place.id}"
    days = place.handling_days if place.pickup_days is None else place.pickup_days
    if days > order.promise_days:
        yield (f"order {order.id}: {place.id} takes {days} days, {order.promise_days} are promised")
    cents = place.pickup_cents + place.line_cents * len(parcel.lines)
    cents += _besides(problem, place, order, _lines_of(order, parcel))
    if parcel.cents != cents:
        yield f"order {order.id}: the hand-over at {place.id} costs {cents}, not {parcel.cents}"


def _besides(problem: Problem, place: Location, order: Order, lines: list[Line]) -> int:
    """Return what is added for a parcel with these lines from a location."""
    named = list(order.added)
    for line in lines:
        named += line.added
    return sum(problem.added[row].cents.get(place.id, 0) for row in named)


def _order_cost(order: Order, plan: OrderPlan) -> Iterator[str]:
    unfilled = sum(line.unfilled_cents for line in order.lines if line.id in plan.unfilled)
    cents = unfilled + sum(parcel.cents for parcel in plan.parcels)
    if plan.cost_cents != cents:
        yield f"order {order.id}: it costs {cents}, not {plan.cost_cents}"


def _stock(problem: Problem, answer: Answer) -> Iterator[str]:
    held = {(row.location, row.sku): row.units for row in problem.stock}
    used: Counter[tuple[str, str]] = Counter()
    for order, plan in zip(problem.orders, answer.orders, strict=True):
        for parcel in plan.parcels:
            for line in _lines_of(order, parcel):
                used[parcel.location, line.sku] += line.units
    for (location, sku), units in sorted(used.items()):
        if units > held.get((location, sku), 0):
            yield (
                f"stock: {units} of {sku} leave {location}, which holds "
                f"{held.get((location, sku), 0)}"
            )


def _capacity(problem: Problem, answer: Answer) -> Iterator[str]:
    used = Counter(parcel.location for plan in answer.orders for parcel in plan.parcels)
    for place in problem.locations:
        if place.capacity_parcels is not None and used[place.id] > place.capacity_parcels:
            yield (
                f"capacity: {used[place.id]} parcels at {place.id}, which can make "
                f"{place.capacity_parcels}"
            )


def _totals(answer: Answer) -> Iterator[str]:
    cents = sum(plan.cost_cents for plan in answer.orders)
    if answer.cost_cents != cents:
        yield f"the orders cost {cents} together, not {answer.cost_cents}"
    if answer.lower_bound_cents > answer.cost_cents:
        yield f"the lower bound {answer.lower_bound_cents} is above the cost {answer.cost_cents}"
    if answer.status is Status.OPTIMAL and answer.lower_bound_cents < answer.cost_cents:
        yield f"called optimal at {answer.cost_cents}, proven only to {answer.lower_bound_cents}"


def _lines_of(order: Order, parcel: ParcelPlan) -> list[Line]:
    return [line for line in order.lines if line.id in parcel.lines]


def _miles(place: Location, order: Order) -> float:
    """Return the distance by the haversine formula."""
    lat, other_lat = radians(place.lat), radians(order.lat)
    half_lat, half_lon = (other_lat - lat) / 2, radians(order.lon - place.lon) / 2
    hav = sin(half_lat) ** 2 + cos(lat) * cos(other_lat) * sin(half_lon) ** 2
    return 2 * 3958.8 * asin(min(1.0, sqrt(hav)))
