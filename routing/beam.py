"""Find a good plan for a long order quickly: try several first parcels, then several second ones.

A location is tried for the parcel that saves most of the price of leaving lines unfilled; the
cheapest few unfinished plans go on to the next parcel. Nothing is proven about the result.
"""

from typing import Final

from routing.candidates import Choices
from routing.greedy import in_line_order, load
from routing.packages import Outcome, Package, cost_of
from routing.plan import Engine
from routing.pruning import most_saving
from routing.ways import by_best_way

WIDTH: Final = 16


def search(choices: Choices) -> tuple[Package, ...]:
    """Return the cheapest plan met on the way; leaving every line unfilled is the dearest."""
    if choices.ways:
        return by_best_way(choices, _outcome).packages
    best: tuple[Package, ...] = ()
    plans = [best]
    for _ in range(choices.parcels):
        grown = {longer for plan in plans for longer in _grown(choices, plan)}
        # Plans of one cost are told apart, or the set's order would decide.
        ranked = sorted((cost_of(choices, plan), _key(plan), plan) for plan in grown)
        if not ranked:
            break
        plans = [plan for _, _, plan in ranked[:WIDTH]]
        best = min(best, plans[0], key=lambda plan: cost_of(choices, plan))
    return best


def _outcome(choices: Choices) -> Outcome:
    packages = search(choices)
    return Outcome(packages, cost_of(choices, packages), bound_cents=0, engine=Engine.BEAM)


def _grown(choices: Choices, plan: tuple[Package, ...]) -> list[tuple[Package, ...]]:
    """Return the plan with one more parcel, in several ways; each location has one parcel."""
    shipped = {line for package in plan for line in package.lines}
    left = [line for line in range(len(choices.lines)) if line not in shipped]
    used = {package.at for package in plan}
    places = most_saving(choices, left, WIDTH + len(used)) if left else []
    return [
        in_line_order((*plan, Package(loaded, at)))
        for at in places
        if at not in used and (loaded := load(choices, at, left))
    ]


def _key(plan: tuple[Package, ...]) -> tuple[tuple[tuple[int, ...], int], ...]:
    return tuple((package.lines, package.at) for package in plan)
