"""Realistic stock: warehouses deep, stores shallow with gaps, a few articles nearly gone."""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from math import sqrt
from typing import Final

from oms.network.schema import Location, Product, Stock

_EVERYWHERE: Final = 0.8
"""The most wanted part of the range, which every store has."""
_SCARCE: Final = (0.83, 0.9, 0.96)
"""Places in the range of articles that only two stores have left."""
_GAP: Final = 0.3
"""Share of the other articles that a store lacks."""
_LEAST_FOR_SAFETY: Final = 4


def stock(products: Sequence[Product], locations: Sequence[Location], *, seed: int) -> list[Stock]:
    """What lies where; `products` are in the order in which they are wanted.

    A location's stock does not depend on which others there are.
    """
    scarce = [products[int(len(products) * share)] for share in _SCARCE]
    gone = frozenset(product.sku for product in scarce)
    return [
        *(
            row
            for place in locations
            for row in _at(place, products, gone, random.Random(f"{seed} stock {place.code}"))
        ),
        *_nearly_gone(scarce, locations, random.Random(f"{seed} scarce")),
    ]


def _at(
    place: Location,
    products: Sequence[Product],
    gone: Collection[str],
    chance: random.Random,
) -> Iterator[Stock]:
    for rank, product in enumerate(products):
        units = _units(place, chance, wanted=rank / len(products), of=len(products))
        if units and product.sku not in gone:
            safety = int(place.kind == "store" and units >= _LEAST_FOR_SAFETY)
            yield Stock(location=place.code, sku=product.sku, units=units, safety=safety)


def _units(place: Location, chance: random.Random, *, wanted: float, of: int) -> int:
    """Units of the article at this point of the range, 0 being the most wanted."""
    share = sqrt(wanted + 1 / of) - sqrt(wanted)  # of all that customers order
    if place.kind == "warehouse":
        return 60 + round(24_000 * share * chance.uniform(0.7, 1.3))
    if wanted < _EVERYWHERE:
        return 8 + round(400 * share * chance.uniform(0.6, 1.4))
    return 0 if chance.random() < _GAP else chance.randint(1, 5)


def _nearly_gone(
    scarce: Iterable[Product], locations: Iterable[Location], chance: random.Random
) -> Iterator[Stock]:
    stores = [place for place in locations if place.kind == "store" and place.can_ship]
    for product in scarce:
        for place in chance.sample(stores, 2):
            yield Stock(location=place.code, sku=product.sku, units=chance.randint(1, 2))
