"""Check an answer against its problem, sharing nothing with what found it.

Plain Python and the text of docs/routing-problem.md; no engine, no arrays, no cost terms.
"""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import asin, ceil, cos, radians, sin, sqrt

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
    split = {line.id: line.units for line in order.lines if line.may_split}
    for line in sorted(named.keys() - known):
        yield f"order {order.id}: line {line} is not in the order"
    for line, units in sorted(split.items()):
        shares = [parcel.units.get(line, 0) for parcel in plan.parcels if line in parcel.lines]
        if line in plan.unfilled:
            shares.append(plan.unfilled_units.get(line, 0))
        if sum(shares) != units or min(shares, default=0) <= 0:
            yield f"order {order.id}: of line {line} {sum(shares)} units are decided, not {units}"
    for line in sorted(known - split.keys()):
        if named[line] != 1:
            yield f"order {order.id}: line {line} is decided {named[line]} times"


def _parcels(
    problem: Problem, places: dict[str, Location], order: Order, plan: OrderPlan
) -> Iterator[str]:
    yield from _number(order, plan)
    for parcel in plan.parcels:
        place = places.get(parcel.location)
        if place is None:
            yield f"order {order.id}: there is no location {parcel.location}"
        elif parcel.to is not None:
            yield from _transferred(problem, place, order, plan, parcel)
        elif order.pickup_at is None:
            yield from _shipped(problem, place, order, parcel)
        else:
            yield from _handed_over(problem, place, order, parcel)
        if not parcel.lines and not _receives(plan, parcel):
            yield f"order {order.id}: the parcel from {parcel.location} is empty"
        if parcel.location in order.excluded:
            yield f"order {order.id}: {parcel.location} is excluded from it"


def _number(order: Order, plan: OrderPlan) -> Iterator[str]:
    """Count parcels; of a pickup order, the hand-overs and the places that its goods come from."""
    parcels = list(plan.parcels)
    most = order.max_parcels
    if order.pickup_at is not None:
        handed = [parcel for parcel in plan.parcels if parcel.to is None]
        if len(handed) > 1:
            yield f"order {order.id}: {len(handed)} parcels, at most 1 allowed"
        parcels = [parcel for parcel in plan.parcels if parcel.lines]
    if len(parcels) > most:
        yield f"order {order.id}: {len(parcels)} parcels, at most {most} allowed"


def _receives(plan: OrderPlan, parcel: ParcelPlan) -> bool:
    """Whether goods are sent to where this parcel is handed over."""
    return parcel.to is None and any(other.to == parcel.location for other in plan.parcels)


def _transferred(
    problem: Problem, place: Location, order: Order, plan: OrderPlan, parcel: ParcelPlan
) -> Iterator[str]:
    name = f"order {order.id}: the transfer from {place.id} to {parcel.to}"
    handed = [other.location for other in plan.parcels if other.to is None]
    if order.pickup_at is None or handed != [parcel.to]:
        yield f"{name} does not end where the order is picked up"
    lanes = [lane for lane in problem.transfers if (lane.source, lane.to) == (place.id, parcel.to)]
    if not lanes:
        yield f"{name} has no lane"
        return
    yield from _window(place, order, parcel, pickup=False)
    days = _leaves(place, parcel) + lanes[0].days
    if days > order.promise_days:
        yield f"{name} takes {days} days, {order.promise_days} are promised"
    store = next(one for one in problem.locations if one.id == parcel.to)
    for other in plan.parcels:
        if other.to is None and store.windows and days > _leaves(store, other):
            yield f"{name} takes {days} days, after window {other.window}"
    count = len(parcel.lines)
    each = place.line_cents + lanes[0].line_cents
    cents = place.parcel_cents + lanes[0].parcel_cents + each * count
    cents += _besides(problem, place, order, _lines_of(order, parcel))
    if parcel.cents != cents:
        yield f"{name} costs {cents}, not {parcel.cents}"


