"""Better a plan: first by chains, then by deciding a neighbourhood of orders again, together.

Orders with much regret, that is whose method costs more at the prices than their cheapest one, are
taken with those that hold what they would rather have, and those whose wishes these hold, and so
on. All others keep what they have. The integer program over the good methods of the neighbourhood
starts from the present plan, so it never gets worse. Small neighbourhoods come first: of 300 orders
one takes some hundredths of a second, of 800 now and then ten seconds. When they gain little more,
larger ones follow.

Some neighbourhoods that share no order are decided at a time; of two that want the same free unit
the second waits. They are taken up in the sequence in which they were stated, whichever is done
first, so the same problem gives the same plan. From time to time methods are added that other
prices suggest, and chains are tried again.
"""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from routing.batch import master
from routing.batch.chains import move_on
from routing.batch.columns import Market, vary
from routing.batch.effort import BatchEffort, Limits, Phase, Progress
from routing.batch.pricing import SCALE, sweep, whole
from routing.batch.standing import Standing
from routing.cost import Ints

_NEAR: Final = 400 * SCALE
"""A method is good if it is this near the cheapest of its order at the prices."""
_MOST_GOOD: Final = 14
_FOLLOWED: Final = 6
_HOLDERS: Final = 8
_ORDERS: Final = 300
_MOST_ORDERS: Final = 900
_LARGER: Final = 1.5
_SLOW: Final = 5_000
"""Those that gain less than this part of the cost until methods are added have grown too small."""
_WORKERS: Final = 2
_AHEAD: Final = 4
"""So many neighbourhoods are stated before the first is taken up: no worker need wait."""
_WIDENED: Final = 50
"""Once in so many orders for a neighbourhood, methods are added; not before `_LEAST` of them."""
_LEAST: Final = 100
_LISTED: Final = 8
"""For so many neighbourhoods the same list of holders is good enough."""


