"""The figures that could bring a goal about, each with the values to try.

What cannot help is left out beforehand: a location that is in time gains nothing by being quicker.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from routing.candidates import Choices
from routing.changes import Change, Figure
from routing.contest import Aim, Goal, Standing, cell_of
from routing.lever import Lever, steps
from routing.options import lane_between, sooner_by_lane, sooner_windows, wider_windows
from routing.problem import Location, Order, Problem
from routing.splitting import whole_id
from routing.windows import NEVER

NEAREST: Final = 2
"""Locations of each kind of obstacle that are asked whether they could fill a line."""


def levers(problem: Problem, goal: Goal, now: Standing) -> Iterator[Lever]:
    """Return the figures to try for a goal, the most telling first."""
    match goal.aim:
        case Aim.USES:
            yield from _to_use(problem, now, now.network.index[goal.subject])
        case Aim.LEAVES:
            yield from _to_leave(problem, now, now.network.index[goal.subject])
        case Aim.FILLS:
            yield from _to_fill(problem, now, goal.subject)


def _to_use(problem: Problem, now: Standing, at: int) -> Iterator[Lever]:
    place, order, choices = problem.locations[at], problem.orders[0], now.choices
    yield from _allowed(order, place)
    for sku in dict.fromkeys(line.sku for line in order.lines):
        yield from _more_stock(problem, choices, at, sku)
    if choices.days[at] > order.promise_days:
        yield from _sooner(problem, choices, at)
        yield from _later(order, choices)
    if choices.parcels_left[at] < choices.parcels:
        yield from _more_capacity(problem, choices, at)
    yield from _more_parcels(order, choices)
    yield from _money(problem, now, at, up=False)


def _to_leave(problem: Problem, now: Standing, at: int) -> Iterator[Lever]:
    place, order, choices = problem.locations[at], problem.orders[0], now.choices
    if now.missing is None:
        return
    yield from _money(problem, now, at, up=True)
    taken = {choices.lines[line].sku for one in now.missing for line in one.lines if one.at == at}
    for sku in sorted(taken):
        yield from _less_stock(problem, choices, place, sku)
    yield from _slower(order, choices, place, at)
    yield steps(Figure.PROMISE_DAYS, order.promise_days, _shorter(order, choices))
    if place.capacity_parcels is not None:
        used = sum(package.at == at for package in now.missing)
        fewer = range(min(used, place.capacity_parcels) - 1, -1, -1)
        yield steps(
            Figure.CAPACITY_PARCELS, place.capacity_parcels, tuple(fewer), location=place.id
        )


def _to_fill(problem: Problem, now: Standing, subject: str) -> Iterator[Lever]:
    order, choices = problem.orders[0], now.choices
    [wanted] = [line for line in order.lines if line.id == subject]
    line = [whole_id(one) for one in choices.lines].index(subject)
    # What a unit of a line costs to leave is rounded up, so it does not follow cent by cent.
    if now.reaching is not None and not wanted.may_split:
        yield _walk(Figure.UNFILLED_CENTS, wanted.unfilled_cents, up=True, line=wanted.id)
    # Where it goes already, two lines may want the same units, or the last parcel.
    used = [package.at for package in now.missing or ()]
    for at in dict.fromkeys([*used, *_obstructed(problem, choices, line)]):
        place = problem.locations[at]
        yield from _allowed(order, place)
        yield from _more_stock(problem, choices, at, wanted.sku)
        if choices.days[at] > order.promise_days:
            yield from _sooner(problem, choices, at)
        if choices.parcels_left[at] < choices.parcels:
            yield from _more_capacity(problem, choices, at)
    if (choices.in_stock[line] & (choices.days > order.promise_days)).any():
        yield from _later(order, choices)
    yield from _more_parcels(order, choices)


def _obstructed(problem: Problem, choices: Choices, line: int) -> list[int]:
    """Return the nearest locations that exactly one obstacle keeps from a line, a few of each."""
    order, stocked = problem.orders[0], choices.in_stock[line]
    barred = np.array([_barred(problem, place) for place in problem.locations], dtype=bool)
    late = choices.days > order.promise_days
    full = choices.parcels_left <= 0
    obstacles = np.stack([~stocked, barred, late, full])
    single = obstacles.sum(axis=0) == 1
    near = choices.chord.argsort(kind="stable")
    found: list[int] = []
    for obstacle in obstacles:
        found += [int(at) for at in near if single[at] and obstacle[at]][:NEAREST]
    return found


def _barred(problem: Problem, place: Location) -> bool:
    order = problem.orders[0]
    points = order.pickup_at
    sends = any(lane.source == place.id and lane.to in (points or ()) for lane in problem.transfers)
    elsewhere = points is not None and place.id not in points and not sends
    return elsewhere or place.id in order.excluded


def _allowed(order: Order, place: Location) -> Iterator[Lever]:
    if place.id in order.excluded:
        yield steps(Figure.EXCLUDED, 1, (0,), location=place.id)
    if order.pickup_at is not None and place.id not in order.pickup_at:
        yield steps(Figure.PICKUP_AT, 0, (1,), location=place.id)


def _more_stock(problem: Problem, choices: Choices, at: int, sku: str) -> Iterator[Lever]:
    location = problem.locations[at].id
    held = _units(problem, location, sku)
    more = tuple(units for units in _sums(choices, sku) if units > held)
    if more:
        yield steps(Figure.STOCK, held, more, location=location, sku=sku)


def _less_stock(problem: Problem, choices: Choices, place: Location, sku: str) -> Iterator[Lever]:
    held = _units(problem, place.id, sku)
    least = sorted({units - 1 for units in _sums(choices, sku) if units <= held}, reverse=True)
    yield steps(Figure.STOCK, held, tuple(least), location=place.id, sku=sku)


def _units(problem: Problem, location: str, sku: str) -> int:
    return sum(row.units for row in problem.stock if (row.location, row.sku) == (location, sku))


def _sums(choices: Choices, sku: str) -> list[int]:
    """Return every number of units that some lines or parts of a SKU want together, ascending."""
    sums = {0}
    for line in choices.lines:
        if line.sku == sku:
            sums |= {units + line.units for units in sums}
    return sorted(sums - {0})


def _sooner(problem: Problem, choices: Choices, at: int) -> Iterator[Lever]:
    """Return a shorter handling or transit, by as much as the location is late."""
    yield from sooner_by_lane(problem, choices, at)
    order, place = problem.orders[0], problem.locations[at]
    late = int(choices.days[at]) - order.promise_days
    if late <= place.handling_days and not place.windows:
        less = (place.handling_days - late,)
        yield steps(Figure.HANDLING_DAYS, place.handling_days, less, location=place.id)
    if order.pickup_at is None:
        zone = int(choices.zone[at])
        days = problem.tariff.transit_days[zone]
        here = choices.zone == zone
        excess = np.unique(choices.days[here] - order.promise_days)
        quicker = tuple(int(days - most) for most in excess if 0 < most <= days)
        yield steps(Figure.TRANSIT_DAYS, days, quicker, zone=zone, location=place.id)


def _slower(order: Order, choices: Choices, place: Location, at: int) -> Iterator[Lever]:
    if place.windows:
        return
    by_way = {int(way.choices.days[at]) for way in choices.ways} or {int(choices.days[at])}
    spare = (order.promise_days - days for days in sorted(by_way, reverse=True))
    more = tuple(place.handling_days + one + 1 for one in spare if one >= 0)
    yield steps(Figure.HANDLING_DAYS, place.handling_days, more, location=place.id)


def _later(order: Order, choices: Choices) -> Iterator[Lever]:
    late = (choices.days > order.promise_days) & (choices.days < NEVER)
    later = np.unique(choices.days[late]).tolist()
    yield steps(Figure.PROMISE_DAYS, order.promise_days, tuple(later))


def _shorter(order: Order, choices: Choices) -> tuple[int, ...]:
    """Return the promises that shut some location out more than a longer one does."""
    days = np.unique(choices.days[(choices.days > 0) & (choices.days <= order.promise_days)])
    return tuple(int(one) - 1 for one in days[::-1])


def _more_capacity(problem: Problem, choices: Choices, at: int) -> Iterator[Lever]:
    place = problem.locations[at]
    if place.windows:
        yield from wider_windows(problem, choices, at)
        yield from sooner_windows(problem, choices, at)
        return
    left = int(choices.parcels_left[at])
    more = tuple(range(left + 1, choices.parcels + 1))
    yield steps(Figure.CAPACITY_PARCELS, left, more, location=place.id)


def _more_parcels(order: Order, choices: Choices) -> Iterator[Lever]:
    if order.pickup_at is None or choices.ways:
        more = tuple(range(order.max_parcels + 1, len(choices.lines) + 1))
        yield steps(Figure.MAX_PARCELS, order.max_parcels, more)


def _money(problem: Problem, now: Standing, at: int, *, up: bool) -> Iterator[Lever]:
    """Return the prices of one location in the plan that uses it: to lower, or to raise."""
    packages = (now.missing if up else now.reaching) or ()
    here = [package for package in packages if package.at == at]
    if not here:
        return
    place = problem.locations[at]
    pickup = problem.orders[0].pickup_at is not None
    if pickup and any(package.to is None for package in here):
        yield _walk(Figure.PICKUP_CENTS, place.pickup_cents, up=up, location=place.id)
    if not pickup or any(package.to is not None for package in here):
        yield _walk(Figure.PARCEL_CENTS, place.parcel_cents, up=up, location=place.id)
    if not pickup:
        for zone, band in sorted({cell_of(now, package) for package in here}):
            cents = problem.tariff.cents[band][zone]
            about = {"location": place.id, "zone": zone, "band": band}
            yield _walk(Figure.POSTAGE, cents, up=up, **about)
    yield _walk(Figure.LINE_CENTS, place.line_cents, up=up, location=place.id)
    for to in sorted({now.network.ids[one.to] for one in here if one.to is not None}):
        lane = lane_between(problem, place.id, to)
        about = {"location": place.id, "to": to}
        yield _walk(Figure.LANE_PARCEL_CENTS, lane.parcel_cents, up=up, **about)
        yield _walk(Figure.LANE_LINE_CENTS, lane.line_cents, up=up, **about)
    order = problem.orders[0]
    charged = [now.choices.lines[line].added for package in here for line in package.lines]
    for row in sorted({*order.added, *(row for rows in charged for row in rows)}):
        added = problem.added[row]
        about = {"location": place.id, "row": row, "term": added.term}
        yield _walk(Figure.ADDED, added.cents.get(place.id, 0), up=up, **about)


def _walk(figure: Figure, before: int, *, up: bool, **about: Any) -> Lever:
    """Return a lever for money; the direction is told by the first cent."""
    return Lever(Change(figure, before, before + (1 if up else -1), **about))
