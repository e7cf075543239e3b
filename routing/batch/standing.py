"""A plan while it is being made: one method an order, and what is left of the limits."""

import numpy as np

from routing.batch.pool import Pool
from routing.cost import Ints


class Standing:
    """Which method of the pool each order has; -1 where it has none yet."""

    def __init__(self, pool: Pool, free: Ints) -> None:
        self.pool = pool
        self.free = free.copy()
        self.method = np.full(pool.layout.orders, -1, dtype=np.int64)

    def fits(self, method: int) -> bool:
        """Whether the limits leave room for a method."""
        limit, takes = self.pool.goods(method)
        return bool((self.free[limit] >= takes).all())

    def give(self, method: int) -> None:
        """Give an order that has none this method."""
        limit, takes = self.pool.goods(method)
        self.free[limit] -= takes
        self.method[self.pool.order[method]] = method

    def take_back(self, order: int) -> int:
        """Take an order's method from it, and return it."""
        method = int(self.method[order])
        limit, takes = self.pool.goods(method)
        self.free[limit] += takes
        self.method[order] = -1
        return method

    @property
    def cents(self) -> int:
        """What the methods given so far cost together."""
        return int(self.pool.cents[self.method[self.method >= 0]].sum())
