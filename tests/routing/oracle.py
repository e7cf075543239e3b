"""Every legal plan of a small order, by trying everything."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from math import ceil

from routing.check import violations
from routing.plan import Answer, OrderPlan, ParcelPlan, Status
from routing.problem import Location, Order, Problem
from tests.routing.builders import surveyed

Load = tuple[str, tuple[str, ...]]


def legal_plans(problem: Problem) -> Iterator[OrderPlan]:
    """Yield every legal plan of the problem's first order, priced by the checker's own rules."""
    order = problem.orders[0]
    for loads in _splits([place.id for place in problem.locations], _items(order)):
        if (parcels := _priced(problem, order, loads)) is not None:
            yield from _planned(problem, order, parcels)
        for store in order.pickup_at or () if problem.transfers else ():
            if loads and (parcels := _sent(problem, order, store, loads)):
                yield from _planned(problem, order, parcels)


def least_cost_by_trying_everything(problem: Problem) -> int:
    """The cost of the best legal combination of the orders' own legal plans."""
    alone = [list(legal_plans(replace(problem, orders=(order,)))) for order in problem.orders]
    costs = []
    for plans in product(*alone):
        cents = sum(plan.cost_cents for plan in plans)
        if not violations(problem, Answer(Status.FEASIBLE, cents, 0, plans)):
            costs.append(cents)
    return min(costs)


def answer_of(plan: OrderPlan, *, bound_cents: int | None = None) -> Answer:
    """An answer of one order, claimed optimal."""
    return Answer(
        Status.OPTIMAL,
        cost_cents=plan.cost_cents,
        lower_bound_cents=plan.cost_cents if bound_cents is None else bound_cents,
        orders=(plan,),
    )


def _splits(places: list[str], lines: list[str]) -> Iterator[tuple[Load, ...]]:
    """Yield every way to put lines into parcels at locations, or leave them out."""
    if not lines:
        yield ()
        return
    *others, last = lines
    for loads in _splits(places, others):
        yield loads
        yield from ((*loads, (place, (last,))) for place in places)
        for at, (place, load) in enumerate(loads):
            yield (*loads[:at], (place, (*load, last)), *loads[at + 1 :])


def _items(order: Order) -> list[str]:
    """What may be in different parcels: lines, and the units of those that may be split."""
    return [
        f"{line.id}/{unit}"
        for line in order.lines
        for unit in range(line.units if line.may_split else 1)
    ]


def _units(order: Order, items: Iterable[str]) -> dict[str, int]:
    """The units by line; a line that may not be split is there whole."""
    counts = Counter(item.split("/")[0] for item in items)
    return {
        line.id: counts[line.id] if line.may_split else line.units
        for line in order.lines
        if counts[line.id]
    }


def _parcel(order: Order, place: str, items: Iterable[str], cents: int, **more: str) -> ParcelPlan:
    units = _units(order, items)
    split = {line.id: units[line.id] for line in order.lines if line.may_split and line.id in units}
    return ParcelPlan(place, tuple(units), cents, units=split, **more)


def _priced(
    problem: Problem, order: Order, loads: tuple[Load, ...]
) -> tuple[ParcelPlan, ...] | None:
    places = {place.id: place for place in problem.locations}
    parcels = []
    for location, items in loads:
        cents = _cents(problem, order, places[location], _units(order, items))
        if cents is None:
            return None
        parcels.append(_parcel(order, location, items, cents))
    return tuple(parcels)


def _planned(
    problem: Problem, order: Order, parcels: tuple[ParcelPlan, ...]
) -> Iterator[OrderPlan]:
    """Yield the plans of these parcels in all windows that they may fall in."""
    names = {place.id: [window.id for window in place.windows] for place in problem.locations}
    left = {}
    for line in order.lines:
        there = [parcel for parcel in parcels if line.id in parcel.lines]
        gone = sum(parcel.units.get(line.id, line.units) for parcel in there)
        if gone < line.units:
            left[line.id] = line.units - gone
    price = sum(
        left[line.id] * ceil(line.unfilled_cents / line.units)
        if line.may_split
        else line.unfilled_cents
        for line in order.lines
        if line.id in left
    )
    split = {line.id: left[line.id] for line in order.lines if line.may_split and line.id in left}
    for windows in product(*(names[parcel.location] or [None] for parcel in parcels)):
        plan = OrderPlan(
            order.id,
            tuple(
                replace(parcel, window=window)
                for parcel, window in zip(parcels, windows, strict=True)
            ),
            unfilled=tuple(left),
            cost_cents=sum(parcel.cents for parcel in parcels) + price,
            unfilled_units=split,
        )
        if not violations(problem, answer_of(plan)):
            yield plan


def _sent(
    problem: Problem, order: Order, store: str, loads: tuple[Load, ...]
) -> tuple[ParcelPlan, ...] | None:
    """Price a plan in which everything that is elsewhere is sent to one store."""
    places = {place.id: place for place in problem.locations}
    lanes = {lane.source: lane for lane in problem.transfers if lane.to == store}
    own = [item for location, items in loads for item in items if location == store]
    sent = [(location, items) for location, items in loads if location != store]
    if not sent or any(location not in lanes for location, _ in sent):
        return None
    at_store = _cents(problem, order, places[store], _units(order, own))
    parcels = [_parcel(order, store, own, at_store or 0)]
    for location, items in sent:
        place, lane = places[location], lanes[location]
        each = place.line_cents + lane.line_cents
        cents = place.parcel_cents + lane.parcel_cents + len(_units(order, items)) * each
        cents += _added(problem, order, place, _units(order, items))
        parcels.append(_parcel(order, location, items, cents, to=store))
    return tuple(parcels)


def _cents(problem: Problem, order: Order, place: Location, units: Mapping[str, int]) -> int | None:
    if order.pickup_at is not None:
        handling = place.pickup_cents + len(units) * place.line_cents
        return handling + _added(problem, order, place, units)
    network, choices = surveyed(problem)
    weight_g = sum(
        units[line.id] * ceil(line.weight_g / line.units) if line.may_split else line.weight_g
        for line in order.lines
        if line.id in units
    )
    tariff = problem.tariff
    zone = int(choices.zone[network.index[place.id]])  # the checker works zones out for itself
    for band, most in enumerate(tariff.max_weight_g):
        if weight_g <= most:
            handling = place.parcel_cents + len(units) * place.line_cents
            return tariff.cents[band][zone] + handling + _added(problem, order, place, units)
    return None


def _added(problem: Problem, order: Order, place: Location, lines: Iterable[str]) -> int:
    named = [*order.added]
    for line in order.lines:
        named += line.added if line.id in lines else ()
    return sum(problem.added[row].cents.get(place.id, 0) for row in named)
