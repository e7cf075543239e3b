"""The shop book of the demo's shops: what they sell, where, and who lives nearby."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from api.demo import shared as data
from api.demo import sources
from api.demo.locations import NEWCOMERS_STORE, distance_km
from api.demo.network import SEED
from api.demo.products import CHANNELS
from api.demo.sources import City
from api.sandbox.book import Book, BookAddress, BookSku, BookStore
from oms.network.schema import Location, NetworkFile

_HOMES: Final = 400
_FAR: Final = frozenset({"AK", "HI", "PR"})
"""Nobody there picks anything up in the nearest store."""
_NEAR_KM: Final = 150.0
_HOMES_NEAR_NEWCOMER: Final = 100
"""More people live near the newcomer's store than should: its queue is to fill soon."""


def book(network: NetworkFile, *, shared: Path | None = None, seed: int = SEED) -> Book:
    """The book of a network. With the real data, people live where they really do."""
    chance = random.Random(f"{seed} homes")
    names = {(one.channel, one.sku): one.channel_sku for one in network.listings}
    return Book(
        skus=tuple(
            BookSku(
                sku=product.sku,
                title=product.name,
                price_minor=product.price_minor,
                currency=network.currency,
                weight_g=product.weight_g,
                channel_skus={
                    channel: name
                    for channel in CHANNELS
                    if (name := names.get((channel, product.sku))) not in (None, product.sku)
                },
            )
            for product in network.products
        ),
        stores=tuple(_store(place) for place in network.locations if place.can_pickup),
        addresses=tuple(_homes(network, data.usable(shared), chance)),
    )


def _store(place: Location) -> BookStore:
    """A store as the channels know it; WooCommerce calls it otherwise than we do."""
    return BookStore(
        code=place.code,
        name=place.name,
        latitude=place.latitude,
        longitude=place.longitude,
        channel_locations={"woocommerce": f"{place.name} store"},
    )


def _homes(
    network: NetworkFile, folder: Path | None, chance: random.Random
) -> Iterator[BookAddress]:
    newcomers = next(one for one in network.locations if one.code == NEWCOMERS_STORE)
    centre = (newcomers.latitude, newcomers.longitude)
    if folder is None:
        cities = sources.cities()
        people = [1] * len(cities)
    else:
        zips = [one for one in data.zips(folder) if one.place.region not in _FAR]
        cities, people = [one.place for one in zips], [one.population for one in zips]
    near = [
        (city, weight)
        for city, weight in zip(cities, people, strict=True)
        if distance_km(centre, (city.latitude, city.longitude)) <= _NEAR_KM
    ]
    streets = sources.streets()
    for city in (
        *chance.choices(cities, people, k=_HOMES),
        *chance.choices(*zip(*near, strict=True), k=_HOMES_NEAR_NEWCOMER),
    ):
        yield _home(city, streets, chance)


def _home(city: City, streets: list[str], chance: random.Random) -> BookAddress:
    return BookAddress(
        street=f"{chance.randrange(1, 1_500)} {chance.choice(streets)}",
        city=city.city,
        region=city.region,
        postcode=city.postcode,
        country="US",
        latitude=city.latitude,
        longitude=city.longitude,
    )
