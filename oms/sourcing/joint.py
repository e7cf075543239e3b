"""Decide many orders at once: the one place that knows which engine does it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from routing.plan import Answer
from routing.problem import Order, Problem

_FOR_PRICES: Final = 0.25
"""The share of the time that is kept for valuing stock."""


@dataclass(frozen=True, slots=True)
class Joint:
    """An answer for all orders, and what a unit is worth to those that will come after them.

    `worth` is in cents by SKU and location; what is not scarce is not in it.
    """

    answer: Answer
    worth: Mapping[tuple[str, str], int] = field(default_factory=dict)


def solve_jointly(
    problem: Problem, seconds: float, *, expected: Sequence[Sequence[Order]] = ()
) -> Joint:
    """Find places for all orders; when so many seconds are over, the best found until then.

    `expected` are orders of one day each that may come. Without any, stock is worth what it would
    have saved the orders of the problem.
    """
    # Loaded at need: the solvers take memory, and only their own process needs them.
    from routing.batch import solve as batch
    from routing.batch.effort import Limits
    from routing.batch.foresight import foresee, from_duals

    begun = time.monotonic()
    share = 1 - _FOR_PRICES if expected else 1.0
    solving = Limits(seconds_left=lambda: share * seconds - (time.monotonic() - begun))
    valuing = Limits(seconds_left=lambda: seconds - (time.monotonic() - begun))
    solution = batch.solve(problem, limits=solving)
    worth = foresee(problem, expected, limits=valuing) if expected else from_duals(solution.prices)
    cents = {spot: round(each) for spot, each in worth.units.items()}
    return Joint(solution.answer, {spot: each for spot, each in cents.items() if each})