def _shipped(problem: Problem, place: Location, order: Order, parcel: ParcelPlan) -> Iterator[str]:
    tariff = problem.tariff
    miles = problem.road_factor * _miles(place, order)
    zone = sum(1 for edge in tariff.zone_miles if edge < miles)
    yield from _window(place, order, parcel, pickup=False)
    days = _leaves(place, parcel) + tariff.transit_days[zone]
    if days > order.promise_days:
        yield (
            f"order {order.id}: from {place.id} it takes {days} days, "
            f"{order.promise_days} are promised"
        )
    lines = _lines_of(order, parcel)
    weight_g = sum(_share(line, line.weight_g, _units(line, parcel)) for line in lines)
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
    yield from _window(place, order, parcel, pickup=True)
    if order.slot is not None and parcel.window != order.slot:
        yield f"order {order.id}: {place.id} hands over in window {parcel.window}, not {order.slot}"
    days = place.handling_days if place.pickup_days is None else place.pickup_days
    if place.windows:
        days = _leaves(place, parcel)
    if days > order.promise_days:
        yield (f"order {order.id}: {place.id} takes {days} days, {order.promise_days} are promised")
    cents = place.pickup_cents + place.line_cents * len(parcel.lines)
    cents += _besides(problem, place, order, _lines_of(order, parcel))
    if parcel.cents != cents:
        yield f"order {order.id}: the hand-over at {place.id} costs {cents}, not {parcel.cents}"


def _window(place: Location, order: Order, parcel: ParcelPlan, *, pickup: bool) -> Iterator[str]:
    """Check that a parcel falls in a window of its location, if there are any, that is for it."""
    name = f"order {order.id}: the parcel from {place.id}"
    named = [window for window in place.windows if window.id == parcel.window]
    if place.windows and not named:
        yield f"{name} falls in no window"
    elif not place.windows and parcel.window is not None:
        yield f"{name} falls in window {parcel.window}, which is not there"
    elif named and named[0].serves.value == ("shipping" if pickup else "pickup"):
        yield f"{name} falls in window {parcel.window}, which is for {named[0].serves.value}"


def _leaves(place: Location, parcel: ParcelPlan) -> int:
    named = [window.days for window in place.windows if window.id == parcel.window]
    return named[0] if named else place.handling_days


def _besides(problem: Problem, place: Location, order: Order, lines: list[Line]) -> int:
    """Return what is added for a parcel with these lines from a location."""
    named = list(order.added)
    for line in lines:
        named += line.added
    return sum(problem.added[row].cents.get(place.id, 0) for row in named)


def _order_cost(order: Order, plan: OrderPlan) -> Iterator[str]:
    unfilled = sum(
        _share(line, line.unfilled_cents, plan.unfilled_units.get(line.id, 0))
        for line in order.lines
        if line.id in plan.unfilled
    )
    cents = unfilled + sum(parcel.cents for parcel in plan.parcels)
    if plan.cost_cents != cents:
        yield f"order {order.id}: it costs {cents}, not {plan.cost_cents}"


def _stock(problem: Problem, answer: Answer) -> Iterator[str]:
    held = {(row.location, row.sku): row.units for row in problem.stock}
    used: Counter[tuple[str, str]] = Counter()
    for order, plan in zip(problem.orders, answer.orders, strict=True):
        for parcel in plan.parcels:
            for line in _lines_of(order, parcel):
                used[parcel.location, line.sku] += _units(line, parcel)
    for (location, sku), units in sorted(used.items()):
        if units > held.get((location, sku), 0):
            yield (
                f"stock: {units} of {sku} leave {location}, which holds "
                f"{held.get((location, sku), 0)}"
            )


def _capacity(problem: Problem, answer: Answer) -> Iterator[str]:
    used = Counter(parcel.location for plan in answer.orders for parcel in plan.parcels)
    in_window = Counter(
        (parcel.location, parcel.window) for plan in answer.orders for parcel in plan.parcels
    )
    for place in problem.locations:
        for window in place.windows:
            most, count = window.capacity_parcels, in_window[place.id, window.id]
            if most is not None and count > most:
                yield (
                    f"capacity: {count} parcels at {place.id} in window {window.id}, "
                    f"which has room for {most}"
                )
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


def _units(line: Line, parcel: ParcelPlan) -> int:
    return parcel.units.get(line.id, 0) if line.may_split else line.units


def _share(line: Line, whole: int, units: int) -> int:
    """Return what some units of a line that may be split have of a figure of the whole line."""
    return units * ceil(Fraction(whole, line.units)) if line.may_split else whole


def _lines_of(order: Order, parcel: ParcelPlan) -> list[Line]:
    return [line for line in order.lines if line.id in parcel.lines]


def _miles(place: Location, order: Order) -> float:
    """Return the distance by the haversine formula."""
    lat, other_lat = radians(place.lat), radians(order.lat)
    half_lat, half_lon = (other_lat - lat) / 2, radians(order.lon - place.lon) / 2
    hav = sin(half_lat) ** 2 + cos(lat) * cos(other_lat) * sin(half_lon) ** 2
    return 2 * 3958.8 * asin(min(1.0, sqrt(hav)))
