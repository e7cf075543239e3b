"""Better a plan of few orders by choosing among all their methods at once.

Any plan costs at least the bound plus what its methods cost, at the prices, beyond the cheapest of
their orders. So a method that costs more beyond it than lies between bound and plan is in no better
plan, and is left out. The integer program over the others starts from the plan at hand.
"""

import numpy as np

from routing.batch import master
from routing.batch.columns import Market
from routing.batch.effort import BatchEffort, Limits
from routing.batch.pricing import SCALE, whole
from routing.batch.standing import Standing


def choose_whole(market: Market, standing: Standing, effort: BatchEffort, limits: Limits) -> None:
    """Better the plan in place, if there is a better one among the methods found."""
    pool = market.pool
    prices = whole(market.layout, market.prices).limits.astype(np.int64)
    beyond = pool.beyond_cheapest(prices, SCALE)
    apart = standing.cents + market.floor_cents - market.bound_cents
    inside = np.flatnonzero(market.layout.block_of >= 0)
    now = standing.method[inside]
    methods = np.union1d(np.flatnonzero(beyond <= apart * SCALE), now)
    stated = master.state(pool, methods[pool.fitting(market.free, methods)], market.free)
    chosen = master.choose(
        stated, now=now, nodes=effort.whole_nodes, limits=limits, longest_s=master.LONGEST_S
    )
    if chosen is not None and pool.cents[chosen].sum() < standing.cents:
        for order in inside.tolist():
            standing.take_back(order)
        for method in chosen.tolist():
            standing.give(method)
