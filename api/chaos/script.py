"""What shops and tills will say during a run, and what must have come of it at the end."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from api.chaos.options import Options
from api.sandbox import reference_documents, shopify_documents, woocommerce_documents
from api.sandbox.orders import Happened, Person, Place, ShopLine, ShopOrder

PICKUP_STORE: Final = "S01"
PICKUP_NAME: Final = "Riverside"
"""What shops call it that do not know our codes."""
CURRENCY: Final = "USD"
_DOCUMENTS: Final = {
    "shopify": shopify_documents,
    "woocommerce": woocommerce_documents,
    "reference": reference_documents,
}
_TILLS: Final = ("till", "phone", "kiosk")
_TILL_SHARE, _PICKUP_SHARE = 0.1, 0.2
_FATES: Final = {
    (Happened.CREATED,): 70,
    (Happened.CREATED, Happened.UPDATED): 15,
    (Happened.CREATED, Happened.CANCELLED): 10,
    (Happened.CREATED, Happened.UPDATED, Happened.CANCELLED): 5,
}
"""What happens to orders of the shops, and how often."""
_NEW_YORK: Final = Place(
    street="5 Main Street",
    city="New York",
    region="NY",
    postcode="10002",
    latitude=40.71,
    longitude=-74.0,
)


class Sequencing(StrEnum):
    """In which sequence the messages about one order arrive."""

    IN_ORDER = "in order"
    SHUFFLED = "shuffled"
    AT_ONCE = "at once"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that is told, and how often though it was taken the first time."""

    id: str
    path: str
    topic: str
    body: bytes
    headers: Mapping[str, str]
    repeats: int = 0
    repeated_at_once: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """One order: its messages in the sequence of sending, and what must come of them.

    `wanted` gives SKU and units by the channel's line id, nothing for a cancelled order, whose
    total does not matter either.
    """

    channel: str
    external_id: str
    messages: tuple[Message, ...]
    sequencing: Sequencing
    wanted: Mapping[str, tuple[str, int]]
    total_minor: int
    cancelled: bool = False
    refusable: bool = False
    """Whether "out of stock" is a proper answer, after which the order must not exist."""

    @property
    def name(self) -> str:
        """The order as people and the journal call it."""
        return f"{self.channel} {self.external_id}"

    @property
    def is_webhook(self) -> bool:
        """Whether a shop tells of it; a till places it by a command."""
        return self.channel in _DOCUMENTS


def skus(options: Options) -> tuple[str, ...]:
    """The articles that everybody wants, the most wanted first."""
    return tuple(f"HOT-{number:03d}" for number in range(1, options.hot_skus + 1))


def stories(options: Options, *, now: datetime) -> tuple[Story, ...]:
    """Every order of the run; the same for the same seed and `now`, but for the event ids."""
    chance = random.Random(options.seed)
    articles = skus(options)
    weights = [1 / rank for rank in range(1, len(articles) + 1)]  # Zipf's law
    placed_at = now.replace(microsecond=0) - timedelta(minutes=10)
    made = []
    for number in range(1, options.orders + 1):
        chosen = chance.choices(articles, weights, k=chance.choice((1, 1, 2, 3)))
        units = {sku: chance.choice((1, 1, 1, 2, 3)) for sku in chosen}
        tell = _till if chance.random() < _TILL_SHARE else _shop
        made.append(tell(number, units, placed_at, options, chance))
    return tuple(made)


def _shop(
    number: int, units: Mapping[str, int], at: datetime, options: Options, chance: random.Random
) -> Story:
    channel = chance.choice(tuple(_DOCUMENTS))
    [fate] = chance.choices(tuple(_FATES), tuple(_FATES.values()))
    order = _order(channel, number, units, at, pickup=chance.random() < _PICKUP_SHARE)
    messages = []
    for step, happened in enumerate(fate):
        order.updated_at = at + timedelta(seconds=step)
        if happened is Happened.UPDATED:
            _edit(order, number, chance)
        elif happened is Happened.CANCELLED:
            order.status = "cancelled"
        messages.append(_message(order, happened, step, options, chance))
    sequencing = chance.choice(tuple(Sequencing)) if len(messages) > 1 else Sequencing.IN_ORDER
    if sequencing is Sequencing.SHUFFLED:
        messages = [*messages[1:], messages[0]] if len(messages) == 2 else _mixed(messages, chance)
    cancelled = Happened.CANCELLED in fate
    return Story(
        channel,
        order.id,
        tuple(messages),
        sequencing,
        wanted={} if cancelled else _wanted(order),
        total_minor=order.total_minor(),
        cancelled=cancelled,
    )


