"""The shop book: what the sandbox's shops sell, where they are, and who lives nearby.

A JSON file, written by whoever seeds the demo:

    {
      "skus": [
        {"sku": "MUG-01", "channel_skus": {"shopify": "MUG-01-S"}, "title": "Mug",
         "price_minor": 1250, "currency": "USD", "weight_g": 380}
      ],
      "stores": [
        {"code": "S01", "name": "Riverside", "latitude": 40.7, "longitude": -74.0,
         "channel_locations": {"woocommerce": "Riverside store"}}
      ],
      "addresses": [
        {"street": "1 Main Street", "city": "Albany", "region": "NY", "postcode": "12207",
         "country": "US", "latitude": 42.65, "longitude": -73.75}
      ]
    }

A channel that `channel_skus` leaves out sells the article under `sku`; one that
`channel_locations` leaves out calls the store by its `name`, the reference channel by its `code`.
"""

from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from oms.errors import Invalid


@dataclass(frozen=True, slots=True)
class BookSku:
    """One article: our SKU, what each channel calls it, and its price for one unit."""

    sku: str
    title: str
    price_minor: int
    currency: str
    weight_g: int
    channel_skus: dict[str, str] = field(default_factory=dict)

    def on(self, channel: str) -> str:
        """The article's SKU on a channel."""
        return self.channel_skus.get(channel, self.sku)


@dataclass(frozen=True, slots=True)
class BookStore:
    """One store where orders can be picked up; `code` is our location code."""

    code: str
    name: str
    latitude: float
    longitude: float
    channel_locations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BookAddress:
    """A place where a made-up customer lives."""

    street: str
    city: str
    region: str
    postcode: str
    country: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Book:
    """All of it."""

    skus: tuple[BookSku, ...] = ()
    stores: tuple[BookStore, ...] = ()
    addresses: tuple[BookAddress, ...] = ()

    def article(self, channel: str, channel_sku: str) -> BookSku | None:
        """The article that a channel sells under this SKU."""
        return next((each for each in self.skus if each.on(channel) == channel_sku), None)

    def store(self, code: str) -> BookStore | None:
        """The store of this code."""
        return next((each for each in self.stores if each.code == code), None)

    def nearest_stores(self, address: BookAddress) -> list[BookStore]:
        """The stores, nearest first."""
        return sorted(self.stores, key=lambda store: _distance(address, store))


def read_book(path: Path) -> Book:
    """The book in a file. Raises `Invalid` naming the wrong place in it."""
    try:
        return TypeAdapter(Book).validate_json(path.read_bytes())
    except OSError as error:
        raise Invalid(f"the shop book {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise Invalid(f"the shop book {path} is wrong: {error}") from error


def _distance(address: BookAddress, store: BookStore) -> float:
    """Great-circle distance in units of the Earth's diameter: enough to compare."""
    north, south = radians(address.latitude), radians(store.latitude)
    across = radians(store.longitude - address.longitude)
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(across / 2) ** 2
    return asin(min(1.0, sqrt(half)))
