"""Better a plan by chains: an order takes what it would rather have, and who holds it moves on.

    gain of an order by a method  =  its cost now - the method's - the exits of all that is short

The *exit* of a limit is what it costs at least that one of its holders takes another method and
leaves it: one that fits as things are, or in longer chains one for which others leave in turn. All
exits and gains are reckoned at once, in arrays, as if no two chains ever met. Then the chains are
tried one after another, those that promise most first, and what betters the plan is kept. Chains of
one link are tried until they gain next to nothing, then those of two, and so on.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from routing.batch.blocks import Layout
from routing.batch.columns import Market
from routing.batch.effort import BatchEffort, Limits
from routing.batch.pool import Pool
from routing.batch.pricing import SCALE, whole
from routing.batch.standing import Standing
from routing.cost import Ints

_MOST_GOOD: Final = 30
"""How many methods of an order are looked at: those that are cheapest at the prices."""
_TRIED: Final = 8
"""How many methods are tried for an order in the midst of a chain."""
_LITTLE: Final = 100_000
"""Chains of a length are tried again while they gain more than this part of the cost."""
_AT_ONCE: Final = 20
"""One in so many orders begins a chain, then all is reckoned again; at least `_LEAST` do."""
_LEAST: Final = 1_000
_OFTEN: Final = 2
"""So often in vain, and a chain is not tried again at its length."""
_LOOK_AT_CLOCK: Final = 64
_NO_WAY: Final = 1 << 40


def move_on(market: Market, standing: Standing, effort: BatchEffort, limits: Limits) -> None:
    """Better the plan in place by chains, until they gain nothing more or time is over."""
    prices = whole(market.layout, market.prices).limits.astype(np.int64)
    chains = _Chains(_table(market.pool, market.layout, prices), standing)
    for links in range(1, effort.chain_links + 1):
        gained = standing.cents
        while gained * _LITTLE > standing.cents:
            if limits.over():
                return
            gained = chains.better(links, limits)


@dataclass(frozen=True, slots=True)
class _Table:
    """Good methods, those of one order together, and what they take of single units and parcels.

    Rows of sizes are left out: what fits by single units fits by sizes.
    """

    method: Ints
    """Numbers in the pool."""
    order: Ints
    first: Ints
    """By order: its first method, and the end."""
    which: Ints
    """By entry: the method, as a position in this table."""
    limit: Ints
    takes: Ints


def _table(pool: Pool, layout: Layout, prices: Ints) -> _Table:
    beyond = pool.beyond_cheapest(prices, SCALE)
    method = pool.nearest(beyond, most=_MOST_GOOD)
    which, limit, takes = _singly(pool, layout, method)
    order = pool.order[method]
    first = np.searchsorted(order, np.arange(layout.orders + 1))
    return _Table(method, order, first, which, limit, takes)


def _singly(pool: Pool, layout: Layout, methods: Ints) -> tuple[Ints, Ints, Ints]:
    """Return what methods take of single units and parcels: which of them, the limit, how much."""
    entry, which = pool.entries(methods)
    limit = pool.limit[entry]
    kept = (limit < len(layout.goods.spots)) | (limit >= layout.goods.parcels)
    return which[kept], limit[kept], pool.takes[entry[kept]]


@dataclass(frozen=True, slots=True)
class _Exits:
    """What it costs that others leave what is short for a method, and who would leave a limit."""

    cents: Ints
    """By method of the table; `_NO_WAY` or more: nobody can."""
    leaver: Ints
    """By limit; -1: nobody."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What orders hold, sorted by order and limit; those of order n begin at `first[n]`."""

    order: Ints
    limit: Ints
    takes: Ints
    first: Ints


