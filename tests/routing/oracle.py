"""Every legal plan of a small order, by trying everything."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from routing.check import violations
from routing.plan import Answer, OrderPlan, ParcelPlan, Status
from routing.problem import Location, Order, Problem
from tests.routing.builders import surveyed

Load = tuple[str, tuple[str, ...]]


def legal_plans(problem: Problem) -> Iterator[OrderPlan]:
    """Yield every legal plan of the problem's first order, priced by the checker's own rules."""
    order = problem.orders[0]
    for loads in _splits(
        [place.id for place in problem.locations], [line.id for line in order.lines]
    ):
        if (parcels := _priced(problem, order, loads)) is not None:
            yield from _planned(problem, order, parcels)
        for store in order.pickup_at or () if problem.transfers else ():
            if loads and (parcels := _sent(problem, store, loads)):
                yield from _planned(problem, order, parcels)


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


def _priced(
    problem: Problem, order: Order, loads: tuple[Load, ...]
) -> tuple[ParcelPlan, ...] | None:
    places = {place.id: place for place in problem.locations}
    parcels = []
    for location, lines in loads:
        cents = _cents(problem, order, places[location], lines)
        if cents is None:
            return None
        parcels.append(ParcelPlan(location, lines, cents))
    return tuple(parcels)


def _planned(
    problem: Problem, order: Order, parcels: tuple[ParcelPlan, ...]
) -> Iterator[OrderPlan]:
    """Yield the plans of these parcels in all windows that they may fall in."""
    names = {place.id: [window.id for window in place.windows] for place in problem.locations}
    shipped = {line for parcel in parcels for line in parcel.lines}
    left = [line for line in order.lines if line.id not in shipped]
    cents = sum(parcel.cents for parcel in parcels) + sum(line.unfilled_cents for line in left)
    for windows in product(*(names[parcel.location] or [None] for parcel in parcels)):
        plan = OrderPlan(
            order.id,
            tuple(
                replace(parcel, window=window)
                for parcel, window in zip(parcels, windows, strict=True)
            ),
            unfilled=tuple(line.id for line in left),
            cost_cents=cents,
        )
        if not violations(problem, answer_of(plan)):
            yield plan


def _sent(problem: Problem, store: str, loads: tuple[Load, ...]) -> tuple[ParcelPlan, ...] | None:
    """Price a plan in which everything that is elsewhere is sent to one store."""
    places = {place.id: place for place in problem.locations}
    lanes = {lane.source: lane for lane in problem.transfers if lane.to == store}
    own = tuple(line for location, lines in loads for line in lines if location == store)
    sent = [(location, lines) for location, lines in loads if location != store]
    if not sent or any(location not in lanes for location, _ in sent):
        return None
    parcels = [
        ParcelPlan(store, own, places[store].pickup_cents + len(own) * places[store].line_cents)
    ]
    for location, lines in sent:
        place, lane = places[location], lanes[location]
        each = place.line_cents + lane.line_cents
        cents = place.parcel_cents + lane.parcel_cents + len(lines) * each
        parcels.append(ParcelPlan(location, lines, cents, to=store))
    return tuple(parcels)


def _cents(problem: Problem, order: Order, place: Location, lines: tuple[str, ...]) -> int | None:
    if order.pickup_at is not None:
        return place.pickup_cents + len(lines) * place.line_cents
    network, choices = surveyed(problem)
    weight_g = sum(line.weight_g for line in order.lines if line.id in lines)
    tariff = problem.tariff
    zone = int(choices.zone[network.index[place.id]])  # the checker works zones out for itself
    for band, most in enumerate(tariff.max_weight_g):
        if weight_g <= most:
            return tariff.cents[band][zone] + place.parcel_cents + len(lines) * place.line_cents
    return None
