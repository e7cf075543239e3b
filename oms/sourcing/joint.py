"""Decide many orders at once: the one place that knows which engine does it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.plan import Answer
from routing.problem import Problem


@dataclass(frozen=True, slots=True)
class Joint:
    """An answer for all orders, and what a unit more would have saved.

    `duals` is in cents by SKU and location; what is not scarce is not in it.
    """

    answer: Answer
    duals: Mapping[tuple[str, str], int] = field(default_factory=dict)


def solve_jointly(problem: Problem, seconds: float) -> Joint:
    """Find places for all orders; when so many seconds are over, the best found until then."""
    # Loaded at need: the solvers take memory, and only their own process needs them.
    from routing.batch import solve as batch
    from routing.batch.effort import Limits

    begun = time.monotonic()
    limits = Limits(seconds_left=lambda: seconds - (time.monotonic() - begun))
    solution = batch.solve(problem, limits=limits)
    duals = {spot: round(cents) for spot, cents in solution.prices.units.items()}
    return Joint(solution.answer, {spot: cents for spot, cents in duals.items() if cents})
