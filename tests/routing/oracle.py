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
        if plan := _priced(problem, order, loads):
            yield plan


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


def _priced(problem: Problem, order: Order, loads: tuple[Load, ...]) -> OrderPlan | None:
    places = {place.id: place for place in problem.locations}
    parcels = []
    for location, lines in loads:
        cents = _cents(problem, order, places[location], lines)
        if cents is None:
            return None
        parcels.append(ParcelPlan(location, lines, cents))
    shipped = {line for _, lines in loads for line in lines}
    left = [line for line in order.lines if line.id not in shipped]
    plan = OrderPlan(
        order.id,
        tuple(parcels),
        unfilled=tuple(line.id for line in left),
        cost_cents=sum(parcel.cents for parcel in parcels)
        + sum(line.unfilled_cents for line in left),
    )
    return None if violations(problem, answer_of(plan)) else plan


def _cents(problem: Problem, order: Order, place: Location, lines: tuple[str, ...]) -> int | None:
    if order.pickup_at is not None:
        return (
            place.pickup_cents
            + len(lines) * place.line_cents
            + _added(problem, order, place, lines)
        )
    network, choices = surveyed(problem)
    weight_g = sum(line.weight_g for line in order.lines if line.id in lines)
    tariff = problem.tariff
    zone = int(choices.zone[network.index[place.id]])  # the checker works zones out for itself
    for band, most in enumerate(tariff.max_weight_g):
        if weight_g <= most:
            handling = place.parcel_cents + len(lines) * place.line_cents
            return tariff.cents[band][zone] + handling + _added(problem, order, place, lines)
    return None


def _added(problem: Problem, order: Order, place: Location, lines: tuple[str, ...]) -> int:
    named = [*order.added]
    for line in order.lines:
        named += line.added if line.id in lines else ()
    return sum(problem.added[row].cents.get(place.id, 0) for row in named)