class _Chains:
    """A plan, and what its orders would rather have."""

    def __init__(self, table: _Table, standing: Standing) -> None:
        self._table, self._standing, self._pool = table, standing, standing.pool
        self._layout = standing.pool.layout
        self._cents = self._pool.cents[table.method]
        self._exits: list[_Exits] = []
        self._links = 0
        self._vain = np.zeros(len(table.method), dtype=np.int64)
        """How often chains of this length that begin with a method gained nothing."""

    def better(self, links: int, limits: Limits) -> int:
        """Try chains of so many links, and return how many cents they gained."""
        if links != self._links:
            self._links = links
            self._vain[:] = 0
        gain = self._reckon(links)
        before = self._standing.cents
        moved: set[int] = set()
        for number, wish in enumerate(self._wishes(gain)):
            if number % _LOOK_AT_CLOCK == 0 and limits.over():
                break
            if int(self._table.order[wish]) not in moved:
                undo = _Undo(self._standing)
                if self._leads(wish, links, undo) and undo.gain() > 0:
                    moved |= undo.methods.keys()
                else:
                    self._vain[wish] += 1
                    undo.back_to(0)
        return before - self._standing.cents

    def _wishes(self, gain: Ints) -> list[int]:
        """Return the best method of every order that promises a gain, the greatest gain first."""
        promising = np.flatnonzero((gain > 0) & (self._vain < _OFTEN))
        ranked = promising[np.lexsort((-gain[promising], self._table.order[promising]))]
        _, first = np.unique(self._table.order[ranked], return_index=True)
        best = ranked[first]
        most = max(_LEAST, self._layout.orders // _AT_ONCE)
        wishes: list[int] = best[np.argsort(-gain[best], kind="stable")][:most].tolist()
        return wishes

    def _reckon(self, links: int) -> Ints:
        """Return by method what an order gains by it, and keep the exits for every length."""
        table, standing = self._table, self._standing
        held = self._held()
        limits = len(standing.free)
        at = np.searchsorted(
            held.order * limits + held.limit, table.order[table.which] * limits + table.limit
        )
        at = np.minimum(at, len(held.order) - 1)  # the one of nobody
        own = (held.order[at] == table.order[table.which]) & (held.limit[at] == table.limit)
        short = table.takes - standing.free[table.limit] - np.where(own, held.takes[at], 0)
        dearer = self._cents - self._pool.cents[standing.method[table.order]]
        method, entry = self._leaving(held, np.flatnonzero(own), at)
        ways = np.bincount(table.which[short > 0], minlength=len(dearer)).astype(np.int64) * _NO_WAY
        self._exits = []
        for _ in range(links):
            exits = np.full(len(held.order), _NO_WAY, dtype=np.int64)
            np.minimum.at(exits, entry, (dearer + ways)[method])
            self._exits.append(self._exits_of(held, exits, short))
            ways = self._exits[-1].cents
        return -(dearer + ways)

    def _held(self) -> _Held:
        """Return what the orders of the plan hold."""
        inside = np.flatnonzero(self._standing.method >= 0)
        which, limit, takes = _singly(self._pool, self._layout, self._standing.method[inside])
        # One more, of nobody and nothing, so that there is always an entry to compare with.
        order = np.append(inside[which], self._layout.orders)
        first = np.searchsorted(order, np.arange(self._layout.orders + 1))
        return _Held(order, np.append(limit, 0), np.append(takes, 0), first)

    def _leaving(self, held: _Held, own: Ints, at: Ints) -> tuple[Ints, Ints]:
        """Return all pairs of a method and an entry that its order holds, but the method does not.

        `own` are the entries of the table that the order holds as well, `at` where these are held.
        """
        table = self._table
        counts = np.diff(held.first)[table.order]
        start = np.cumsum(counts) - counts
        method = np.repeat(np.arange(len(counts)), counts)
        entry = held.first[table.order[method]] + np.arange(len(method)) - start[method]
        stays = np.zeros(len(method), dtype=np.bool_)
        which = table.which[own]
        stays[start[which] + at[own] - held.first[table.order[which]]] = True
        leaves = np.flatnonzero(~stays)
        return method[leaves], entry[leaves]

    def _exits_of(self, held: _Held, exits: Ints, short: Ints) -> _Exits:
        """Return what it costs that holders leave, given what each entry's holder pays to go."""
        table, limits = self._table, len(self._standing.free)
        ranked = np.lexsort((exits, held.limit))
        listed, first = np.unique(held.limit[ranked], return_index=True)
        best = ranked[first]
        cents, leaves = np.full(limits, _NO_WAY), np.zeros(limits, dtype=np.int64)
        leaver = np.full(limits, -1, dtype=np.int64)
        cents[listed], leaves[listed] = exits[best], held.takes[best]
        leaver[listed] = np.where(exits[best] < _NO_WAY // 2, held.order[best], -1)
        lacking = np.flatnonzero(short > 0)
        limit, which = table.limit[lacking], table.which[lacking]
        enough = (leaves[limit] >= short[lacking]) & (leaver[limit] != table.order[which])
        total = np.zeros(len(table.method), dtype=np.int64)
        np.add.at(total, which, np.where(enough, cents[limit], _NO_WAY))
        return _Exits(np.minimum(total, _NO_WAY), leaver)

    def _leads(self, wish: int, links: int, undo: "_Undo") -> bool:
        """Begin a chain: an order changes to a method, and all that it needs for it moves on."""
        undo.take(int(self._table.order[wish]))
        return self._settle(wish, links, undo)

    def _settle(self, wish: int, links: int, undo: "_Undo") -> bool:
        """Give an order that has none a method, with at most so many links after it."""
        standing, method = self._standing, int(self._table.method[wish])
        evicted = []
        if not standing.fits(method):
            if not links:
                return False
            leaver = self._exits[links - 1].leaver
            limit, takes = self._pool.goods(method)
            for each, units in zip(limit.tolist(), takes.tolist(), strict=True):
                if standing.free[each] >= units or each in self._sizes:
                    continue
                other = int(leaver[each])
                if other < 0 or other in undo.methods:
                    return False
                undo.take(other)
                evicted.append(other)
            if not standing.fits(method):
                return False
        standing.give(method)
        return all(self._moves_on(other, links - 1, undo) for other in evicted)

    @property
    def _sizes(self) -> range:
        return range(len(self._layout.goods.spots), self._layout.goods.parcels)

    def _moves_on(self, order: int, links: int, undo: "_Undo") -> bool:
        """Give an order that was turned out the cheapest method that is possible."""
        table = self._table
        some = slice(int(table.first[order]), int(table.first[order + 1]))
        cents = self._cents[some]
        if links:
            cents = cents + self._exits[links - 1].cents[some]
        for at in np.argsort(cents, kind="stable")[: _TRIED if links else None].tolist():
            if cents[at] >= _NO_WAY // 2:
                break
            wish, mark = some.start + at, len(undo.methods)
            if self._settle(wish, links, undo):
                return True
            undo.back_to(mark, but=order)
        return False


class _Undo:
    """The orders of a chain and the methods that they had, so that all can be as it was."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self.methods: dict[int, int] = {}

    def take(self, order: int) -> None:
        """Take an order's method from it."""
        self.methods[order] = self._standing.take_back(order)

    def gain(self) -> int:
        """Return how many cents the orders pay less than before."""
        cents, now = self._standing.pool.cents, self._standing.method
        return int(sum(cents[old] - cents[now[order]] for order, old in self.methods.items()))

    def back_to(self, mark: int, *, but: int | None = None) -> None:
        """Undo all after the first `mark` orders; one more order is left without a method."""
        later = list(self.methods)[mark:]
        for order in [*later, *([] if but is None else [but])]:
            if self._standing.method[order] >= 0:
                self._standing.take_back(order)
        for order in later:
            self._standing.give(self.methods.pop(order))
