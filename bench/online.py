"""Decide a day's orders as they come: at once with bid prices, or held for a few waves.

    at once     each order takes the best that is left, where a unit and a parcel cost besides what
                they are worth to the orders still to come
    held        the orders of the last few waves are decided jointly again with every new wave;
                the oldest wave is then given out and stays as it is

What is to come is known from the orders of earlier days alone: `routing.batch.foresight` values the
stock that is left for what came in the rest of those days. Between the first come, first served (no
foresight) and the whole day decided jointly (perfect foresight) lies the clairvoyant gap; what is
told is the share of it that is won.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from routing.batch.effort import BatchEffort
from routing.batch.foresight import Foresight, foresee
from routing.batch.solve import in_turn, solve
from routing.batch.worth import Worth
from routing.plan import OrderPlan
from routing.problem import Order, Problem

QUICK = BatchEffort(
    price_rounds=40,
    column_rounds=4,
    variations=3,
    dive_share=0.25,
    chain_links=3,
    polish_steps=60,
)
Days = Sequence[Sequence[Order]]
"""Orders of earlier days, as they came."""


class Left:
    """What a day's decisions have left of stock and capacity."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._units = {(row.location, row.sku): row.units for row in problem.stock}
        self._parcels = {place.id: place.capacity_parcels for place in problem.locations}

    def problem(self, orders: Iterable[Order]) -> Problem:
        """The problem of some orders with what is left."""
        return replace(
            self._problem,
            orders=tuple(orders),
            stock=tuple(
                row._replace(units=self._units[row.location, row.sku])
                for row in self._problem.stock
                if self._units[row.location, row.sku]
            ),
            locations=tuple(
                replace(place, capacity_parcels=self._parcels[place.id])
                for place in self._problem.locations
            ),
        )

    def take(self, order: Order, plan: OrderPlan) -> None:
        """Use up what a plan takes."""
        lines = {line.id: line for line in order.lines}
        for parcel in plan.parcels:
            left = self._parcels[parcel.location]
            if left is not None:
                self._parcels[parcel.location] = left - 1
            for line in parcel.lines:
                self._units[parcel.location, lines[line].sku] -= lines[line].units


def at_once(problem: Problem, days: Days, *, looks: int, foresight: Foresight | None = None) -> int:
    """The cost of a day whose orders are decided as they come, valued anew so many times a day."""
    left, cost, worth = Left(problem), 0, None
    orders = problem.orders
    for look in range(looks):
        begin, end = look * len(orders) // looks, (look + 1) * len(orders) // looks
        # The orders of a look meet on the average half of it still to come.
        coming = rest(days, after=(look + 0.5) / looks)
        worth = foresee(left.problem(()), coming, foresight=foresight, earlier=worth)
        cost += _decided(left, orders[begin:end], worth)
    return cost


def _decided(left: Left, orders: Sequence[Order], worth: Worth) -> int:
    answer = in_turn(left.problem(orders), values=worth)
    for order, plan in zip(orders, answer.orders, strict=True):
        left.take(order, plan)
    return answer.cost_cents


def held(
    problem: Problem,
    days: Days,
    *,
    wave: int,
    waves: int,
    effort: BatchEffort = QUICK,
    foresight: Foresight | None = None,
) -> int:
    """The cost of a day that comes in waves of so many orders, of which so many are held.

    Without earlier days nothing is known of what is to come.
    """
    left, cost = Left(problem), 0
    worth: Worth | None = None
    waiting: list[Sequence[Order]] = []
    arriving = [problem.orders[at : at + wave] for at in range(0, len(problem.orders), wave)]
    for number, newcomers in enumerate(arriving, start=1):
        waiting.append(newcomers)
        last = number == len(arriving)
        if len(waiting) < waves and not last:
            continue
        now = left.problem(order for held_wave in waiting for order in held_wave)
        if days:
            coming = rest(days, after=number / len(arriving))
            worth = foresee(now, coming, foresight=foresight, earlier=worth)
        answer = solve(now, effort=effort, values=None if last else worth).answer
        plans = {plan.id: plan for plan in answer.orders}
        for released in waiting if last else waiting[:1]:
            for order in released:
                cost += plans[order.id].cost_cents
                left.take(order, plans[order.id])
        waiting = waiting[1:]
    return cost


def rest(days: Days, *, after: float) -> Days:
    """The orders of earlier days that came after this share of the day."""
    return [day[round(after * len(day)) :] for day in days]


def share_won(*, no_foresight: int, cost: int, foresight: int) -> float:
    """The share of the clairvoyant gap that a way of deciding wins."""
    return (no_foresight - cost) / (no_foresight - foresight)
