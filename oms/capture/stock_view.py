"""What capture believes of the stock: for each article the promisable units, location by location.

A belief picks the locations; the locked rows decide. Beliefs age within seconds, are corrected by
every lock, and are read again before an order is told that there is nothing left.
"""

import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Units = NDArray[np.int32]

AGE_S: Final = 2.0
"""How old a belief may be."""
_MOST_BYTES: Final = 64_000_000


class StockView:
    """Promisable units by article; each array runs over the locations of one network view."""

    def __init__(self, index: Mapping[UUID, int]) -> None:
        self._index = index
        self._known: OrderedDict[str, tuple[float, Units]] = OrderedDict()
        self._by_channel: set[str] = set()
        self._most = max(64, _MOST_BYTES // (4 * max(1, len(index))))

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

    def learn(self, skus: Collection[str], rows: Collection[tuple[str, UUID, int, bool]]) -> None:
        """Replace the beliefs about articles by what the database says."""
        now = time.monotonic()
        fresh = {sku: np.zeros(len(self._index), dtype=np.int32) for sku in skus}
        self._by_channel.difference_update(skus)
        for sku, location_id, promisable, by_channel in rows:
            at = self._index.get(location_id)
            if by_channel:
                self._by_channel.add(sku)
            if at is not None:
                fresh[sku][at] = max(0, promisable)
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
