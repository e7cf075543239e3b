"""Which columns the file of each kind has. docs/imports.md lists them from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from oms import values
from oms.imports import cells
from oms.imports.cells import Read
from oms.imports.models import ImportKind
from oms.locations.models import LocationKind
from oms.orders.models import Delivery

MOST_UNITS: Final = 100_000_000
MOST_MINOR: Final = 1_000_000_000


class Required:
    """Stands where a column has no default."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, and what it means, unit included."""

    name: str
    read: Read
    what: str
    default: Any = Required

    @property
    def required(self) -> bool:
        """Whether every file has it, and a value in every row."""
        return self.default is Required

    @property
    def reader(self) -> Read:
        """How a cell is read that may be empty, if it may."""
        return self.read if self.required else cells.or_else(self.read, self.default)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of file, and which of them together name a row."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column:
        """The column of this name, which there is."""
        return next(column for column in self.columns if column.name == name)


_NAME = cells.text(200)
_SKU = cells.text(64)
_CODE = cells.typed(values.LocationCode)
_CHANNEL = cells.typed(values.ChannelCode)
_CURRENCY = cells.typed(values.Currency)
_COUNTRY = cells.typed(values.Country)
_MINOR = cells.whole(0, MOST_MINOR)
_UNITS = cells.whole(0, MOST_UNITS)
_BOX_SIDE = cells.whole(1, 10_000)
_MILLIMETRES = cells.whole(1, 100_000)
_PRICE = Column("price_minor", _MINOR, "price of one unit, in minor units (cents)")
_MONEY = Column("currency", _CURRENCY, "its currency, ISO 4217, such as USD")
_OUR_SKU = Column("sku", _SKU, "our SKU of a product that is in the catalogue")


def _barcodes(cell: str) -> tuple[str, ...]:
    read = cells.typed(values.Barcode)
    return tuple(dict.fromkeys(read(code) for code in cell.split()))


PRODUCTS: Final = Layout(
    (
        Column("sku", _SKU, "our name for the article, at most 64 characters"),
        Column("name", _NAME, "what people call it, at most 200 characters"),
        Column("category", _NAME, "the group it belongs to", default=""),
        Column("weight_g", cells.whole(1, 1_000_000), "one packed unit, in grams"),
        Column("length_mm", _MILLIMETRES, "one packed unit, in millimetres"),
        Column("width_mm", _MILLIMETRES, "one packed unit, in millimetres"),
        Column("height_mm", _MILLIMETRES, "one packed unit, in millimetres"),
        _PRICE,
        _MONEY,
        Column("barcodes", _barcodes, "what a scanner reads, separated by spaces", default=()),
        Column(
            "hs_code",
            cells.typed(values.TariffNumber),
            "customs tariff number of 6 to 12 digits; needed to cross a border",
            default=None,
        ),
        Column(
            "origin_country", _COUNTRY, "where it was made, ISO 3166 code; likewise", default=None
        ),
    ),
    key=("sku",),
)

LOCATIONS: Final = Layout(
    (
        Column("code", _CODE, "its name for good: letters, digits, '.', '_', '-', at most 40"),
        Column("name", _NAME, "what people call it"),
        Column("kind", cells.one_of(LocationKind), "store or warehouse"),
        Column("street", _NAME, "street and number"),
        Column("city", _NAME, "city"),
        Column("region", _NAME, "state or region", default=""),
        Column("postcode", cells.typed(values.Postcode), "postcode, at most 12 characters"),
        Column("country", _COUNTRY, "ISO 3166 code of two capital letters, such as US"),
        Column("latitude", cells.degrees(90), "degrees north"),
        Column("longitude", cells.degrees(180), "degrees east"),
        Column("time_zone", cells.typed(values.TimeZone), "IANA name, such as America/Denver"),
        Column("cut_off", cells.typed(values.LocalTime), "local time until which parcels leave"
               " the same day, such as 15:00"),
        Column("can_ship", cells.flag, "true or false: sends parcels", default=True),
        Column("can_pickup", cells.flag, "true or false: hands over pickups", default=False),
        Column("can_curbside", cells.flag, "true or false: at the car", default=False),
        Column("can_returns", cells.flag, "true or false: takes returns", default=False),
        Column("capacity_parcels", cells.whole(0, 1_000_000), "parcels and pickups in 24 hours;"
               " empty for no limit", default=None),
        Column("parcel_cost_minor", _MINOR, "packing one parcel, in minor units", default=0),
        Column("line_cost_minor", _MINOR, "picking one line, in minor units", default=0),
        Column("pickup_cost_minor", _MINOR, "one pickup handed over, in minor units", default=0),
        Column("handling_days", cells.whole(0, 365), "open days until a parcel leaves", default=1),
        Column("active", cells.flag, "true or false: gets new work", default=True),
        Column("hours", cells.spans, "opening hours, local time, such as"
               " mon-fri 09:00-20:00; sat,sun 11:00-17:00", default=()),
    ),
    key=("code",),
)  # fmt: skip

STOCK: Final = Layout(
    (
        Column("location", _CODE, "code of a location that exists"),
        _OUR_SKU,
        Column("units", _UNITS, "units counted there, reserved ones included"),
        Column("safety", _UNITS, "units kept back from every channel", default=None),
    ),
    key=("location", "sku"),
)

