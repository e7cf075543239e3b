"""Random customers: orders that arrive by chance, in the demo's mix of channels."""

import asyncio
import logging
import math
from typing import Final, Literal

from api.sandbox.book import BookAddress, BookSku
from api.sandbox.orders import Person, Place
from api.sandbox.placing import WantedLine, WantedOrder, place
from api.sandbox.state import State

log = logging.getLogger(__name__)

_SHARE_OF_KIND: Final = {"shopify": 45, "woocommerce": 25, "reference": 30, "amazon": 10}
_SHARE_OF_PICKUP: Final = {"shopify": 0.0, "woocommerce": 0.5, "reference": 0.5, "amazon": 0.0}
_LINES: Final = ((1, 60), (2, 25), (3, 10), (4, 5))
_LOCALES: Final = ("en-US", "nl-NL", "de-DE", "pl-PL", "it-IT")
_FIRST: Final = (
    "Ada", "Ben", "Chloe", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kira",
    "Liam", "Mina", "Noor", "Oskar", "Priya", "Quinn", "Rosa", "Sami", "Tessa",
)  # fmt: skip
_LAST: Final = (
    "Example", "Sample", "Tester", "Placeholder", "Demo", "Specimen", "Fiction", "Mockup",
)  # fmt: skip


async def order_forever(state: State) -> None:
    """Place orders at random moments, as many a minute as asked for on average."""
    while True:
        await asyncio.sleep(state.chance.expovariate(state.orders_per_minute / 60))
        wanted = random_order(state)
        order, _ = place(state, wanted)
        log.info("order_placed", extra={"channel": order.channel, "order": order.id})


def random_order(state: State) -> WantedOrder:
    """A plausible order from the shop book; its customer is plainly made up."""
    chance, book = state.chance, state.book
    channel, kind = _channel(state)
    home = chance.choice(book.addresses)
    pickup = bool(book.stores) and chance.random() < _SHARE_OF_PICKUP[kind]
    delivery: Literal["ship", "pickup"] = "pickup" if pickup else "ship"
    return WantedOrder(
        channel=channel,
        lines=[
            WantedLine(sku=article.on(channel), quantity=_units(state))
            for article in _articles(state)
        ],
        delivery=delivery,
        store=chance.choice(book.nearest_stores(home)[:3]).code if pickup else "",
        customer=_person(state),
        address=_place(home),
    )


def _channel(state: State) -> tuple[str, str]:
    """A channel and its kind, by the kinds' shares; several of one kind share its part."""
    shops = [(code, shop.kind) for code, shop in sorted(state.config.shops.items())]
    kinds = [kind for _, kind in shops]
    weights = [_SHARE_OF_KIND[kind] / kinds.count(kind) for kind in kinds]
    return state.chance.choices(shops, weights)[0]


def _articles(state: State) -> list[BookSku]:
    """Different articles, the first of the book the likeliest: some things sell and some do not."""
    sizes, weights = zip(*_LINES, strict=True)
    count = min(state.chance.choices(sizes, weights)[0], len(state.book.skus))
    chosen: dict[str, BookSku] = {}
    while len(chosen) < count:
        rank = math.floor(len(state.book.skus) * state.chance.random() ** 2)
        article = state.book.skus[rank]
        chosen[article.sku] = article
    return list(chosen.values())


def _units(state: State) -> int:
    return state.chance.choices((1, 2, 3), (80, 15, 5))[0]


def _person(state: State) -> Person:
    first, last = state.chance.choice(_FIRST), state.chance.choice(_LAST)
    number = state.chance.randrange(100, 200)
    return Person(
        name=f"{first} {last}",
        email=f"{first}.{last}.{state.chance.randrange(10_000):04d}@example.com".lower(),
        phone=f"+1 555 0{number}",
        locale=_LOCALES[number % len(_LOCALES)],
    )


def _place(home: BookAddress) -> Place:
    return Place(
        street=home.street,
        city=home.city,
        region=home.region,
        postcode=home.postcode,
        country=home.country,
        latitude=home.latitude,
        longitude=home.longitude,
    )