def _order(
    channel: str, number: int, units: Mapping[str, int], at: datetime, *, pickup: bool
) -> ShopOrder:
    first = {"shopify": 5_600_000_000_000, "woocommerce": 100_000}.get(channel, 0)
    reference = channel == "reference"
    return ShopOrder(
        channel=channel,
        id=f"WEB-{number:06d}" if reference else str(first + 1_000 * number),
        number=f"#{1_000 + number}" if channel == "shopify" else str(number),
        placed_at=at,
        updated_at=at,
        currency=CURRENCY,
        lines=[_line(number, index, sku, count) for index, (sku, count) in _numbered(units)],
        customer=Person(name="Ada Example", email=f"ada{number}@example.com"),
        address=None if pickup else _NEW_YORK,
        delivery="pickup" if pickup else "ship",
        store=(PICKUP_STORE if reference else PICKUP_NAME) if pickup else "",
        shipping_minor=0 if pickup else 595,
    )


def _numbered(units: Mapping[str, int]) -> Sequence[tuple[int, tuple[str, int]]]:
    return list(enumerate(units.items(), start=1))


def _line(number: int, index: int, sku: str, count: int) -> ShopLine:
    return ShopLine(
        id=str(100 * number + index), sku=sku, title=sku.title(), quantity=count, price_minor=1_250
    )


def _edit(order: ShopOrder, number: int, chance: random.Random) -> None:
    """The customer takes one unit off, or adds an article if only one is left."""
    if sum(line.quantity for line in order.lines) > 1:
        chance.choice(order.lines).removed += 1
    else:
        order.lines.append(_line(number, len(order.lines) + 1, order.lines[0].sku, 1))


def _wanted(order: ShopOrder) -> Mapping[str, tuple[str, int]]:
    return {line.id: (line.sku, line.left()) for line in order.lines if line.left()}


def _message(
    order: ShopOrder, happened: Happened, step: int, options: Options, chance: random.Random
) -> Message:
    topic, body, headers = _DOCUMENTS[order.channel].message(order, happened)
    return Message(
        id=f"{order.channel}-{order.id}-{step}",
        path=f"/v1/webhooks/{order.channel}",
        topic=topic,
        body=body.encode(),
        headers=headers,
        repeats=_repeats(options, chance),
        repeated_at_once=chance.random() < 0.5,
    )


def _repeats(options: Options, chance: random.Random) -> int:
    return chance.choice((1, 1, 2)) if chance.random() < options.duplicates else 0


def _mixed(messages: list[Message], chance: random.Random) -> list[Message]:
    mixed = list(messages)
    while mixed == messages:
        chance.shuffle(mixed)
    return mixed


def _till(
    number: int, units: Mapping[str, int], _at: datetime, options: Options, chance: random.Random
) -> Story:
    key = str(UUID(int=chance.getrandbits(128), version=4))
    refusable = chance.random() < 0.5
    source = chance.choice(_TILLS)
    document = {
        "source": source,
        "delivery": "pickup",
        "pickup_store": PICKUP_STORE,
        "customer_name": "Ada Example",
        "customer_email": f"ada{number}@example.com",
        "currency": CURRENCY,
        "lines": [
            {"sku": sku, "quantity": count, "unit_price_minor": 1_250}
            for sku, count in units.items()
        ],
        "when_out_of_stock": "refuse" if refusable else "backorder",
    }
    message = Message(
        id=f"{source}-{key}",
        path="/v1/orders",
        topic="",
        body=json.dumps(document).encode(),
        headers={"Idempotency-Key": key},
        repeats=_repeats(options, chance),
        repeated_at_once=chance.random() < 0.5,
    )
    return Story(
        source,
        key,
        (message,),
        Sequencing.IN_ORDER,
        wanted={str(index): line for index, line in _numbered(units)},
        total_minor=1_250 * sum(units.values()),
        refusable=refusable,
    )
