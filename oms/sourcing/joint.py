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
    problem: Problem,
    seconds: float | None,
    *,
    expected: Sequence[Sequence[Order]] | None = None,
) -> Joint:
    """Find places for all orders; when so many seconds are over, the best found until then.

    Without a limit the work is counted, so that the same problem gives the same answer.

    `expected` are orders of one day each that may come. Where there are none, stock is worth a part
    of what it would save the orders of the problem; it is not valued at all if nobody says. Stock
    is valued as if nothing were charged for its opportunity: or its price would fall by being
    charged.
    """
    # Loaded at need: the solvers take memory, and only their own process needs them.
    from routing.batch import solve as batch
    from routing.batch.effort import Limits
    from routing.batch.foresight import damped, foresee

    begun = time.monotonic()

    def seconds_left(share: float) -> float | None:
        return None if seconds is None else share * seconds - (time.monotonic() - begun)

    solving = 1.0 if expected is None else 1 - _FOR_PRICES
    solution = batch.solve(problem, limits=Limits(seconds_left=lambda: seconds_left(solving)))
    if expected is None:
        return Joint(solution.answer)
    valuing = Limits(seconds_left=lambda: seconds_left(1.0))
    worth = foresee(without(problem, OPPORTUNITY), expected, limits=valuing)
    worth = worth if expected else damped(worth)
    cents = {spot: round(each) for spot, each in worth.units.items()}
    return Joint(solution.answer, {spot: each for spot, each in cents.items() if each})
