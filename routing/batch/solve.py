"""Decide all orders of a problem jointly, with a proven bound.

    minimise   Σ cost[o, m] · z[o, m]                           one binary per order and method
    subject to Σ_m z[o, m] = 1                                  each order has one method
               Σ units · z ≤ stock[k, l]                        per SKU and location
               Σ parcels · z ≤ capacity[l]                      per location

A method is a way to cover an order's lines by packages, or to leave some unfilled at their price.
First every order takes the best that is left, in sequence: a plan that can be used at any moment.
Then `columns` finds prices, methods and the bound, `dive` makes a plan of them, `polish` betters
it. When the time is over, whatever was the best plan is the answer, with the bound proven so far.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from routing.batch.aside import Aside, decide_long
from routing.batch.columns import Floats, Market, climb, enrich, generate, nothing_shipped
from routing.batch.dive import dive, fill_in
from routing.batch.effort import BatchEffort, Limits, Phase, Progress
from routing.batch.layout import lay_out
from routing.batch.polish import polish
from routing.batch.pool import Pool
from routing.batch.standing import Standing
from routing.batch.stores import by_store
from routing.network import network_of, supply_of
from routing.plan import Answer, OrderPlan, ParcelPlan, Status
from routing.problem import Order, Problem
from routing.splitting import all_in_parts, units_of_parts, whole_ids
from routing.subsets import members


@dataclass(frozen=True, slots=True)
class Solution:
    """The answer to a batch, and what a unit or a parcel more would have saved.

    `unit_prices` are cents by (SKU, location id), `parcel_prices` cents by location id: the duals
    of the linear program, where they are not zero; of a location's windows, the dearest.
    """

    answer: Answer
    unit_prices: Mapping[tuple[str, str], float]
    parcel_prices: Mapping[str, float]


def solve(
    problem: Problem, *, effort: BatchEffort | None = None, limits: Limits | None = None
) -> Solution:
    """Decide all orders jointly.

    Without a time limit the same problem and effort give the same plan. Raises nothing that a
    well-formed problem could cause: an order that nobody can fill stays unfilled at its price.
    """
    effort, limits = effort or BatchEffort(), limits or Limits()
    market, aside = _market(problem)
    standing = _first_come(market, limits)
    if market.layout.blocks and not limits.over():
        standing = _jointly(market, standing, effort, limits)
    answer = _answer(market, standing, aside, timed_out=limits.over())
    return Solution(answer, *_named_prices(market))


def in_turn(
    problem: Problem, *, unit_prices: Mapping[tuple[str, str], float] | None = None
) -> Answer:
    """Decide the orders one after another, where taking a unit has its price in cents besides.

    Prices are by (SKU, location id); they steer, and are not part of the answer's cost.
    """
    market, aside = _market(problem)
    standing = Standing(market.layout, market.pool)
    cents = _prices_of(market, unit_prices or {})
    fill_in(market, standing, market.layout.block_of >= 0, cents=cents)
    return _answer(market, standing, aside, timed_out=False)


def _answer(market: Market, standing: Standing, aside: Aside, *, timed_out: bool) -> Answer:
    cost = standing.cents + market.aside_cents
    bound = min(market.bound_cents, cost)
    unproven = Status.TIMEOUT if timed_out else Status.FEASIBLE
    plans = aside.plans | _plans(market, standing)
    return Answer(
        Status.OPTIMAL if cost == bound else unproven,
        cost_cents=cost,
        lower_bound_cents=bound,
        orders=tuple(plans[order.id] for order in market.problem.orders),
    )


def _prices_of(market: Market, unit_prices: Mapping[tuple[str, str], float]) -> Floats:
    """Return the prices by limit."""
    goods, network = market.layout.goods, market.network
    cents = np.zeros(len(goods.limits))
    for (sku, location), price in unit_prices.items():
        if sku in market.row and location in network.index:
            at = network.index[location]
            place = at if network.windows is None else network.windows.of(at)[0]
            limit = int(goods.numbers[market.row[sku], place])
            if limit < len(cents):
                cents[limit] = price
    return cents


def _market(problem: Problem) -> tuple[Market, Aside]:
    problem = all_in_parts(problem)
    network = network_of(problem)
    supply = supply_of(problem, network)
    aside = decide_long(problem, network, supply)
    layout = by_store(problem, network, supply, lay_out(problem, network, supply))
    pool = Pool(layout)
    pool.add(nothing_shipped(layout))
    market = Market(
        problem=problem,
        network=network,
        row=supply.row,
        layout=layout,
        view=layout,
        pool=pool,
        prices=np.zeros(len(layout.goods.limits)),
        floor_cents=aside.bound_cents,
        aside_cents=sum(plan.cost_cents for plan in aside.plans.values()),
        bound_cents=aside.bound_cents,
    )
    return market, aside


def _first_come(market: Market, limits: Limits) -> Standing:
    standing = Standing(market.layout, market.pool)
    fill_in(market, standing, market.layout.block_of >= 0)
    market.plan_cents = standing.cents + market.aside_cents
    limits.report(Progress(Phase.FIRST_COME, market.bound_cents, market.plan_cents))
    return standing


def _jointly(market: Market, first: Standing, effort: BatchEffort, limits: Limits) -> Standing:
    """Return the best of the plans made until the effort or the time is used up."""
    climb(market, effort, limits)
    generate(market, effort, limits)
    if market.shares is None:
        return first
    enrich(market, effort)
    dived = dive(market, effort, limits)
    best = min(first, dived, key=lambda standing: standing.cents)
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
            cost_cents=int(pool.cents[method]),
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


def _named_prices(market: Market) -> tuple[dict[tuple[str, str], float], dict[str, float]]:
    """Give the best prices the names of their SKUs and locations.

    A row of sizes prices whole sizes; its part is added to the unit by the size.
    """
    goods, prices, network = market.layout.goods, market.prices, market.network
    skus = {row: sku for sku, row in market.row.items()}
    units = prices[: len(goods.spots)].copy()
    np.add.at(units, goods.base, prices[len(goods.spots) : goods.parcels] / goods.size)
    by_unit = {
        (skus[spot // goods.locations], network.ids[spot % goods.locations]): float(cents)
        for spot, cents in zip(goods.spots.tolist(), units, strict=True)
        if cents > 0
    }
    by_parcel: dict[str, float] = {}
    for place in np.flatnonzero(prices[goods.parcels :] > 0).tolist():
        location = network.ids[network.location_of(place)]
        cents = float(prices[goods.parcels + place])
        by_parcel[location] = max(cents, by_parcel.get(location, 0.0))
    return by_unit, by_parcel
