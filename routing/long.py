"""Decide one order that has too many lines for the exact engine.

A beam search finds a good plan, CP-SAT betters it first among a few promising locations, then among
all that can be needed. CP-SAT proves a bound too; the other one is

    f(C) + Σ over i not in C of min(unfilled price[i], least line cost of a location able to ship i)

(what is added to line i there included)

for some lines C few enough for the exact engine: if carriage rises with weight, taking the other
lines out of any plan saves that sum at least, and what remains costs f(C) or more.
"""

from dataclasses import replace

from routing import beam, exact
from routing.candidates import Choices
from routing.effort import Effort
from routing.packages import Outcome, cost_of
from routing.plan import Engine
from routing.pruning import needed_locations, promising_locations
from routing.ways import by_best_way


def solve(choices: Choices, effort: Effort) -> Outcome:
    """Find a good plan and a proven bound; optimal if they meet."""
    if choices.ways:
        return by_best_way(choices, lambda way: solve(way, effort))
    # Loaded at need: the solver takes a second and 60 MB, and few orders are long.
    from routing import cpsat

    plans = [beam.search(choices)]
    needed, promising = needed_locations(choices), promising_locations(choices, plans[0])
    if len(promising) < len(needed):
        effort = replace(effort, deterministic_time=effort.deterministic_time / 2)
        narrow = cpsat.solve(choices, promising, effort, hint=plans[0])
        plans += [narrow.packages] if narrow.packages is not None else []
        if effort.wall_s is not None:
            effort = replace(effort, wall_s=max(0.0, effort.wall_s - narrow.wall_s))
    wide = cpsat.solve(choices, needed, effort, hint=plans[-1])
    plans += [wide.packages] if wide.packages is not None else []

    costs = [cost_of(choices, plan) for plan in plans]
    best = min(range(len(plans)), key=costs.__getitem__)
    bound = max(wide.bound_cents, bound_of_parts(choices))
    return Outcome(
        plans[best],
        cost_cents=costs[best],
        bound_cents=bound,
        engine=Engine.CP_SAT if plans[1:] else Engine.BEAM,
        fallback=None if plans[1:] else "CP-SAT found no plan within its effort",
    )


def bound_of_parts(choices: Choices) -> int:
    """Return the best bound of the module's formula, C being each run of so many lines in turn."""
    if choices.ways:
        nothing = sum(line.unfilled_cents for line in choices.lines)
        by_way = (bound_of_parts(way.choices) + way.cents for way in choices.ways)
        return min(nothing, *by_way)
    if not choices.rates.rising:
        return 0
    lines = range(len(choices.lines))
    least = [_least_cents(choices, line) for line in lines]
    bounds = []
    for first in lines[:: exact.EXACT_LINES]:
        part = tuple(lines[first : first + exact.EXACT_LINES])
        rest = sum(least[line] for line in lines if line not in part)
        bounds.append(exact.solve(choices.only(part)).cost_cents + rest)
    return max(bounds)


def _least_cents(choices: Choices, line: int) -> int:
    """Return what one line adds to the cost of any plan at least."""
    cents = choices.rates.line
    if choices.added is not None:
        cents = cents + choices.added.line[line]
    able = cents[choices.able[line]]
    unfilled = choices.lines[line].unfilled_cents
    if choices.lines[line].part_of is not None:
        return 0  # another part may be picked with it
    return min(unfilled, int(able.min())) if len(able) else unfilled
