"""Pick an order up at one store, with goods that are there or that are sent there by transfer.

    cost(h) = hand-over[h] + least cost of a partition of the lines over h's shelf and its lanes
    least   = min over stores h of cost(h), or every line unfilled

An engine that decides where lines come from needs not know of it: to it, a store's shelf and the
lanes that lead there are locations, and it is asked once for each store. Transfers have no weight
limit, so one location sends everything for one order in one parcel.
"""

from collections.abc import Callable
from dataclasses import replace

from routing.candidates import Choices, Way
from routing.packages import Outcome, Package
from routing.plan import Engine


def by_best_way(choices: Choices, engine: Callable[[Choices], Outcome]) -> Outcome:
    """Ask an engine about every store and return the best, proven as far as all of them are."""
    nothing = sum(line.unfilled_cents for line in choices.lines)
    best, bound = Outcome((), nothing, nothing, engine=Engine.EXACT), nothing
    for way in choices.ways:
        found = engine(way.choices)
        bound = min(bound, found.bound_cents + way.cents)
        cost = found.cost_cents + way.cents
        if found.packages and cost < best.cost_cents:
            best = replace(found, packages=handed_over(found.packages, way), cost_cents=cost)
    return replace(best, bound_cents=bound)


def handed_over(packages: tuple[Package, ...], way: Way) -> tuple[Package, ...]:
    """Return a store's hand-over and the transfers to it, given where its lines come from."""
    lines: dict[int, list[int]] = {way.at: []}
    for package in packages:
        lines.setdefault(package.at, []).extend(package.lines)
    parts = (
        Package(tuple(sorted(some)), at, to=way.at)
        if at != way.at
        else Package(tuple(sorted(some)), at, window=way.window)
        for at, some in lines.items()
    )
    return tuple(sorted(parts, key=lambda part: part.lines))
