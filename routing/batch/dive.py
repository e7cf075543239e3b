"""Round the shares of a linear program to whole methods, little by little.

Orders that have nearly the whole of one method get it, at least some share of the open ones in
every round. Then the linear program is solved again for those still open, over what is left: rows
of sizes are counted anew, methods that no longer fit are dropped, and better ones that now fit are
added. The last few hundred orders are decided together as an integer program.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing import exact
from routing.batch import master
from routing.batch.columns import Floats, Market, better
from routing.batch.effort import BatchEffort, Limits, Phase, Progress
from routing.batch.pricing import Methods, sweep, whole
from routing.batch.standing import Standing
from routing.candidates import survey
from routing.cost import Ints
from routing.network import Supply
from routing.packages import placed
from routing.subsets import set_of

Bools = NDArray[np.bool_]

_SURE: Final = 0.9999
_FEW: Final = 700
"""So many open orders are decided by the integer program."""
_MANY: Final = 12_500
_MOST_AT_ONCE: Final = 0.4
_FEW_NEW: Final = 50
_NODES: Final = 2_000
_AT_ONCE: Final = 256
"""So many orders are priced before the first of them takes anything."""
_NONE: Final = np.zeros(0, dtype=np.int64)
_ROUNDS_OF_COLUMNS: Final = 2


def dive(market: Market, effort: BatchEffort, limits: Limits) -> Standing:
    """Return a plan for all orders of the layout."""
    assert market.shares is not None, "columns leave shares behind"
    standing = Standing(market.pool, market.free)
    pending = market.layout.block_of >= 0
    shares = market.shares
    while True:
        decided = _decide_sure(standing, shares, pending, _share(effort, pending))
        limits.report(Progress(Phase.DIVING, market.bound_cents, market.plan_cents))
        if not pending.any() or limits.over():
            break
        stated, shares = _solve_again(market, standing, pending, shares, effort, limits)
        if pending.sum() <= _FEW or not decided:
            _decide_together(standing, stated, pending, limits)
            break
    if pending.sum() > _FEW:  # time was over: prices stand for those that come after
        fill_in(market, standing, pending, cents=shares.prices)
    fill_in(market, standing, pending)
    return standing


def _share(effort: BatchEffort, pending: Bools) -> float:
    """Return the least share of the open orders to be decided now: of many a greater one.

    The first rounds are the dear ones, and the linear program is solved again after each.
    """
    return min(_MOST_AT_ONCE, effort.dive_share * max(1.0, float(pending.sum()) / _MANY))


def _decide_sure(standing: Standing, shares: master.Shares, pending: Bools, least: float) -> int:
    """Give the surest open orders the method that they have most of; return how many got it."""
    pool = standing.pool
    share = np.pad(shares.shares, (0, len(pool) - len(shares.shares)))
    last = np.zeros(len(pending), dtype=np.int64)
    by_share = np.lexsort((share, pool.order))
    last[pool.order[by_share]] = by_share  # the greatest share of an order comes last
    most = np.where(pending, share[last], -1.0)
    quota = max(int((most >= _SURE).sum()), int(np.ceil(pending.sum() * least)))
    decided = 0
    for order in np.argsort(-most, kind="stable")[: min(quota, int(pending.sum()))].tolist():
        method = int(last[order])
        if most[order] > 0 and standing.fits(method):
            standing.give(method)
            pending[order] = False
            decided += 1
    return decided


def _solve_again(
    market: Market,
    standing: Standing,
    pending: Bools,
    shares: master.Shares,
    effort: BatchEffort,
    limits: Limits,
) -> tuple[master.Master, master.Shares]:
    """Solve the linear program of the open orders, with columns that fit what is left."""
    pool, goods = market.pool, market.layout.goods
    rough = market.layout.orders > effort.rough_orders
    for _ in range(_ROUNDS_OF_COLUMNS):
        free = goods.by_size(standing.free)
        prices = whole(market.layout, shares.prices)
        found = sweep(market.view, prices, free=standing.free, among=pending)
        new = better(pool, found, prices, usable=pool.fitting(free) & pending[pool.order])
        pool.add(new)
        usable = np.flatnonzero(pending[pool.order] & pool.fitting(free))
        stated = master.state(pool, usable, free)
        shares = master.relax(
            stated,
            pool,
            tolerance=1e-3 if rough else 1e-4,
            iterations=1_000 if rough else 4_000,
            warm=shares,
            limits=limits,
        )
        if sum(len(methods.places) for methods in new) < _FEW_NEW:
            break
    return stated, shares


def _decide_together(
    standing: Standing, stated: master.Master, pending: Bools, limits: Limits
) -> None:
    """Give the open orders the methods that the integer program chooses."""
    pool = standing.pool
    empty = stated.methods[pool.sets[stated.methods].sum(axis=1) == 0]
    chosen = master.choose(stated, now=empty, nodes=_NODES, limits=limits)
    for method in [] if chosen is None else chosen.tolist():
        standing.give(method)
        pending[pool.order[method]] = False


def fill_in(
    market: Market,
    standing: Standing,
    pending: Bools,
    *,
    cents: Floats | None = None,
    at_once: int = _AT_ONCE,
) -> None:
    """Give every open order the best that is left, some at a time, in their sequence.

    `cents` are prices of the limits to be reckoned with; without them only costs count.
    """
    layout, pool = market.layout, market.pool
    prices = whole(layout, np.zeros_like(market.prices) if cents is None else cents)
    while pending.any():
        some = np.zeros_like(pending)
        some[np.flatnonzero(pending)[:at_once]] = True
        first = len(pool)
        pool.add(sweep(layout, prices, free=standing.free, among=some))
        for number, method in enumerate(_in_sequence(pool.order, first)):
            order = int(pool.order[method])
            if not standing.fits(method) and number == 0:
                # Its own packages are in each other's way: only the single-order engine sees that.
                method = _alone(market, standing, order)
            if standing.fits(method):
                standing.give(method)
                pending[order] = False


def _alone(market: Market, standing: Standing, order: int) -> int:
    """Add the cheapest legal method for one order from what is left; return its number."""
    goods = market.layout.goods
    supply = Supply(market.row, goods.dense(standing.free), standing.free[goods.parcels :])
    choices = survey(market.network, supply, market.problem.orders[order])
    number = int(market.layout.block_of[order])
    block = market.layout.blocks[number]
    sets = np.zeros((1, block.slots), dtype=np.int64)
    at = np.zeros_like(sets)
    packages = placed(choices, exact.solve(choices).packages)
    for slot, package in enumerate(package for package in packages if package.lines):
        sets[0, slot], at[0, slot] = set_of(package.lines), package.place
    store = next((package.place for package in packages if package.to is None), None)
    row = np.array([market.layout.row(order, store)])
    methods = Methods(row, sets, at, np.zeros(1, dtype=np.int64))
    market.pool.add(
        [
            methods if each == number else methods.only(_NONE)
            for each in range(len(market.layout.blocks))
        ]
    )
    return len(market.pool) - 1


def _in_sequence(order: Ints, first: int) -> list[int]:
    """Return the numbers of the pool's newest methods, by their order."""
    numbers: list[int] = (first + np.argsort(order[first:], kind="stable")).tolist()
    return numbers
