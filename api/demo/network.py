"""The demo's network, made of the project's own files and, where it is there, of real data."""

import random
from pathlib import Path
from typing import Any, Final

from api.demo import locations, sources, stocking
from api.demo import products as range_
from api.demo import shared as data
from oms.network.schema import NetworkFile, PostcodePlace, TariffSheet

SEED: Final = 2026
CURRENCY: Final = "USD"


def network(*, shared: Path | None = None, seed: int = SEED) -> NetworkFile:
    """The network: 14 stores, 2 warehouses, 200 products, the most wanted first.

    With the folder of real data there are 46 stores more, every ZIP code, and published postage.
    The same seed makes the same network.
    """
    folder = data.usable(shared)
    products = range_.products(random.Random(f"{seed} products"))
    places = locations.own()
    if folder is not None:
        places += locations.more(folder, random.Random(f"{seed} stores"), beside=places)
    return NetworkFile(
        currency=CURRENCY,
        products=tuple(products),
        listings=tuple(range_.listings(products)),
        locations=tuple(places),
        stock=tuple(stocking.stock(products, places, seed=seed)),
        postcodes=_postcodes(folder),
        tariff=_tariff(folder),
    )


def _postcodes(folder: Path | None) -> tuple[PostcodePlace, ...]:
    cities = sources.cities() if folder is None else [one.place for one in data.zips(folder)]
    return tuple(
        PostcodePlace(
            country="US", postcode=one.postcode, latitude=one.latitude, longitude=one.longitude
        )
        for one in cities
    )


def _tariff(folder: Path | None) -> TariffSheet:
    sheet: dict[str, Any]
    if folder is None:
        name, sheet = "Demo ground", sources.document("tariff.json")
    else:
        name, sheet = "Published ground postage, 5 October 2025", data.tariff(folder)
    return TariffSheet(name=name, sheet=sheet)
