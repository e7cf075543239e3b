"""Find prices for what orders share, and methods worth choosing among at those prices.

First prices climb. After some dozens of rounds the bound is within a percent of its best. Then
columns are generated: PDLP solves the master problem over the methods
found so far, its duals are mixed with the best prices, and every order whose cheapest method at
those is better than all it has in the pool adds it. Each look at all locations proves a bound:

    Σ over orders of the cheapest method  -  Σ over limits of price · limit  ≤  any plan
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.batch import master
from routing.batch.blocks import Layout
from routing.batch.climbing import Climb, excess, first_step
from routing.batch.effort import BatchEffort, Limits, Phase, Progress
from routing.batch.pool import Pool
from routing.batch.pricing import SCALE, Methods, Prices, lower_bound, one_each, sweep, whole
from routing.batch.views import narrowed
from routing.cost import Ints
from routing.network import Network
from routing.problem import Problem

Floats = NDArray[np.float64]

_LOOKS: Final = 3
"""How often the climb looks at all locations."""
_BETTER: Final = SCALE // 8
_SHAKING: Final = (0.4, 1.6)
_ROUGH_ROUNDS: Final = 2
_MANY_ROUGH_ROUNDS: Final = 6
"""The same where a precise round would cost as much as two or three rough ones."""
_MOST_GOOD: Final = 16
_SMALL: Final = 20_000
"""Up to so many methods the linear program is solved precisely: it costs little."""


@dataclass(slots=True)
class Market:
    """What is known of a batch while it is solved."""

    problem: Problem
    network: Network
    row: dict[str, int]
    """The row of stock of each SKU."""
    layout: Layout
    view: Layout
    """The same with few locations for each order."""
    pool: Pool
    free: Ints
    """By limit: what the orders decided beforehand have left. The bound counts on all there is."""
    prices: Floats
    """By limit, in cents: those of the best bound."""
    floor_cents: int
    """The part of the bound that orders decided beforehand add."""
    aside_cents: int
    """What these orders cost."""
    bound_cents: int
    shares: master.Shares | None = None
    plan_cents: int | None = None


def nothing_shipped(layout: Layout) -> list[Methods]:
    """Return for every order the method that leaves all its lines unfilled."""
    groups = []
    for block in layout.blocks:
        none = np.zeros((len(block.orders), block.slots), dtype=np.int64)
        empty = Methods(np.arange(len(none)), none, none, np.zeros(len(none), np.int64))
        groups.append(empty if block.supplies is None else one_each(block, empty))
    return groups


def better(
    pool: Pool, found: Sequence[Methods], prices: Prices, *, usable: NDArray[np.bool_] | None = None
) -> list[Methods]:
    """Return the methods cheaper at these prices than all usable ones of the same order."""
    charged = pool.charged(prices.limits.astype(np.int64), SCALE)
    least = np.full(pool.layout.orders, np.iinfo(np.int64).max)
    some = slice(None) if usable is None else usable
    np.minimum.at(least, pool.order[some], charged[some])
    groups = []
    for block, methods in zip(pool.layout.blocks, found, strict=True):
        known = least[block.orders[methods.places]]
        groups.append(methods.only(np.flatnonzero(methods.charged < known - _BETTER)))
    return groups


def look_at_all(market: Market, cents: Floats) -> tuple[list[Methods], Prices]:
    """Price every order at every location; a bound better than the best one is kept."""
    prices = whole(market.layout, cents)
    found = sweep(market.layout, prices)
    charged = sum(int(methods.charged.sum()) for methods in found)
    bound = lower_bound(market.layout, prices, charged) + market.floor_cents
    if bound > market.bound_cents:
        market.bound_cents, market.prices = bound, cents
    return found, prices


def climb(market: Market, effort: BatchEffort, limits: Limits) -> None:
    """Move prices until what is wanted is about what there is."""
    layout, pool = market.layout, market.pool
    climbing = Climb(np.zeros(len(layout.goods.limits)), first_step(layout))
    every = max(1, effort.price_rounds // _LOOKS)
    for number in range(effort.price_rounds):
        if number % every == 0:
            found, prices = look_at_all(market, climbing.cents)
            market.view = narrowed(layout, prices, effort.seen_locations, besides=market.view)
            limits.report(Progress(Phase.PRICING, market.bound_cents, market.plan_cents))
        else:
            prices = whole(layout, climbing.cents)
            found = sweep(market.view, prices)
        if number == 0 or number >= effort.price_rounds // 3:
            pool.add(better(pool, found, prices))
        climbing.move(excess(layout, found, market.free))
        if limits.over():
            break
    look_at_all(market, climbing.cents)


def generate(market: Market, effort: BatchEffort, limits: Limits) -> None:
    """Add columns until the linear program is near its bound, or the time for it is over.

    The market has shares afterwards, if only those that prices alone suggest.
    """
    pool = market.pool
    market.shares = _priced(market)
    many = market.layout.orders > effort.rough_orders
    rough_rounds = _MANY_ROUGH_ROUNDS if many else _ROUGH_ROUNDS
    for number in range(effort.column_rounds):
        if limits.over():
            return
        rough, small = number < rough_rounds, len(pool) <= _SMALL
        stated = master.state(pool, _good(market), market.free)
        market.shares = master.relax(
            stated,
            pool,
            tolerance=1e-3 if rough else 1e-6 if small else 1e-4,
            iterations=3_000 if rough else 20_000,
            warm=market.shares,
            limits=limits,
        )
        mixed = market.shares.prices
        if number < _ROUGH_ROUNDS:
            mixed = (mixed + market.prices) / 2
        found, prices = look_at_all(market, mixed)
        pool.add(better(pool, found, prices))
        lp_cents = market.shares.cents + market.floor_cents
        limits.report(Progress(Phase.COLUMNS, market.bound_cents, market.plan_cents))
        enough = 1e-6 if small else effort.enough_gap
        if not rough and lp_cents - market.bound_cents <= enough * lp_cents:
            return


def _good(market: Market) -> Ints:
    """Return for each order the methods that are cheapest at the best or newest prices, ascending.

    The others have no share in a solution near the best, and cost time by their number.
    """
    pool = market.pool
    if len(pool) <= _SMALL or market.shares is None:
        return np.arange(len(pool))
    good = pool.sets.sum(axis=1) == 0  # nothing shipped: so that there is always a solution
    for cents in (market.prices, market.shares.prices):
        prices = whole(market.layout, cents).limits.astype(np.int64)
        good[pool.nearest(pool.beyond_cheapest(prices, SCALE), most=_MOST_GOOD)] = True
    return np.flatnonzero(good)


def enrich(market: Market, effort: BatchEffort, limits: Limits) -> None:
    """Add methods that would be the cheapest if prices were somewhat other than they are.

    The linear program needs none of them; whole methods fit together more easily with a choice.
    """
    dice = np.random.default_rng(effort.seed)
    for _ in range(effort.variations):
        if limits.over():
            return
        vary(market, dice)


def vary(market: Market, dice: np.random.Generator) -> None:
    """Add the methods that would be the cheapest if each price were somewhat other than it is."""
    shaken = market.prices * dice.uniform(*_SHAKING, len(market.prices))
    found = sweep(market.view, whole(market.layout, shaken))
    market.pool.add(market.pool.unknown(found))


def _priced(market: Market) -> master.Shares:
    """Return a start for the linear program that has prices only."""
    pool, prices = market.pool, whole(market.layout, market.prices)
    charged = pool.charged(prices.limits.astype(np.int64), SCALE) / SCALE
    rents = np.full(market.layout.orders, np.inf)
    np.minimum.at(rents, pool.order, charged)
    shares = (charged <= rents[pool.order] + 0.5).astype(float)
    shares /= np.bincount(pool.order, weights=shares, minlength=len(rents))[pool.order]
    return master.Shares(shares, market.prices, rents, cents=0.0)
