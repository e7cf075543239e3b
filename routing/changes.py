"""One figure of a problem, changed: what a counterfactual supposes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

from routing.problem import Added, Lane, Line, Location, Order, Problem, Stock, Tariff, Window


class Figure(StrEnum):
    """A figure that may be changed, by its name in the problem file."""

    STOCK = "stock"
    HANDLING_DAYS = "handling_days"
    TRANSIT_DAYS = "transit_days"
    PROMISE_DAYS = "promise_days"
    CAPACITY_PARCELS = "capacity_parcels"
    MAX_PARCELS = "max_parcels"
    PARCEL_CENTS = "parcel_cents"
    LINE_CENTS = "line_cents"
    PICKUP_CENTS = "pickup_cents"
    POSTAGE = "cents"
    UNFILLED_CENTS = "unfilled_cents"
    ADDED = "added"
    LANE_PARCEL_CENTS = "transfers.parcel_cents"
    LANE_LINE_CENTS = "transfers.line_cents"
    LANE_DAYS = "transfers.days"
    WINDOW_CAPACITY = "windows.capacity_parcels"
    WINDOW_DAYS = "windows.days"
    EXCLUDED = "excluded"
    """1 if the location is excluded from the order, else 0."""
    PICKUP_AT = "pickup_at"
    """1 if the order may be picked up at the location, else 0."""


MONEY: Final = frozenset(
    {
        Figure.PARCEL_CENTS,
        Figure.LINE_CENTS,
        Figure.PICKUP_CENTS,
        Figure.POSTAGE,
        Figure.UNFILLED_CENTS,
        Figure.ADDED,
        Figure.LANE_PARCEL_CENTS,
        Figure.LANE_LINE_CENTS,
    }
)
"""Figures in cents; a plan's cost is linear in each."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """A figure, what it is, and what it is supposed to be; what does not belong to it stays None.

    `zone` and `band` count from 0, as the rows and columns of a tariff do; `row` is one of added
    costs, and `term` what it is called; `to` is where a transfer from the location goes, `window`
    one of the location's.
    """

    figure: Figure
    before: int
    after: int
    location: str | None = None
    sku: str | None = None
    line: str | None = None
    zone: int | None = None
    band: int | None = None
    row: int | None = None
    term: str | None = None
    to: str | None = None
    window: str | None = None

    def moved(self, after: int) -> "Change":
        """Return the change of the same figure to another value."""
        return replace(self, after=after)


def alone(problem: Problem, order_id: str) -> Problem:
    """Return the problem of one order; raises `KeyError` when there is no such order."""
    return replace(problem, orders=(problem.order(order_id),))


def changed(problem: Problem, change: Change) -> Problem:
    """Return the problem of one order with one figure changed, and nothing else."""
    order, after = problem.orders[0], change.after
    match change.figure:
        case Figure.STOCK:
            return replace(problem, stock=_stock(problem.stock, change))
        case Figure.TRANSIT_DAYS | Figure.POSTAGE:
            return replace(problem, tariff=_tariff(problem.tariff, change))
        case Figure.ADDED:
            return replace(problem, added=_added(problem.added, change))
        case Figure.LANE_PARCEL_CENTS | Figure.LANE_LINE_CENTS | Figure.LANE_DAYS:
            return replace(problem, transfers=_lanes(problem.transfers, change))
        case Figure.PROMISE_DAYS:
            return _with(problem, replace(order, promise_days=after))
        case Figure.MAX_PARCELS:
            return _with(problem, replace(order, max_parcels=after))
        case Figure.UNFILLED_CENTS:
            return _with(problem, replace(order, lines=_lines(order.lines, change)))
        case Figure.EXCLUDED:
            assert not after, "no reason is known for an exclusion that is not there"
            kept = {at: note for at, note in order.excluded.items() if at != change.location}
            return _with(problem, replace(order, excluded=kept))
        case Figure.PICKUP_AT:
            assert after, "a counterfactual does not take a pickup point away"
            assert change.location is not None
            points = (*(order.pickup_at or ()), change.location)
            return _with(problem, replace(order, pickup_at=points))
    return replace(problem, locations=_locations(problem.locations, change))


def _with(problem: Problem, order: Order) -> Problem:
    return replace(problem, orders=(order,))


def _stock(stock: tuple[Stock, ...], change: Change) -> tuple[Stock, ...]:
    assert change.location is not None
    assert change.sku is not None
    spot = (change.location, change.sku)
    others = tuple(row for row in stock if (row.location, row.sku) != spot)
    return (*others, Stock(*spot, change.after))


def _added(rows: tuple[Added, ...], change: Change) -> tuple[Added, ...]:
    assert change.row is not None
    assert change.location is not None
    spot = {change.location: change.after}
    return _at(rows, change.row, lambda row: replace(row, cents={**row.cents, **spot}))


def _tariff(tariff: Tariff, change: Change) -> Tariff:
    assert change.zone is not None
    if change.figure is Figure.TRANSIT_DAYS:
        days = _at(tariff.transit_days, change.zone, lambda _: change.after)
        return replace(tariff, transit_days=days)
    assert change.band is not None
    zone = change.zone
    cents = _at(tariff.cents, change.band, lambda row: _at(row, zone, lambda _: change.after))
    return replace(tariff, cents=cents)


def _at(values: tuple[T, ...], at: int, change: Callable[[T], T]) -> tuple[T, ...]:
    return (*values[:at], change(values[at]), *values[at + 1 :])


def _lanes(lanes: tuple[Lane, ...], change: Change) -> tuple[Lane, ...]:
    return tuple(
        _lane(lane, change) if (lane.source, lane.to) == (change.location, change.to) else lane
        for lane in lanes
    )


def _lane(lane: Lane, change: Change) -> Lane:
    match change.figure:
        case Figure.LANE_PARCEL_CENTS:
            return replace(lane, parcel_cents=change.after)
        case Figure.LANE_LINE_CENTS:
            return replace(lane, line_cents=change.after)
        case _:
            return replace(lane, days=change.after)


def _lines(lines: tuple[Line, ...], change: Change) -> tuple[Line, ...]:
    return tuple(
        replace(line, unfilled_cents=change.after) if line.id == change.line else line
        for line in lines
    )


def _locations(places: tuple[Location, ...], change: Change) -> tuple[Location, ...]:
    return tuple(
        _location(place, change) if place.id == change.location else place for place in places
    )


def _location(place: Location, change: Change) -> Location:
    after = change.after
    match change.figure:
        case Figure.HANDLING_DAYS:
            return replace(place, handling_days=after)
        case Figure.CAPACITY_PARCELS:
            return replace(place, capacity_parcels=after)
        case Figure.PARCEL_CENTS:
            return replace(place, parcel_cents=after)
        case Figure.LINE_CENTS:
            return replace(place, line_cents=after)
        case Figure.PICKUP_CENTS:
            return replace(place, pickup_cents=after)
        case Figure.WINDOW_CAPACITY | Figure.WINDOW_DAYS:
            return replace(
                place,
                windows=tuple(
                    _window(window, change) if window.id == change.window else window
                    for window in place.windows
                ),
            )
        case _:
            raise AssertionError(f"{change.figure} is not of a location")


def _window(window: Window, change: Change) -> Window:
    if change.figure is Figure.WINDOW_DAYS:
        return replace(window, days=change.after)
    return replace(window, capacity_parcels=change.after)
