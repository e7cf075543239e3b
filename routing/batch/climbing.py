"""Move prices until what is wanted is about what there is.

Whatever is wanted more than there is gets dearer, whatever is wanted less gets cheaper, by ever
smaller steps with momentum (a subgradient method with a heavy ball; Polyak 1964).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.batch.blocks import Layout
from routing.batch.pool import Pool
from routing.batch.pricing import Methods
from routing.cost import Ints
from routing.network import UNLIMITED

Floats = NDArray[np.float64]

SHRINKING: Final = 0.92
_MOMENTUM: Final = 0.6
_FIRST_STEP: Final = 0.7
"""Of the typical price of an unfilled line: how far a price may move in the first round."""


class Climb:
    """Prices by limit, in cents, and how they are moving."""

    def __init__(self, cents: Floats, step: float) -> None:
        self.cents, self._step = cents, step
        self._momentum = np.zeros(len(cents))

    def move(self, excess: Floats) -> None:
        """Move by how much more is wanted than there is."""
        self._momentum = _MOMENTUM * self._momentum + (1 - _MOMENTUM) * excess
        self.cents = np.maximum(0.0, self.cents + self._step * self._momentum)
        self._step *= SHRINKING


def first_step(layout: Layout) -> float:
    """Return how far a price of which nothing is known may move at first, in cents."""
    unfilled = [block.unfilled.ravel() for block in layout.blocks]
    return _FIRST_STEP * float(np.median(np.concatenate(unfilled)))


def excess(
    layout: Layout, found: Sequence[Methods], free: Ints, *, weights: Floats | None = None
) -> Floats:
    """Return by limit how much more is wanted than is free, from -1 to 1.

    With `weights`, an order counts for so much of an order.
    """
    wanting = Pool(layout)
    wanting.add(found)
    takes = wanting.takes.astype(np.float64)
    if weights is not None:
        takes *= np.repeat(weights[wanting.order], np.diff(wanting.first))
    wanted = np.bincount(wanting.limit, weights=takes, minlength=len(free))
    over: Floats = (wanted - free) / np.maximum(1.0, np.maximum(wanted, free))
    over[layout.goods.limits >= UNLIMITED] = 0.0
    return over
