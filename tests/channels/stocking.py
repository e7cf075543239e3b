"""Levels to tell a shop of, as the publishing would make them."""

from collections.abc import Mapping, Sequence

from oms.channels.base import StockKeeper
from oms.channels.stock import Figure, Place, Refusal, Spot, StockLevel, Telling
from tests.channels.builders import NOW


def a_telling(
    figures: Mapping[Spot, Figure], wanted: Mapping[Spot, int], *, key: str = "first"
) -> Telling:
    """Set these spots, from the figures that were read."""
    levels = tuple(
        StockLevel(spot, quantity, version=1, now=figures[spot])
        for spot, quantity in wanted.items()
    )
    return Telling(levels, key=key, as_of=NOW)


def tell(
    keeper: StockKeeper, places: Sequence[Place], wanted: Mapping[Spot, int], *, key: str = "first"
) -> Mapping[Spot, Refusal]:
    """Read the shop's figures, then set these."""
    figures = keeper.read({sku for sku, _ in wanted}, places)
    return keeper.write(a_telling(figures, wanted, key=key))
