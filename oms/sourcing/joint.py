"""Decide many orders at once: the one place that knows which engine does it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from routing.added import without
from routing.plan import Answer
from routing.problem import Order, Problem
from routing.terms import OPPORTUNITY

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

    `expected` are orders of one day each that may come. Without any, stock is worth a part of what
    it would save the orders of the problem. Stock is valued as if nothing were charged for its
    opportunity: or its price would fall by being charged.
    """
    # Loaded at need: the solvers take memory, and only their own process needs them.
    from routing.batch import solve as batch
    from routing.batch.effort import Limits
    from routing.batch.foresight import damped, foresee

    begun = time.monotonic()
    share = 1 - _FOR_PRICES
    solving = Limits(seconds_left=lambda: share * seconds - (time.monotonic() - begun))
    valuing = Limits(seconds_left=lambda: seconds - (time.monotonic() - begun))
    solution = batch.solve(problem, limits=solving)
    worth = foresee(without(problem, OPPORTUNITY), expected, limits=valuing)
    worth = worth if expected else damped(worth)
    cents = {spot: round(each) for spot, each in worth.units.items()}
    return Joint(solution.answer, {spot: each for spot, each in cents.items() if each})
