"""A network file as routing takes it: locations, hours, articles, stock and tariff in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import routing.problem as routing
from oms import clock
from oms.catalogue.models import Product
from oms.errors import Invalid
from oms.locations.calendars import Calendar
from oms.locations.models import Location, LocationKind
from oms.network import schema
from oms.network.schema import WEEK, NetworkFile
from oms.sourcing import stating
from oms.sourcing.stating import Stated
from routing.parse import parse_tariff

Spot = tuple[str, str]
"""An article and a location."""


@dataclass(frozen=True, slots=True)
class World:
    """What no policy changes."""

    currency: str
    places: Sequence[Location]
    calendars: Mapping[str, Calendar]
    products: Mapping[str, Product]
    tariff: routing.Tariff
    opening: Mapping[Spot, int]
    """Units that may be sold when it begins, and that stock is filled up to."""


def world_of(network: NetworkFile) -> World:
    """The world of a network file. Raises `Invalid` for one that is not complete in itself."""
    places = [_location(one) for one in network.locations if one.active]
    if not places:
        raise Invalid("there is no active location", field="locations")
    if network.tariff is None:
        raise Invalid(
            "a simulation needs to know what carriage costs",
            field="tariff",
            remedy="docs/network-file.md describes the `tariff`",
        )
    products = {one.sku: _product(one, network.currency) for one in network.products}
    codes = {place.code for place in places}
    for at, row in enumerate(network.stock):
        if row.sku not in products:
            raise Invalid(f"there is no product {row.sku!r} in the file", field=f"stock[{at}].sku")
    opening = {
        (row.sku, row.location): row.units - row.safety
        for row in network.stock
        if row.location in codes and row.units > row.safety
    }
    if not opening:
        raise Invalid("there is nothing in stock that may be sold", field="stock")
    return World(
        currency=network.currency,
        places=places,
        calendars={one.code: _calendar(one) for one in network.locations if one.active},
        products=products,
        tariff=parse_tariff(network.tariff.sheet),
        opening=opening,
    )


class Hours:
    """The locations as they stand at a moment; reckoned anew only when a cut-off or a day passes.

    What a day's moments have in common is worked out once for each span between two of them.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._span: tuple[datetime, datetime] | None = None
        self._stated: Stated | None = None

    def at(
        self, moment: datetime, *, busy: Mapping[UUID, int], handing_over: Sequence[UUID] = ()
    ) -> Stated:
        """The locations now, less the work that they were given."""
        world = self._world
        with clock.at(moment):
            if handing_over:  # when a pickup is ready depends on the very minute
                return stating.stated(
                    world.places, world.calendars, busy=busy, handing_over=handing_over
                )
            if self._stated is None or not self._holds(moment):
                self._stated = stating.stated(world.places, world.calendars, busy={})
                self._span = _span(world, moment)
        return _less(self._stated, world.places, busy)

    def _holds(self, moment: datetime) -> bool:
        return self._span is not None and self._span[0] <= moment < self._span[1]


def _span(world: World, moment: datetime) -> tuple[datetime, datetime]:
    """From when until when days are reckoned as they are at this moment."""
    turns = []
    for place in world.places:
        zone = world.calendars[place.code].zone
        today = moment.astimezone(zone).date()
        turns += [
            datetime.combine(day, turn, zone).astimezone(UTC)
            for day in (today, today + timedelta(days=1))
            for turn in (time(0), place.cut_off)
        ]
    before = max(turn for turn in turns if turn <= moment)
    return before, min(turn for turn in turns if turn > moment)


def _less(stated: Stated, places: Sequence[Location], busy: Mapping[UUID, int]) -> Stated:
    if not busy:
        return stated
    return replace(
        stated,
        locations=tuple(
            one
            if one.capacity_parcels is None or not busy.get(place.id)
            else replace(one, capacity_parcels=max(0, one.capacity_parcels - busy[place.id]))
            for one, place in zip(stated.locations, places, strict=True)
        ),
        used_parcels={place.code: busy[place.id] for place in places if place.id in busy},
    )


def _location(one: schema.Location) -> Location:
    facts = one.model_dump(exclude={"hours", "closed_days"})
    return Location(**facts | {"kind": LocationKind(one.kind)})


def _product(one: schema.Product, currency: str) -> Product:
    return Product(**one.model_dump(exclude={"barcodes"}), currency=currency)


def _calendar(one: schema.Location) -> Calendar:
    return Calendar(
        zone=ZoneInfo(one.time_zone),
        spans=tuple(
            tuple(sorted((span.opens, span.closes) for span in one.hours if day in span.days))
            for day in WEEK
        ),
        closed=frozenset(closed.day for closed in one.closed_days),
    )
