"""How hard a batch is worked on, and how it is told to stop."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ortools.util.python.solve_interrupter import SolveInterrupter

from routing.plan import gap


class Phase(StrEnum):
    """What a batch is at."""

    FIRST_COME = "first come, first served"
    PRICING = "pricing"
    COLUMNS = "column generation"
    DIVING = "diving"
    POLISHING = "polishing"
    FLOW = "flow of least cost"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch has come: a proven bound, and the cost of the best plan if there is one."""

    phase: Phase
    bound_cents: int
    plan_cents: int | None

    @property
    def gap(self) -> float | None:
        """The share of the plan's cost that is not proven necessary."""
        if self.plan_cents is None:
            return None
        return gap(cost_cents=self.plan_cents, bound_cents=self.bound_cents)


@dataclass(frozen=True, slots=True)
class BatchEffort:
    """How much work each phase may do. It is counted, so the same problem gives the same plan."""

    seen_locations: int = 48
    """About how many locations an order sees between two looks at all of them."""
    price_rounds: int = 60
    column_rounds: int = 8
    enough_gap: float = 3e-4
    """Columns are no longer made when the linear program is this near its bound."""
    rough_orders: int = 20_000
    """Of more orders the linear programs are solved roughly: a round costs less than half."""
    variations: int = 6
    """How many more methods each order may get from prices that are shaken."""
    dive_share: float = 0.1
    """The least share of the open orders that every round of diving decides, of many more."""
    whole_orders: int = 1_000
    """Up to so many orders are also decided all at once by the integer program."""
    whole_nodes: int = 200
    chain_links: int = 4
    """How many orders after the first one of a chain may change their methods, one for another."""
    polish_steps: int = 200
    """How many neighbourhoods are decided again."""
    polish_nodes: int = 100
    seed: int = 0


def _nobody(_progress: Progress) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop, and whom to tell. A plan that time has cut short is not reproducible."""

    seconds_left: Callable[[], float | None] = lambda: None
    """Counts down to the time limit; None: there is none. Zero at any moment interrupts."""
    report: Callable[[Progress], None] = field(default=_nobody)
    interrupter: SolveInterrupter = field(default_factory=SolveInterrupter)
    """To be triggered by whoever will wait no longer, from any thread or a signal's handler."""

    def reserving(self, seconds: float) -> "Limits":
        """Return the same limits for work that must leave so many seconds to what follows."""

        def left() -> float | None:
            all_left = self.seconds_left()
            return None if all_left is None else all_left - seconds

        return replace(self, seconds_left=left)

    def over(self, *, reserve_s: float = 0.0) -> bool:
        """Whether no more than this many seconds are left."""
        left = self.seconds_left()
        return self.interrupter.interrupted or (left is not None and left <= reserve_s)

    def wall_s(self, most: float) -> float:
        """Return this many seconds, or what is left if that is less."""
        left = self.seconds_left()
        return most if left is None else max(0.01, min(most, left))
