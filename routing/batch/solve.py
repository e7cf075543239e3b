"""Decide all orders of a problem jointly, with a proven bound.

    minimise   Σ cost[o, m] · z[o, m]                           one binary per order and method
    subject to Σ_m z[o, m] = 1                                  each order has one method
               Σ units · z ≤ stock[k, l]                        per SKU and location
               Σ parcels · z ≤ capacity[l]                      per location

A method is a way to cover an order's lines by packages, or to leave some unfilled at their price.
First every order takes the best that is left, in sequence: a plan that can be used at any moment.
Orders of single lines are then a matter of `flow`, exactly. For all others `columns` finds prices,
methods and the bound, `dive` makes a plan of them, `polish` betters it, and `small` does so for few
orders. When the time is over, whatever was the best plan is the answer, with the bound proven so
far.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from routing.batch import flow
from routing.batch.aside import Aside, decide_long
from routing.batch.columns import Market, climb, enrich, generate, nothing_shipped
from routing.batch.dive import dive, fill_in
from routing.batch.effort import BatchEffort, Limits, Phase, Progress
from routing.batch.layout import lay_out
from routing.batch.polish import polish
from routing.batch.pool import Pool
from routing.batch.pricing import SCALE, sweep, whole
from routing.batch.small import choose_whole
from routing.batch.standing import Standing
from routing.batch.worth import Worth, by_limit, by_name, whole_values
from routing.network import network_of, supply_of
from routing.plan import Answer, OrderPlan, ParcelPlan, Status
from routing.problem import Order, Problem
from routing.splitting import all_in_parts, units_of_parts, whole_ids
from routing.subsets import members

_AFTER_PRICES: Final = 0.7
_AFTER_COLUMNS: Final = 0.5
_AFTER_VARIATIONS: Final = 0.48
_AFTER_DIVING: Final = 0.22
"""The share of a time limit that is left when a phase ends at the latest."""

_LEAST_AT_ONCE: Final = 256
_ROUNDS: Final = 50
"""The first plan, which is hardly ever the answer, takes about so many rounds of pricing."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The answer to a batch, and what a unit or a parcel more would have saved.

    `prices` are the duals of the linear program, where they are not zero.
    """

    answer: Answer
    prices: Worth


def solve(
    problem: Problem,
    *,
    effort: BatchEffort | None = None,
    limits: Limits | None = None,
    values: Worth | None = None,
) -> Solution:
    """Decide all orders jointly.

    `values` are what units and parcels are worth to orders that the problem does not have: they
    steer, and are not part of the answer's cost. Without a time limit the same problem and effort
    give the same plan. Raises nothing that a well-formed problem could cause: an order that nobody
    can fill stays unfilled at its price.
    """
    effort, limits = effort or BatchEffort(), limits or Limits()
    seconds = limits.seconds_left() or 0.0
    market, aside = market_of(problem, values)
    standing = _first_come(market, limits)
    if market.layout.blocks and not limits.over():
        standing = _jointly(market, standing, effort, limits, seconds)
    answer = _answer(market, standing, aside, timed_out=limits.over())
    prices = by_name(market.layout, market.network, market.row, market.prices)
    return Solution(answer, prices)


def bound_of(problem: Problem, *, effort: BatchEffort | None = None) -> int:
    """Return a proven bound in cents on any plan's cost, from prices alone: none is made."""
    market, _ = market_of(problem, None)
    if market.layout.blocks:
        if flow.is_flow(market.layout):
            flow.decide(market)
        else:
            climb(market, effort or BatchEffort(), Limits())
    return market.bound_cents


def in_turn(problem: Problem, *, values: Worth | None = None) -> Answer:
    """Decide the orders one after another, each as if it were the last but for the `values`."""
    market, aside = market_of(problem, values)
    standing = Standing(market.pool, market.free)
    fill_in(market, standing, market.layout.block_of >= 0)
    return _answer(market, standing, aside, timed_out=False)


def _answer(market: Market, standing: Standing, aside: Aside, *, timed_out: bool) -> Answer:
    plans = aside.plans | _plans(market, standing)
    cost = sum(plan.cost_cents for plan in plans.values())
    if market.layout.values.any():
        _prove_without_values(market)
    bound = min(market.bound_cents, cost)
    unproven = Status.TIMEOUT if timed_out else Status.FEASIBLE
    return Answer(
        Status.OPTIMAL if cost == bound else unproven,
        cost_cents=cost,
        lower_bound_cents=bound,
        orders=tuple(plans[order.id] for order in market.problem.orders),
    )


def _prove_without_values(market: Market) -> None:
    """Replace the bound, which counts values as costs, by what each order costs at least."""
    bare = replace(market.layout, values=np.zeros_like(market.layout.values))
    found = sweep(bare, whole(bare, np.zeros(len(bare.values))))
    charged = sum(int(methods.charged.sum()) for methods in found)
    market.bound_cents = market.floor_cents + charged // SCALE


