"""What one more unit or parcel is worth, by the names of SKUs and locations.

Inside a batch the same figures stand by limit, in arrays; see `routing.batch.goods`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routing.batch.blocks import Layout
from routing.batch.pricing import most_cents
from routing.cost import Ints
from routing.network import Network

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Worth:
    """Cents by (SKU, location id), and by location id for a parcel; what is missing is worth none.

    It may come from a solved batch: then it is what one more would have saved. Or from
    `routing.batch.foresight`: then it is what one is expected to save orders still to come.
    """

    units: Mapping[tuple[str, str], float] = field(default_factory=dict)
    parcels: Mapping[str, float] = field(default_factory=dict)


def by_limit(layout: Layout, network: Network, row: Mapping[str, int], worth: Worth) -> Floats:
    """Return the worth by limit, in cents."""
    goods = layout.goods
    cents = np.zeros(len(goods.limits))
    for (sku, location), each in worth.units.items():
        if sku in row and location in network.index:
            place = network.places(network.index[location])[0]
            limit = int(goods.numbers[row[sku], place])
            if limit < len(cents):
                cents[limit] = each
    for location, each in worth.parcels.items():
        if location in network.index:
            cents[goods.parcels + np.array(network.places(network.index[location]))] = each
    return cents


def whole_values(layout: Layout, cents: Floats) -> Ints:
    """Return values as a layout has them: whole cents, none so high that it would overflow."""
    return np.rint(np.clip(cents, 0, most_cents(layout))).astype(np.int64)


def by_name(layout: Layout, network: Network, row: Mapping[str, int], cents: Floats) -> Worth:
    """Return the worth by names, given that by limit.

    A row of sizes prices whole sizes; its part is added to the unit by the size. Of a location's
    windows the dearest counts.
    """
    goods = layout.goods
    skus = {number: sku for sku, number in row.items()}
    units = cents[: len(goods.spots)].copy()
    np.add.at(units, goods.base, cents[len(goods.spots) : goods.parcels] / goods.size)
    parcels: dict[str, float] = {}
    for place, each in enumerate(cents[goods.parcels :].tolist()):
        if each > 0:
            location = network.ids[network.location_of(place)]
            parcels[location] = max(each, parcels.get(location, 0.0))
    spots = zip(goods.spots.tolist(), units.tolist(), strict=True)
    return Worth(
        units={
            (skus[spot // goods.locations], network.ids[spot % goods.locations]): each
            for spot, each in spots
            if each > 0
        },
        parcels=parcels,
    )
