"""The network file's schema. docs/network-file.md explains it with a complete example.

Knows nothing of tables, so that a program that only writes such a file starts quickly.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from oms.values import (
    Barcode,
    ChannelCode,
    ChannelSku,
    Country,
    Currency,
    Day,
    Flag,
    Grams,
    Latitude,
    LocalTime,
    LocationCode,
    Longitude,
    Millimetres,
    Minor,
    Name,
    Postcode,
    Remark,
    Sku,
    TimeZone,
    Units,
)


class _Part(BaseModel):
    """An unknown field is an error, because it is a mistyped one."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEK = tuple(Weekday)


class Product(_Part):
    """An article that can be stocked and sold."""

    sku: Sku
    name: Name
    category: Remark = ""
    weight_g: Grams
    """One unit as it is packed."""
    length_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres
    price_minor: Minor
    """For one unit, in minor units of the file's currency."""
    barcodes: tuple[Barcode, ...] = ()
    """What a scanner reads. Eight, twelve, thirteen or fourteen digits are taken for a GTIN."""


class Listing(_Part):
    """How one channel names and prices an article."""

    channel: ChannelCode
    channel_sku: ChannelSku
    sku: Sku
    price_minor: Minor
    published: Flag = True


class Hours(_Part):
    """One span of opening, the same on several days of the week; local time."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    opens: LocalTime
    closes: LocalTime

    @model_validator(mode="after")
    def closes_later(self) -> Self:
        """Closing time is after opening time, on the same day."""
        if self.closes <= self.opens:
            raise ValueError(
                f"closes at {self.closes:%H:%M}, which is not after it opens at {self.opens:%H:%M}"
            )
        return self


class ClosedDay(_Part):
    """A date on which the location does not open."""

    day: Day
    reason: Remark = ""


class Location(_Part):
    """A store or warehouse. Costs are in minor units of the file's currency."""

    code: LocationCode
    """Stands in addresses of pages and in what channels send; it never changes."""
    name: Name
    kind: Literal["store", "warehouse"]
    street: Name
    city: Name
    region: Remark = ""
    postcode: Postcode
    country: Country
    latitude: Latitude
    longitude: Longitude
    time_zone: TimeZone
    """By its name in the IANA data base."""
    cut_off: LocalTime
    """What is packed before this time leaves the same day."""
    can_ship: Flag = True
    can_pickup: Flag = False
    can_curbside: Flag = False
    can_returns: Flag = False
    capacity_parcels: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] | None = None
    """Parcels and pickups that it can prepare in a day; without it, any number."""
    parcel_cost_minor: Minor = 0
    """Packing one parcel."""
    line_cost_minor: Minor = 0
    """Picking one line of an order."""
    pickup_cost_minor: Minor = 0
    """Handing one pickup over."""
    handling_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 1
    """Open days until a parcel leaves, from the first whose cut-off is still to come."""
    active: Flag = True
    hours: tuple[Hours, ...] = ()
    closed_days: tuple[ClosedDay, ...] = ()


class Stock(_Part):
    """Units of an article that lie at a location when the system begins to count them."""

    location: LocationCode
    sku: Sku
    units: Units
    safety: Units = 0
    """Kept back from every channel, for walk-in customers and wrong counts."""


class PostcodePlace(_Part):
    """The middle of a postcode's area, for orders whose channel sends no coordinates."""

    country: Country
    postcode: Postcode
    latitude: Latitude
    longitude: Longitude


class TariffSheet(_Part):
    """What carriage costs, as routing reckons with it, in the file's currency."""

    name: Name
    """Such as its date. One name stands for one sheet; other prices need another name."""
    sheet: dict[str, Any]
    """The `tariff` object of the routing file format."""


class NetworkFile(_Part):
    """The whole file. It may leave anything out that the database has already."""

    currency: Currency
    """Of every price and cost in the file."""
    products: tuple[Product, ...] = ()
    listings: tuple[Listing, ...] = ()
    locations: tuple[Location, ...] = ()
    stock: tuple[Stock, ...] = ()
    postcodes: tuple[PostcodePlace, ...] = ()
    tariff: TariffSheet | None = None