def market_of(problem: Problem, values: Worth | None) -> tuple[Market, Aside]:
    """Lay a problem out; the orders too long for a batch are decided at once."""
    problem = all_in_parts(problem)
    network = network_of(problem)
    full = supply_of(problem, network)
    supply = full.copy()
    aside = decide_long(problem, network, supply)
    layout = lay_out(problem, network, full)
    if values is not None:
        cents = by_limit(layout, network, supply.row, values)
        layout = replace(layout, values=whole_values(layout, cents))
    pool = Pool(layout)
    pool.add(nothing_shipped(layout))
    market = Market(
        problem=problem,
        network=network,
        row=supply.row,
        layout=layout,
        view=layout,
        pool=pool,
        free=layout.goods.of(supply),
        prices=np.zeros(len(layout.goods.limits)),
        floor_cents=aside.bound_cents,
        aside_cents=sum(plan.cost_cents for plan in aside.plans.values()),
        bound_cents=aside.bound_cents,
    )
    return market, aside


def _first_come(market: Market, limits: Limits) -> Standing:
    standing = Standing(market.pool, market.free)
    at_once = max(_LEAST_AT_ONCE, market.layout.orders // _ROUNDS)
    fill_in(market, standing, market.layout.block_of >= 0, at_once=at_once)
    market.plan_cents = standing.cents + market.aside_cents
    limits.report(Progress(Phase.FIRST_COME, market.bound_cents, market.plan_cents))
    return standing


def _jointly(
    market: Market, first: Standing, effort: BatchEffort, limits: Limits, seconds: float
) -> Standing:
    """Return the best of the plans made until the effort or the time is used up.

    Where there is a time limit, of `seconds`, each phase leaves a part of it to those after it.
    """
    if flow.is_flow(market.layout):
        limits.report(Progress(Phase.FLOW, market.bound_cents, market.plan_cents))
        return flow.decide(market)
    climb(market, effort, limits.reserving(_AFTER_PRICES * seconds))
    generate(market, effort, limits.reserving(_AFTER_COLUMNS * seconds))
    enrich(market, effort, limits.reserving(_AFTER_VARIATIONS * seconds))
    dived = dive(market, effort, limits.reserving(_AFTER_DIVING * seconds))
    best = min(first, dived, key=lambda standing: standing.cents)
    if market.layout.orders <= effort.whole_orders:
        choose_whole(market, best, effort, limits)
    market.plan_cents = best.cents + market.aside_cents
    polish(market, best, effort, limits)
    return best


def _plans(market: Market, standing: Standing) -> dict[str, OrderPlan]:
    """Put the methods into the words of the problem."""
    problem, pool, plans = market.problem, market.pool, {}
    for at in np.flatnonzero(market.layout.block_of >= 0).tolist():
        order, method = problem.orders[at], int(standing.method[at])
        parcels = _parcels(market, order, method)
        shipped = {line for part, _ in pool.packages(method) for line in members(part)}
        left = [line for number, line in enumerate(order.lines) if number not in shipped]
        plans[order.id] = OrderPlan(
            id=order.id,
            parcels=parcels,
            unfilled=whole_ids(left),
            cost_cents=sum(parcel.cents for parcel in parcels)
            + sum(line.unfilled_cents for line in left),
            unfilled_units=units_of_parts(left),
        )
    return plans


def _parcels(market: Market, order: Order, method: int) -> tuple[ParcelPlan, ...]:
    """Return a method's parcels; where goods come by transfer, the hand-over is one of them."""
    pool = market.pool
    packages, handed = pool.packages(method), pool.hand_over(method)
    if handed is None:
        parcels = [
            _parcel(market, order, part, at, pool.package_cents(method, part, at))
            for part, at in packages
        ]
    elif not packages:
        parcels = []
    else:
        store, cents = handed
        own = sum(part for part, at in packages if at == store)  # one shelf, however put together
        parcels = [
            replace(
                _parcel(market, order, part, at, pool.package_cents(method, part, at)),
                to=market.network.ids[market.network.location_of(store)],
            )
            for part, at in packages
            if at != store
        ]
        cents += pool.package_cents(method, own, store)
        parcels.append(_parcel(market, order, own, store, cents))
    return tuple(sorted(parcels, key=lambda parcel: parcel.lines))


def _parcel(market: Market, order: Order, part: int, place: int, cents: int) -> ParcelPlan:
    network, lines = market.network, [order.lines[line] for line in members(part)]
    return ParcelPlan(
        location=network.ids[network.location_of(place)],
        lines=whole_ids(lines),
        cents=cents,
        window=network.window_id(place),
        units=units_of_parts(lines),
    )
