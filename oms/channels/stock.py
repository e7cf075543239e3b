"""What a channel is told of stock, and what it says it has: words that all adapters share."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from oms.connections import ChannelSettings

T = TypeVar("T")
REST = "*"
"""In the settings: every location of ours that no other place of the channel stands for."""

Spot = tuple[str, str]
"""A listing at a place: the channel's SKU and the channel's id of the place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a channel keeps stock. An empty id says that it keeps one figure an article."""

    id: str
    codes: frozenset[str]
    """Our locations whose stock lies behind it. No two places share one."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a channel has at a spot. `quantity` is None where it keeps no figure yet."""

    quantity: int | None
    ref: str = ""
    """The adapter's own handle for writing there."""
    fault: str = ""
    """Why nothing can be written there, if so."""
    absent: bool = False
    """Nothing is stocked or sold there, so that none needs no telling."""
    unread: bool = False
    """The channel does not say what it has; we know only what it took."""


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Set a spot to so many units. `version` rises with each telling of the same spot."""

    spot: Spot
    quantity: int
    version: int
    now: Figure


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a spot was not set. `again` says that it may work at the next attempt, looked at anew."""

    reason: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """Levels to set in one go; `key` is the same for the same levels and for no others."""

    levels: tuple[StockLevel, ...]
    key: str
    as_of: datetime
    """The moment at which the figures were true."""


def places_from(
    settings: ChannelSettings,
    named: Sequence[tuple[str, Collection[str]]],
    *,
    codes: Collection[str],
) -> list[Place]:
    """The places that the settings connect to our locations `codes`; none if they name none.

    `named` gives each place's id and the names by which the settings may call it. A location of
    ours counts at the first place that names it, never twice.
    """
    wanted = settings.stock_locations or settings.locations
    by_name = {_folded(name): code for name, code in wanted.items()}
    left = set(codes)
    places: list[Place] = []
    rest: str | None = None
    for place_id, names in named:
        ours = {by_name[_folded(name)] for name in names if _folded(name) in by_name}
        if REST in ours:
            rest = rest or place_id
            continue
        mine = frozenset(ours & left)
        left -= mine
        if mine:
            places.append(Place(place_id, mine))
    if rest is not None:
        places.append(Place(rest, frozenset(left - set(by_name.values()))))
    return places


def chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """The items in parts of at most `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def by_spot(levels: Sequence[StockLevel]) -> Mapping[Spot, StockLevel]:
    """The levels by the spot that they set."""
    return {level.spot: level for level in levels}


def _folded(name: str) -> str:
    return name.strip().rpartition("gid://shopify/Location/")[2].casefold()
