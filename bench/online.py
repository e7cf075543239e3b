"""Decide a day's orders as they come: at once with bid prices, or held for a few waves.

    at once     each order takes the best that is left, where a unit costs its bid price besides
    held        the orders of the last few waves are decided jointly again with every new wave;
                the oldest wave is then given out and stays as it is

Between the first come, first served (no foresight) and the whole day decided jointly (perfect
foresight) lies the clairvoyant gap; what is told is the share of it that is won.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from routing.batch.effort import BatchEffort
from routing.batch.solve import in_turn, solve
from routing.plan import OrderPlan
from routing.problem import Problem

DAMPING = 0.75
"""Of the duals of earlier days: without it a price that was high by chance keeps goods back."""
QUICK = BatchEffort(price_rounds=40, column_rounds=4, variations=3, polish_steps=10)


def bid_prices(days: list[Problem], effort: BatchEffort) -> dict[tuple[str, str], float]:
    """The mean of the duals of some days, damped, in cents by (SKU, location)."""
    total: Counter[tuple[str, str]] = Counter()
    for day in days:
        for spot, cents in solve(day, effort=effort).unit_prices.items():
            total[spot] += cents  # type: ignore[assignment]
    return {spot: DAMPING * cents / len(days) for spot, cents in total.items()}


def at_once(problem: Problem, prices: Mapping[tuple[str, str], float]) -> int:
    """The cost of a day whose orders are decided as they come, by these prices."""
    return in_turn(problem, unit_prices=prices).cost_cents


def held(problem: Problem, *, wave: int, waves: int, effort: BatchEffort = QUICK) -> int:
    """The cost of a day that comes in waves of so many orders, of which so many are held."""
    left = {(row.location, row.sku): row.units for row in problem.stock}
    capacity = {place.id: place.capacity_parcels for place in problem.locations}
    waiting, cost = [], 0
    arriving = [problem.orders[at : at + wave] for at in range(0, len(problem.orders), wave)]
    for number, newcomers in enumerate(arriving):
        waiting.append(newcomers)
        last = number == len(arriving) - 1
        if len(waiting) < waves and not last:
            continue
        answer = solve(_now(problem, waiting, left, capacity), effort=effort).answer
        plans = {plan.id: plan for plan in answer.orders}
        for released in waiting if last else waiting[:1]:
            for order in released:
                cost += plans[order.id].cost_cents
                _take(plans[order.id], {line.id: line for line in order.lines}, left, capacity)
        waiting = waiting[1:]
    return cost


def _now(problem, waiting, left, capacity) -> Problem:
    return replace(
        problem,
        orders=tuple(order for wave in waiting for order in wave),
        stock=tuple(
            row._replace(units=left[row.location, row.sku])
            for row in problem.stock
            if left[row.location, row.sku]
        ),
        locations=tuple(
            replace(place, capacity_parcels=capacity[place.id]) for place in problem.locations
        ),
    )


def _take(plan: OrderPlan, lines, left, capacity) -> None:
    for parcel in plan.parcels:
        if capacity[parcel.location] is not None:
            capacity[parcel.location] -= 1
        for line in parcel.lines:
            left[parcel.location, lines[line].sku] -= lines[line].units


def share_won(*, no_foresight: int, cost: int, foresight: int) -> float:
    """The share of the clairvoyant gap that a way of deciding wins."""
    return float(np.divide(no_foresight - cost, no_foresight - foresight))
