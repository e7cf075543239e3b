"""Decide all orders of a problem, first come first served.

Each order takes what the ones before it have left. The lower bound is the sum of what each order
would cost at least if it came first: nobody can pay less than that. An order's plan of that kind
is also its best one later, as long as it is still possible.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from routing import exact, greedy, long
from routing.candidates import Choices, survey
from routing.effort import Effort
from routing.method import Method
from routing.network import Supply, network_of, supply_of
from routing.packages import Outcome, Package, is_legal, order_plan, placed
from routing.plan import Answer, Status
from routing.problem import Order, Problem

RULES: Final[Mapping[Method, greedy.Rule]] = {
    Method.PRIORITY: greedy.priority,
    Method.NEAREST: greedy.nearest,
    Method.FEWEST_SPLITS: greedy.fewest_splits,
}


def solve_order(choices: Choices, effort: Effort) -> Outcome:
    """Decide one order by the engine that suits its length."""
    if len(choices.lines) <= exact.EXACT_LINES:
        return exact.solve(choices)
    return long.solve(choices, effort)


def solve_all(
    problem: Problem,
    *,
    method: Method,
    effort: Effort,
    seconds_left: Callable[[], float | None] = lambda: None,
) -> Answer:
    """Decide every order. `seconds_left` counts down to the time limit, if there is one.

    Orders that the time limit cuts off stay unfilled, and add nothing to the lower bound.
    """
    assert method is not Method.JOINT, "a joint decision knows no sequence"
    network = network_of(problem)
    full = supply_of(problem, network)
    free = full.copy()
    rule = RULES.get(method)
    plans, bound, timed_out = [], 0, False
    for order in problem.orders:
        left = seconds_left()
        timed_out = timed_out or (left is not None and left <= 0)
        choices = survey(network, free, order)
        packages: tuple[Package, ...] = ()
        if not timed_out:
            at_most = replace(effort, wall_s=left)
            alone = solve_order(survey(network, full, order), at_most)
            bound += alone.bound_cents
            packages = (
                rule(choices.from_shelves()) if rule else _still_best(choices, alone, at_most)
            )
        plans.append(order_plan(network, choices, packages))
        take(free, choices.order, placed(choices, packages))

    cost = sum(plan.cost_cents for plan in plans)
    left = seconds_left()
    cut_short = timed_out or (cost > bound and left is not None and left <= 0)
    status = Status.TIMEOUT if cut_short else Status.OPTIMAL if cost == bound else Status.FEASIBLE
    return Answer(status, cost_cents=cost, lower_bound_cents=bound, orders=tuple(plans))


def _still_best(choices: Choices, alone: Outcome, effort: Effort) -> tuple[Package, ...]:
    """Return an order's first choice while it is still possible, else its best one now."""
    if is_legal(choices, alone.packages):
        return alone.packages
    return solve_order(choices, effort).packages


def take(supply: Supply, order: Order, packages: tuple[Package, ...]) -> None:
    """Use up what the packages of an order take."""
    for package in packages:
        goods = [(order.lines[line].sku, order.lines[line].units) for line in package.lines]
        supply.take(at=package.at, goods=goods, place=package.place)
