"""The orders of a simulated day: from a file, or made up from a seed.

Made-up orders of a day come as a Poisson process whose mean follows the weekday. The dice of each
day are thrown anew from seed and date, so any day can be made without the days before it.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Final

from oms.network.schema import NetworkFile
from oms.orders.models import Delivery
from oms.settings import settings
from oms.sourcing.problems import WishLine

WEEKDAYS: Final = (1.15, 1.0, 1.0, 0.95, 0.95, 0.9, 1.05)
"""The share of a mean day that comes on each weekday, Monday first."""
LINES: Final = {1: 60, 2: 25, 3: 10, 4: 5}
UNITS: Final = {1: 90, 2: 8, 3: 2}
_POPULARITY: Final = 0.8
"""The article at place n of the file is wanted with the weight n ** -0.8."""
_OWN_CHANNEL: Final = "web"


@dataclass(frozen=True, slots=True)
class Asked:
    """An order that comes in."""

    id: str
    at: datetime
    channel: str
    where: tuple[float, float]
    promise_by: datetime | None
    """None for a pickup: when the store has it ready."""
    lines: tuple[WishLine, ...]
    pickup_at: str | None = None

    @property
    def delivery(self) -> Delivery:
        """How the customer gets the goods."""
        return Delivery.SHIP if self.pickup_at is None else Delivery.PICKUP


@dataclass(frozen=True, slots=True)
class Market:
    """Who may want what: places, articles and channels, each with its weight summed up."""

    places: Sequence[tuple[float, float]]
    by_people: Sequence[float]
    skus: Sequence[str]
    by_popularity: Sequence[float]
    channels: Sequence[str]
    by_listings: Sequence[float]


def market_of(network: NetworkFile, people: Mapping[tuple[float, float], float] | None) -> Market:
    """The customers and articles of a network file.

    `people` says how many live at which coordinates; without it every postcode of the file counts
    alike, and without postcodes customers live where the locations are.
    """
    homes = people or {
        (one.latitude, one.longitude): 1.0 for one in network.postcodes or network.locations
    }
    stocked = {row.sku for row in network.stock if row.units > row.safety}
    skus = [one.sku for one in network.products if one.sku in stocked]
    listed: dict[str, float] = {}
    for one in network.listings:
        listed[one.channel] = listed.get(one.channel, 0) + 1
    channels = listed or {_OWN_CHANNEL: 1.0}
    return Market(
        places=list(homes),
        by_people=list(accumulate(homes.values())),
        skus=skus,
        by_popularity=list(accumulate((at + 1) ** -_POPULARITY for at in range(len(skus)))),
        channels=list(channels),
        by_listings=list(accumulate(channels.values())),
    )


def made_up(market: Market, day: date, *, seed: int, mean: float) -> Iterator[Asked]:
    """The orders of a day (UTC), first come first; the same seed gives the same orders."""
    dice = random.Random(f"{seed} {day.isoformat()}")
    begin = datetime.combine(day, datetime.min.time(), UTC)
    gap_s = 86_400 / (mean * WEEKDAYS[day.weekday()])
    after_s, number = dice.expovariate(1 / gap_s), 0
    while after_s < 86_400:
        number += 1
        at = begin + timedelta(seconds=int(after_s))
        yield _order(market, dice, f"{day.isoformat()}-{number}", at)
        after_s += dice.expovariate(1 / gap_s)


def _order(market: Market, dice: random.Random, order_id: str, at: datetime) -> Asked:
    [where] = dice.choices(market.places, cum_weights=market.by_people)
    [channel] = dice.choices(market.channels, cum_weights=market.by_listings)
    [count] = dice.choices(list(LINES), weights=list(LINES.values()))
    wanted = dice.choices(market.skus, cum_weights=market.by_popularity, k=count)
    units = dice.choices(list(UNITS), weights=list(UNITS.values()), k=count)
    basket = dict(zip(wanted, units, strict=True))
    return Asked(
        id=order_id,
        at=at,
        channel=channel,
        where=where,
        promise_by=at + timedelta(days=settings().ship_promise_days),
        lines=tuple(
            WishLine(str(number), sku, count)
            for number, (sku, count) in enumerate(basket.items(), start=1)
        ),
    )
