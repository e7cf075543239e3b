"""A file of orders to be simulated, as docs/replay.md describes it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from oms import faults
from oms.faults import Fault, fault_of
from oms.locations.geography import plain_postcode
from oms.network.schema import NetworkFile
from oms.ordering.placing import MOST_UNITS
from oms.replays.figures import Part
from oms.settings import settings
from oms.simulation.demand import Asked
from oms.simulation.world import World
from oms.sourcing.problems import WishLine
from oms.values import ChannelCode, Country, Latitude, LocationCode, Longitude, Postcode, Sku

_REMEDY: Final = "docs/replay.md describes the file"


class DemandLine(Part):
    """An article that is wanted."""

    sku: Sku
    units: Annotated[int, Field(strict=True, ge=1, le=MOST_UNITS)] = 1


class DemandOrder(Part):
    """An order: to a postcode or a place on the map, or to be collected at a store."""

    at: AwareDatetime
    channel: ChannelCode = "web"
    country: Country | None = None
    postcode: Postcode | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    pickup_store: LocationCode | None = None
    promise_days: Annotated[int, Field(strict=True, ge=0, le=365)] | None = None
    """Days from the order to its promise; by default the setting `ship_promise_days`."""
    lines: Annotated[tuple[DemandLine, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def goes_somewhere(self) -> Self:
        """Exactly one way to say where it goes."""
        ways = (
            None not in (self.country, self.postcode),
            None not in (self.latitude, self.longitude),
            self.pickup_store is not None,
        )
        if sum(ways) != 1:
            raise ValueError(
                "needs either country and postcode, or latitude and longitude, or pickup_store"
            )
        return self


class DemandFile(Part):
    """All orders of a simulation, in any sequence."""

    orders: Annotated[tuple[DemandOrder, ...], Field(min_length=1)]


def read(document: object, network: NetworkFile, world: World) -> list[Asked]:
    """The orders in a parsed JSON document, first come first.

    Raises `Invalid` whose `field` is the first wrong place, such as `orders[3].lines[0].sku`.
    """
    try:
        file = DemandFile.model_validate(document)
    except ValidationError as error:
        found = [fault_of(one, whole="the file") for one in error.errors(include_url=False)]
        raise faults.faulty(found, remedy=_REMEDY) from error
    homes = {
        (one.country, plain_postcode(one.postcode, country=one.country)): (
            one.latitude,
            one.longitude,
        )
        for one in network.postcodes
    }
    homes |= {
        ("", place.code): (place.latitude, place.longitude)
        for place in world.places
        if place.can_pickup
    }
    if wrong := list(_unknown(file, world, homes)):
        raise faults.faulty(wrong, remedy=_REMEDY)
    asked = [_asked(one, at, homes) for at, one in enumerate(file.orders)]
    return sorted(asked, key=lambda one: one.at)


def _unknown(
    file: DemandFile, world: World, homes: Mapping[tuple[str, str], tuple[float, float]]
) -> Iterator[Fault]:
    for at, order in enumerate(file.orders):
        key = _key(order)
        if key is not None and key not in homes:
            store = order.pickup_store is not None
            what = "no pickup point" if store else "not among the postcodes"
            field = "pickup_store" if store else "postcode"
            yield Fault(f"orders[{at}].{field}", f"{key[1]!r} is {what} of the network file")
        for number, line in enumerate(order.lines):
            if line.sku not in world.products:
                yield Fault(
                    f"orders[{at}].lines[{number}].sku",
                    f"there is no product {line.sku!r} in the network file",
                )


def _key(order: DemandOrder) -> tuple[str, str] | None:
    if order.pickup_store is not None:
        return "", order.pickup_store
    if order.country is None or order.postcode is None:
        return None
    return order.country, plain_postcode(order.postcode, country=order.country)


def _asked(
    order: DemandOrder, number: int, homes: Mapping[tuple[str, str], tuple[float, float]]
) -> Asked:
    key = _key(order)
    if key is not None:
        where = homes[key]
    else:
        assert order.latitude is not None
        assert order.longitude is not None
        where = order.latitude, order.longitude
    days = settings().ship_promise_days if order.promise_days is None else order.promise_days
    at = order.at.astimezone(UTC)
    return Asked(
        id=str(number),
        at=at,
        channel=order.channel,
        where=where,
        promise_by=None if order.pickup_store else at + timedelta(days=days),
        lines=tuple(
            WishLine(str(position), line.sku, line.units)
            for position, line in enumerate(order.lines, start=1)
        ),
        pickup_at=order.pickup_store,
    )
