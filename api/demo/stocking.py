"""Realistic stock: warehouses deep, stores shallow with gaps, a few articles nearly gone."""

import random
from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Final

from oms.locations.models import LocationKind
from oms.network.schema import Location, Product, Stock

_EVERYWHERE: Final = 0.8
"""The most wanted part of the range, which every store has."""
_SCARCE: Final = (0.83, 0.9, 0.96)
"""Places in the range of articles that only two stores have left."""
_GAP: Final = 0.3
"""Share of the other articles that a store lacks."""
_LEAST_FOR_SAFETY: Final = 4


def stock(
    products: Sequence[Product], locations: Sequence[Location], chance: random.Random
) -> list[Stock]:
    """What lies where; `products` are in the order in which they are wanted."""
    scarce = {products[int(len(products) * share)].sku for share in _SCARCE}
    return [
        row
        for rank, product in enumerate(products)
        for row in (
            _scarce(product, locations, chance)
            if product.sku in scarce
            else _plenty(product, locations, chance, rank=rank, of=len(products))
        )
    ]


def _scarce(
    product: Product, locations: Sequence[Location], chance: random.Random
) -> Iterator[Stock]:
    stores = [place for place in locations if place.kind is LocationKind.STORE and place.can_ship]
    for place in chance.sample(stores, 2):
        yield Stock(location=place.code, sku=product.sku, units=chance.randint(1, 2))


def _plenty(
    product: Product,
    locations: Sequence[Location],
    chance: random.Random,
    *,
    rank: int,
    of: int,
) -> Iterator[Stock]:
    wanted = sqrt((rank + 1) / of) - sqrt(rank / of)  # its share of all that is ordered
    for place in locations:
        if place.kind is LocationKind.WAREHOUSE:
            units = 60 + round(24_000 * wanted * chance.uniform(0.7, 1.3))
        elif rank < of * _EVERYWHERE:
            units = 8 + round(400 * wanted * chance.uniform(0.6, 1.4))
        else:
            units = 0 if chance.random() < _GAP else chance.randint(1, 5)
        if units:
            safety = int(place.kind is LocationKind.STORE and units >= _LEAST_FOR_SAFETY)
            yield Stock(location=place.code, sku=product.sku, units=units, safety=safety)