def polish(market: Market, standing: Standing, effort: BatchEffort, limits: Limits) -> None:
    """Better the plan in place, until the steps or the time are used up."""
    dice = np.random.default_rng(effort.seed)
    if not _chained(market, standing, effort, limits, dice):
        return
    search = _Search(market, standing, effort, dice)
    every = max(_LEAST, market.layout.orders // _WIDENED)
    running: deque[tuple[_Job, Future[Ints | None]]] = deque()
    with ThreadPoolExecutor(_WORKERS) as workers:
        for step in range(effort.polish_steps):
            if limits.over(reserve_s=0.1) or _told(market, standing, limits):
                break
            if step and step % every == 0:
                _finish(search, running, 0)
                search.grow()
                if not _chained(market, standing, effort, limits, dice):
                    break
                search.look_anew()
            job = search.job()
            if job is None:
                if not running:
                    break
                _finish(search, running, len(running) - 1)
            else:
                running.append((job, workers.submit(search.choose, job, limits)))
                _finish(search, running, _AHEAD - 1)
        _finish(search, running, 0)
    _told(market, standing, limits)


def _finish(
    search: "_Search", running: deque[tuple["_Job", Future[Ints | None]]], most: int
) -> None:
    """Take up the oldest neighbourhoods until no more than so many are left."""
    while len(running) > most:
        job, methods = running.popleft()
        search.take_up(job, methods.result())


def _chained(
    market: Market,
    standing: Standing,
    effort: BatchEffort,
    limits: Limits,
    dice: np.random.Generator,
) -> bool:
    """Add methods, and try chains with them; return whether there is more to do."""
    if _told(market, standing, limits) or limits.over(reserve_s=0.1):
        return False
    vary(market, dice)
    for cents in (market.prices, np.zeros_like(market.prices)):
        left = sweep(market.view, whole(market.layout, cents), free=standing.free)
        market.pool.add(market.pool.unknown(left))
    move_on(market, standing, effort, limits)
    return not _told(market, standing, limits) and not limits.over(reserve_s=0.1)


def _told(market: Market, standing: Standing, limits: Limits) -> bool:
    """Tell how far the plan has come; return whether it is proven the best."""
    market.plan_cents = standing.cents + market.aside_cents
    limits.report(Progress(Phase.POLISHING, market.bound_cents, market.plan_cents))
    return market.plan_cents <= market.bound_cents


@dataclass(frozen=True, slots=True)
class _Job:
    """One neighbourhood: its orders, what they have now, and the problem that it is."""

    orders: Ints
    now: Ints
    stated: master.Master


class _Search:
    """The good methods of every order, and how often it was decided in vain."""

    def __init__(
        self, market: Market, standing: Standing, effort: BatchEffort, dice: np.random.Generator
    ) -> None:
        self._market, self._standing, self._effort, self._dice = market, standing, effort, dice
        self._pool, self._goods = market.pool, market.layout.goods
        self._tired = np.zeros(market.layout.orders)
        self._inside = market.layout.block_of >= 0
        self._taken = ~self._inside
        self._orders, self._cents = _ORDERS, standing.cents
        self.look_anew()

    def look_anew(self) -> None:
        """Choose the good methods among all those that are known now."""
        pool = self._pool
        self._prices = whole(self._market.layout, self._market.prices).limits.astype(np.int64)
        self._regret = pool.beyond_cheapest(self._prices, SCALE)
        nearest = pool.nearest(self._regret, most=_MOST_GOOD)
        self._good = nearest[self._regret[nearest] <= _NEAR]
        orders = np.arange(self._market.layout.orders + 1)
        self._first = np.searchsorted(pool.order[self._good], orders)
        self._stated, self._cents = 0, self._standing.cents

    def grow(self) -> None:
        """Take larger neighbourhoods from now on if those since the last look gained little."""
        gained = self._cents - self._standing.cents
        if gained * _SLOW < self._cents:
            self._orders = min(_MOST_ORDERS, int(_LARGER * self._orders))

    def job(self) -> "_Job | None":
        """State a neighbourhood; None: all orders are in others that are not taken up yet."""
        if self._taken.all():
            return None
        if self._stated % _LISTED == 0:
            self._held, self._holder = self._holders()
        self._stated += 1
        return self._job(self._neighbourhood())

    def choose(self, job: "_Job", limits: Limits) -> Ints | None:
        """Decide a neighbourhood; the plan is not looked at, so this may be done elsewhere."""
        return master.choose(
            job.stated,
            now=job.now,
            nodes=self._effort.polish_nodes,
            limits=limits,
        )

    def take_up(self, job: "_Job", methods: Ints | None) -> None:
        """Go on with what a neighbourhood chose."""
        self._taken[job.orders] = False
        self._tired[job.orders] += 1
        if methods is not None:
            self._replace(job, methods)

    def _replace(self, job: "_Job", methods: Ints) -> None:
        """Take the new methods if they are better and still fit beside other jobs'."""
        if self._pool.cents[methods].sum() >= self._pool.cents[job.now].sum():
            return
        self._tired[job.orders] /= 2
        for order in job.orders.tolist():
            self._standing.take_back(order)
        for method in methods.tolist():
            self._standing.give(method)
        if (self._standing.free < 0).any():
            for order in job.orders.tolist():
                self._standing.take_back(order)
            for method in job.now.tolist():
                self._standing.give(method)

    def _holders(self) -> tuple[Ints, Ints]:
        """Return every priced limit that a plan's method takes from, sorted, and the order."""
        inside = np.flatnonzero(self._inside)
        entry, which = self._pool.entries(self._standing.method[inside])
        limit, order = self._pool.limit[entry], inside[which]
        priced = np.flatnonzero(self._prices[limit] > 0)
        ranked = priced[np.argsort(limit[priced], kind="stable")]
        return limit[ranked], order[ranked]

    def _neighbourhood(self) -> Ints:
        """Return orders that are not taken yet, and mark them as taken."""
        taken = self._taken
        weight = np.zeros(len(taken))
        inside = np.flatnonzero(self._inside)
        regret = np.maximum(self._regret[self._standing.method[inside]], SCALE)
        weight[inside] = regret / (1 + self._tired[inside]) ** 2
        chosen: list[int] = []
        waiting: deque[int] = deque()
        most = min(self._orders, int((~taken).sum()))
        while len(chosen) < most:
            if not waiting:
                weight[taken] = 0.0
                waiting.append(int(self._dice.choice(len(weight), p=weight / weight.sum())))
                taken[waiting[0]] = True
                chosen.append(waiting[0])
            for other in self._rivals(waiting.popleft()):
                if len(chosen) < most and not taken[other]:
                    taken[other] = True
                    chosen.append(other)
                    waiting.append(other)
        return np.array(chosen, dtype=np.int64)

    def _rivals(self, order: int) -> list[int]:
        """Return orders that hold what an order's good methods would take."""
        methods = self._good[self._first[order] : self._first[order + 1]][:_FOLLOWED]
        entry, _ = self._pool.entries(methods)
        found: list[int] = []
        for limit in np.unique(self._pool.limit[entry]).tolist():
            if self._prices[limit]:
                first, end = np.searchsorted(self._held, [limit, limit + 1])
                others = self._holder[first:end]
                others = others[~self._taken[others]]
                if len(others) > _HOLDERS:
                    others = self._dice.choice(others, _HOLDERS, replace=False)
                found += others.tolist()
        return found

    def _job(self, orders: Ints) -> "_Job":
        """State the problem of deciding some orders again, all others keeping what they have."""
        now = np.array([self._standing.take_back(order) for order in orders.tolist()])
        good = [self._good[self._first[order] : self._first[order + 1]] for order in orders]
        methods = np.unique(np.concatenate([*good, now]))
        free = self._goods.by_size(self._standing.free)
        stated = master.state(self._pool, methods[self._pool.fitting(free, methods)], free)
        for method in now.tolist():
            self._standing.give(method)
        return _Job(orders, now, stated)