LISTINGS: Final = Layout(
    (
        Column("channel", _CHANNEL, "the channel's code in the settings"),
        Column("channel_sku", cells.text(120), "what the channel calls the article"),
        _OUR_SKU,
        _PRICE,
        _MONEY,
        Column("published", cells.flag, "true or false: on sale there", default=True),
    ),
    key=("channel", "channel_sku"),
)

PRICES: Final = Layout(
    (
        _OUR_SKU,
        Column("channel", _CHANNEL, "the channel whose listings of the article get the price;"
               " empty for the product's own price", default=""),
        _PRICE,
        _MONEY,
    ),
    key=("sku", "channel"),
)  # fmt: skip

ORDERS: Final = Layout(
    (
        Column("channel", _CHANNEL, "the channel's code in the settings"),
        Column("external_id", cells.text(120), "what the channel calls the order"),
        Column("display_number", cells.text(120), "the number that the customer knows; without"
               " it the external_id", default=""),
        Column("placed_at", cells.moment, "when it was placed, with zone"),
        Column("promise_by", cells.moment, "until when it is promised, with zone; without it"
               " the standing rule counts from placed_at", default=None),
        Column("currency", _CURRENCY, "of every amount of the order, ISO 4217"),
        Column("total_minor", cells.whole(0, 10**15), "what the customer pays, in minor units"),
        Column("shipping_minor", cells.whole(0, 10**15), "of it for delivery", default=0),
        Column("customer_name", _NAME, "who ordered"),
        Column("customer_email", _NAME, "by it the customer is recognised", default=""),
        Column("customer_phone", _NAME, "telephone", default=""),
        Column("delivery", cells.one_of(Delivery), "ship or pickup", default=Delivery.SHIP),
        Column("pickup_store", _CODE, "code of the store where it is collected", default=None),
        Column("ship_name", _NAME, "who receives the parcel; without it customer_name",
               default=""),
        Column("street", _NAME, "street and number; needed to ship", default=""),
        Column("city", _NAME, "city; needed to ship", default=""),
        Column("region", _NAME, "state or region", default=""),
        Column("postcode", cells.typed(values.Postcode), "needed to ship", default=""),
        Column("country", _COUNTRY, "ISO 3166 code; needed to ship", default=""),
        Column("latitude", cells.degrees(90), "degrees north, if known", default=None),
        Column("longitude", cells.degrees(180), "degrees east, if known", default=None),
        Column("line_id", cells.text(120), "what the channel calls the line"),
        Column("sku", cells.text(120), "the article: the channel's SKU, or ours"),
        Column("title", _NAME, "what the customer was shown; without it the SKU", default=""),
        Column("quantity", cells.whole(1, 100_000), "units that are still to be delivered"),
        Column("unit_price_minor", cells.whole(0, 10**12), "price of one unit, in minor units"),
        Column("tax_minor", cells.whole(0, 10**12), "tax on the whole line", default=0),
        Column("discount_minor", cells.whole(0, 10**12), "off the whole line", default=0),
        Column("reserve_at", _CODE, "code of the location where the line's units are set aside"
               " for it; empty: nothing is reserved", default=None),
    ),
    key=("channel", "external_id", "line_id"),
)  # fmt: skip

BINS: Final = Layout(
    (
        Column("location", _CODE, "code of a location that exists"),
        _OUR_SKU,
        Column("zone", cells.text(40), "part of the location, such as Food; walked in its order",
               default=""),
        Column("aisle", cells.text(40), "aisle of the zone", default=""),
        Column("bin", cells.text(40), "bin, shelf or hook in the aisle"),
        Column("rank", cells.whole(1, 99), "where to look first; 1 is before 2", default=1),
        Column("gone", cells.flag, "true: the article lies there no more", default=False),
    ),
    key=("location", "sku", "zone", "aisle", "bin"),
)  # fmt: skip
BOXES: Final = Layout(
    (
        Column("location", _CODE, "code of a location that exists"),
        Column("code", _CODE, "what the box is called there: letters, digits, '.', '_', '-'"),
        Column("length_mm", _BOX_SIDE, "inside, in millimetres"),
        Column("width_mm", _BOX_SIDE, "inside, in millimetres"),
        Column("height_mm", _BOX_SIDE, "inside, in millimetres"),
        Column("tare_g", cells.whole(0, 100_000), "empty, with its padding, in grams"),
        Column("max_weight_g", cells.whole(1, 1_000_000), "closed, at most, in grams"),
        Column("stock", _UNITS, "boxes that are left; empty where nobody counts", default=None),
    ),
    key=("location", "code"),
)

LAYOUTS: Final[Mapping[ImportKind, Layout]] = {
    ImportKind.PRODUCTS: PRODUCTS,
    ImportKind.LOCATIONS: LOCATIONS,
    ImportKind.STOCK: STOCK,
    ImportKind.LISTINGS: LISTINGS,
    ImportKind.PRICES: PRICES,
    ImportKind.ORDERS: ORDERS,
    ImportKind.BINS: BINS,
    ImportKind.BOXES: BOXES,
}
