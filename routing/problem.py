"""State a routing problem as data: what is wanted where, and what each location can do.

Money is in integer cents, weights in grams, times in whole days. Nothing here is checked:
`routing.parse` checks what comes from outside, and what comes from the database is checked there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

MOST_CENTS: Final = 1_000_000_000
MOST_UNITS: Final = 1_000_000_000
MOST_GRAMS: Final = 1_000_000_000
MOST_DAYS: Final = 3_650
MOST_LOCATIONS: Final = 1 << 20
MOST_ADDED: Final = 16
"""Rows of added costs that one line, or the parcels of one order, may name."""
MOST_ADDED_CENTS: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Tariff:
    """What carriage costs by weight band and zone, and how long it takes by zone.

    `cents[band][zone]` and `transit_days[zone]`; there is one zone more than `zone_miles`.
    """

    zone_miles: tuple[float, ...]
    max_weight_g: tuple[int, ...]
    cents: tuple[tuple[int, ...], ...]
    transit_days: tuple[int, ...]


class Serves(StrEnum):
    """What a window is for."""

    ANY = "any"
    SHIPPING = "shipping"
    """Parcels that leave, transfers included."""
    PICKUP = "pickup"
    """Hand-overs at the counter or at the curb."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a location's time with a capacity of its own; without one there is no limit.

    What is made in it leaves, or is handed over, after `days`.
    """

    id: str
    days: int
    capacity_parcels: int | None = None
    serves: Serves = Serves.ANY


@dataclass(frozen=True, slots=True)
class Location:
    """A store or warehouse that may ship or hand over. No `capacity_parcels` means no limit.

    `pickup_days` pass until a pickup is ready; without it `handling_days` do. Where there are
    `windows`, these say how much it can make, and when.
    """

    id: str
    kind: str
    lat: float
    lon: float
    parcel_cents: int
    line_cents: int
    pickup_cents: int
    handling_days: int
    capacity_parcels: int | None = None
    pickup_days: int | None = None
    windows: tuple[Window, ...] = ()


class Stock(NamedTuple):
    """Units of one SKU that one location may promise.

    A named tuple rather than a dataclass: a day's problem holds millions of these.
    """

    location: str
    sku: str
    units: int


@dataclass(frozen=True, slots=True)
class Added:
    """What locations cost besides carriage and handling, for one reason; `term` names it.

    Lines and orders name the rows that count for them, by their positions in the problem. A
    location that is not listed costs nothing.
    """

    term: str
    cents: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """Units of one SKU that leave from one location together, or stay unfilled at a price.

    `added` are the rows of added costs that count once for the line, wherever it leaves from. If it
    `may_split` its units may leave from several locations, `added` counting in each parcel, and
    some of them stay unfilled. `part_of` is for the engines alone: it names the line that this is a
    part of (`routing.splitting`).
    """

    id: str
    sku: str
    units: int
    weight_g: int
    unfilled_cents: int
    added: tuple[int, ...] = ()
    may_split: bool = False
    part_of: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Lines for one address, or to be handed over at one of the locations in `pickup_at`.

    `weight_g` of a line is the weight of all its units. `excluded` names the locations that must
    not serve this order, each with the caller's reason: it rejected the order before, it is closed.
    `added` are the rows of added costs that count for each of its parcels, transfers included, and
    its hand-over.
    With a `slot`, the order is handed over in a window of that name or not at all.
    """

    id: str
    lat: float
    lon: float
    promise_days: int
    max_parcels: int
    lines: tuple[Line, ...]
    pickup_at: tuple[str, ...] | None = None
    excluded: Mapping[str, str] = field(default_factory=dict)
    slot: str | None = None
    added: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """A way by which goods of a pickup order come from one location to another.

    What one location sends for one order is one transfer parcel. It is there `days` after it left.
    """

    source: str
    to: str
    parcel_cents: int
    line_cents: int
    days: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Locations, their stock, and the orders that want it, first come first.

    Roads are `road_factor` times as long as the great circle. What `transfers` does not list cannot
    be transferred.
    """

    currency: str
    tariff: Tariff
    locations: tuple[Location, ...]
    stock: tuple[Stock, ...]
    orders: tuple[Order, ...]
    road_factor: float = 1.0
    transfers: tuple[Lane, ...] = ()
    added: tuple[Added, ...] = ()

    def order(self, order_id: str) -> Order:
        """Return the order of this id; raises `KeyError` when there is none."""
        for order in self.orders:
            if order.id == order_id:
                return order
        raise KeyError(order_id)
