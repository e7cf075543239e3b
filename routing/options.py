"""Levers of what only some problems have: transfer lanes, and windows of time."""

from collections.abc import Iterator

from routing.candidates import Choices
from routing.changes import Figure
from routing.lever import Lever, steps
from routing.problem import Lane, Problem, Window
from routing.windows import Slots


def lane_between(problem: Problem, source: str, to: str) -> Lane:
    """Return the lane from one location to another; there must be one."""
    return next(lane for lane in problem.transfers if (lane.source, lane.to) == (source, to))


def sooner_by_lane(problem: Problem, choices: Choices, at: int) -> Iterator[Lever]:
    """Return quicker transfers from a location, each by as much as it is late."""
    place = problem.locations[at]
    lanes = {lane.to: lane for lane in problem.transfers if lane.source == place.id}
    for way in choices.ways:
        store = problem.locations[way.at].id
        late = int(way.choices.days[at]) - way.by
        if way.at != at and store in lanes and 0 < late <= lanes[store].days:
            days = lanes[store].days
            yield steps(Figure.LANE_DAYS, days, (days - late,), location=place.id, to=store)


def sooner_windows(problem: Problem, choices: Choices, at: int) -> Iterator[Lever]:
    """Return earlier windows of a location, each by as much as it is late."""
    for window, late, _ in _served(problem, choices, at):
        if 0 < late <= window.days:
            yield steps(
                Figure.WINDOW_DAYS,
                window.days,
                (window.days - late,),
                location=problem.locations[at].id,
                window=window.id,
            )


def wider_windows(problem: Problem, choices: Choices, at: int) -> Iterator[Lever]:
    """Return more room in windows of a location that are in time, and have too little of it."""
    for window, late, left in _served(problem, choices, at):
        if late <= 0 and left < choices.parcels:
            more = tuple(range(left + 1, choices.parcels + 1))
            about = {"location": problem.locations[at].id, "window": window.id}
            yield steps(Figure.WINDOW_CAPACITY, left, more, **about)


def _served(problem: Problem, choices: Choices, at: int) -> Iterator[tuple[Window, int, int]]:
    """Return the windows of a location that serve the order, once: by how late, and with room."""
    found: dict[str, tuple[Window, int, int]] = {}
    for slots, by in _slots(choices):
        windows = slots.windows.of(at)
        for window, stated in zip(windows, problem.locations[at].windows, strict=False):
            if slots.serves[window]:
                late = int(slots.days[window]) - by
                found.setdefault(stated.id, (stated, late, int(slots.left[window])))
    yield from found.values()


def _slots(choices: Choices) -> Iterator[tuple[Slots, int]]:
    if choices.slots is not None and not choices.ways:
        yield choices.slots, choices.order.promise_days
    for way in choices.ways:
        if way.choices.slots is not None:
            yield way.choices.slots, way.by
