"""What capture believes of the stock: for each article the promisable units, location by location.

A belief picks the locations; the locked rows decide. Beliefs age within seconds, are corrected by
every lock, and are read again before an order is told that there is nothing left.
"""

import time
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from oms.capture.network import View
from oms.inventory import spread

Units = NDArray[np.int32]

AGE_S: Final = 2.0
"""How old a belief may be."""
_MOST_BYTES: Final = 64_000_000


class StockView:
    """Promisable units by article; each array runs over the locations of one network view."""

    def __init__(self, network: View) -> None:
        self._network = network
        self._known: OrderedDict[str, tuple[float, Units]] = OrderedDict()
        self._by_channel: set[str] = set()
        self._most = max(64, _MOST_BYTES // (4 * max(1, len(network.places))))

    def units(self, sku: str) -> Units:
        """The belief about an article; whoever plans takes units away in place."""
        return self._known[sku][1]

    def by_channel(self, skus: Collection[str]) -> bool:
        """Whether rules treat channels unlike for one of the articles somewhere."""
        return not self._by_channel.isdisjoint(skus)

    def unknown(self, skus: Collection[str]) -> list[str]:
        """Those of the articles about which nothing recent is known."""
        oldest = time.monotonic() - AGE_S
        return [sku for sku in skus if self._known.get(sku, (0.0,))[0] < oldest]

    def learn(self, skus: Collection[str], rows: Collection[Sequence[Any]]) -> None:
        """Replace the beliefs about articles by the answer to `availability.PROMISABLE`."""
        now = time.monotonic()
        fresh = {sku: np.zeros(len(self._network.places), dtype=np.int32) for sku in skus}
        self._by_channel.difference_update(skus)
        for row in rows:
            if row[1]:
                self._by_channel.add(row[0])
                continue
            there = spread.spread_of(row)
            at, known = self._network.positions(there.at)
            fresh[row[0]][at] = there.units[known]
        for sku, units in fresh.items():
            self._known[sku] = (now, units)
            self._known.move_to_end(sku)

    def forget(self, skus: Collection[str]) -> None:
        """Drop beliefs that a failed transaction made untrue."""
        for sku in skus:
            self._known.pop(sku, None)

    def shrink(self) -> None:
        """Keep memory bounded; called between batches, never while one plans."""
        while len(self._known) > self._most:
            sku, _ = self._known.popitem(last=False)
            self._by_channel.discard(sku)
