"""Decide many orders at once: the one place that knows which engine does it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.effort import Effort
from routing.plan import Answer
from routing.problem import Problem
from routing.sequence import Method, solve_all


@dataclass(frozen=True, slots=True)
class Joint:
    """An answer for all orders, and what a unit more would have saved.

    `duals` is in cents by SKU and location; empty where the engine has none.
    """

    answer: Answer
    duals: Mapping[tuple[str, str], int] = field(default_factory=dict)


def solve_jointly(problem: Problem, seconds: float) -> Joint:
    """Find places for all orders within so many seconds.

    Orders that the time cuts off are answered as unfilled; their places are left as they are.
    """
    begun = time.monotonic()

    def seconds_left() -> float:
        return seconds - (time.monotonic() - begun)

    return Joint(
        solve_all(problem, method=Method.FIFO_EXACT, effort=Effort(), seconds_left=seconds_left)
    )
