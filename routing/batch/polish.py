"""Better a plan by deciding a neighbourhood of orders again, together.

Orders with much regret, that is whose method costs more at the prices than their cheapest one, are
taken with those that hold what they would rather have, and those whose wishes these hold, and so
on. All others keep what they have. The integer program over the good methods of the neighbourhood
starts from the present plan, so it never gets worse. Two neighbourhoods that share no order are
decided at a time; of two that want the same free unit the second waits.
"""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.batch import master
from routing.batch.columns import Floats, Market
from routing.batch.effort import BatchEffort, Limits, Phase, Progress
from routing.batch.pricing import SCALE, whole
from routing.batch.standing import Standing
from routing.cost import Ints

_NEAR: Final = 400 * SCALE
"""A method is good if it is this near the cheapest of its order at the prices."""
_MOST_GOOD: Final = 14
_FOLLOWED: Final = 6
_HOLDERS: Final = 8
_ORDERS: Final = 800
_WORKERS: Final = 2


def polish(market: Market, standing: Standing, effort: BatchEffort, limits: Limits) -> None:
    """Better the plan in place, until the steps or the time are used up."""
    search = _Search(market, standing, effort)
    for _ in range(effort.polish_steps):
        if limits.over(reserve_s=0.1):
            return
        search.step(limits)
        market.plan_cents = standing.cents + market.aside_cents
        limits.report(Progress(Phase.POLISHING, market.bound_cents, market.plan_cents))
        if market.plan_cents <= market.bound_cents:
            return


@dataclass(frozen=True, slots=True)
class _Job:
    """One neighbourhood: its orders, what they have now, and the problem that it is."""

    orders: Ints
    now: Ints
    stated: master.Master


class _Search:
    """The good methods of every order, and how often it was decided in vain."""

    def __init__(self, market: Market, standing: Standing, effort: BatchEffort) -> None:
        self._pool, self._goods, self._standing = market.pool, market.layout.goods, standing
        self._effort, self._dice = effort, np.random.default_rng(effort.seed)
        self._tired = np.zeros(market.layout.orders)
        self._inside = market.layout.block_of >= 0
        self._set_prices(market, market.prices)

    def _set_prices(self, market: Market, cents: Floats) -> None:
        pool = self._pool
        self._prices = whole(market.layout, cents).limits.astype(np.int64)
        self._regret = pool.beyond_cheapest(self._prices, SCALE)
        ranked = np.lexsort((self._regret, pool.order))
        order = pool.order[ranked]
        rank = np.arange(len(ranked)) - np.searchsorted(order, order)
        good = (self._regret[ranked] <= _NEAR) & (rank < _MOST_GOOD)
        self._good = ranked[good]
        self._first = np.searchsorted(order[good], np.arange(market.layout.orders + 1))

    def step(self, limits: Limits) -> None:
        """Decide two neighbourhoods again."""
        held, holder = self._holders()
        taken = ~self._inside
        jobs = [
            self._job(self._neighbourhood(taken, held, holder))
            for _ in range(_WORKERS)
            if not taken.all()
        ]
        with ThreadPoolExecutor(_WORKERS) as workers:
            chosen = list(workers.map(lambda job: self._choose(job, limits), jobs))
        for job, methods in zip(jobs, chosen, strict=True):
            self._tired[job.orders] += 1
            if methods is not None:
                self._replace(job, methods)

    def _choose(self, job: _Job, limits: Limits) -> Ints | None:
        return master.choose(
            job.stated,
            now=job.now,
            nodes=self._effort.polish_nodes,
            limits=limits,
        )

    def _replace(self, job: _Job, methods: Ints) -> None:
        """Take the new methods if they are better and still fit beside the other job's."""
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

    def _neighbourhood(self, taken: NDArray[np.bool_], held: Ints, holder: Ints) -> Ints:
        """Return orders that are not taken yet, and mark them as taken."""
        weight = np.zeros(len(taken))
        inside = np.flatnonzero(self._inside)
        regret = np.maximum(self._regret[self._standing.method[inside]], SCALE)
        weight[inside] = regret / (1 + self._tired[inside]) ** 2
        chosen: list[int] = []
        waiting: deque[int] = deque()
        most = min(_ORDERS, int((~taken).sum()))
        while len(chosen) < most:
            if not waiting:
                weight[taken] = 0.0
                waiting.append(int(self._dice.choice(len(weight), p=weight / weight.sum())))
                taken[waiting[0]] = True
                chosen.append(waiting[0])
            for other in self._rivals(waiting.popleft(), taken, held, holder):
                if len(chosen) < most and not taken[other]:
                    taken[other] = True
                    chosen.append(other)
                    waiting.append(other)
        return np.array(chosen, dtype=np.int64)

    def _rivals(self, order: int, taken: NDArray[np.bool_], held: Ints, holder: Ints) -> list[int]:
        """Return orders that hold what an order's good methods would take."""
        methods = self._good[self._first[order] : self._first[order + 1]][:_FOLLOWED]
        entry, _ = self._pool.entries(methods)
        found: list[int] = []
        for limit in np.unique(self._pool.limit[entry]).tolist():
            if self._prices[limit]:
                first, end = np.searchsorted(held, [limit, limit + 1])
                others = holder[first:end][~taken[holder[first:end]]]
                if len(others) > _HOLDERS:
                    others = self._dice.choice(others, _HOLDERS, replace=False)
                found += others.tolist()
        return found

    def _job(self, orders: Ints) -> _Job:
        """State the problem of deciding some orders again, all others keeping what they have."""
        now = np.array([self._standing.take_back(order) for order in orders.tolist()])
        good = [self._good[self._first[order] : self._first[order + 1]] for order in orders]
        methods = np.unique(np.concatenate([*good, now]))
        free = self._goods.by_size(self._standing.free)
        stated = master.state(self._pool, methods[self._pool.fitting(free, methods)], free)
        for method in now.tolist():
            self._standing.give(method)
        return _Job(orders, now, stated)
