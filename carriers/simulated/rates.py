"""What the simulated carrier takes, where to, how fast and for how much."""

import math
import re
from dataclasses import dataclass
from typing import Final

from carriers.base import (
    Address,
    InvalidAddress,
    InvalidParcel,
    Parcel,
    Refused,
    Shipment,
    require_text,
)

MAX_WEIGHT_G: Final = 31_500
MAX_LENGTH_MM: Final = 1_500
MAX_LENGTH_AND_GIRTH_MM: Final = 3_000
ABROAD: Final = 9
"""The zone of another country; 1 to 8 are distances at home."""

_ZONE_ENDS_KM: Final = (80, 241, 483, 966, 1609, 2253, 2897)
_EARTH_RADIUS_KM: Final = 6371.0
_CUBIC_MM_PER_G: Final = 5_000  # the trade's usual 5,000 cm³ a kilogram

_GROUND_MINOR: Final[dict[int, tuple[int, ...]]] = {  # up to grams: price by zone 1 to 9
    500: (480, 500, 530, 560, 590, 620, 650, 690, 1490),
    1_000: (560, 590, 630, 680, 730, 780, 830, 890, 1790),
    2_000: (680, 720, 790, 870, 950, 1030, 1110, 1200, 2290),
    5_000: (890, 960, 1090, 1250, 1410, 1570, 1730, 1910, 3290),
    10_000: (1240, 1370, 1600, 1880, 2160, 2440, 2720, 3030, 4890),
    20_000: (1890, 2120, 2530, 3030, 3530, 4030, 4530, 5080, 7690),
    31_500: (2650, 3010, 3640, 4410, 5180, 5950, 6720, 7570, 11290),
}

_POSTCODES: Final = {
    "DE": re.compile(r"\d{5}"),
    "GB": re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"),
    "NL": re.compile(r"\d{4} ?[A-Z]{2}"),
    "US": re.compile(r"\d{5}(-\d{4})?"),
}
_PO_BOX: Final = re.compile(
    r"\b(p\.?\s*o\.?\s*box|post\s*office\s*box|postfach|postbus)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Service:
    """One product: its percentage of the ground price and its days by zone, None if not served."""

    code: str
    mark: str
    digit: int
    percent: int
    days_by_zone: tuple[int | None, ...]


SERVICES: Final = (
    Service("ground", "G", 1, 100, (1, 1, 2, 2, 3, 4, 4, 5, 7)),
    Service("express", "E", 2, 180, (1, 1, 2, 2, 2, 2, 2, 2, 3)),
    Service("overnight", "1", 3, 310, (1, 1, 1, 1, 1, 1, 1, 1, None)),
)


@dataclass(frozen=True, slots=True)
class Quote:
    """One service's price and time for one parcel."""

    service: Service
    zone: int
    amount_minor: int
    transit_days: int


def quotes(shipment: Shipment) -> list[Quote]:
    """Every service that goes there, cheapest first.

    Raises `InvalidAddress`, `InvalidParcel` or `Refused`, as a carrier's own desk would.
    """
    for whose, address in (("sender", shipment.sender), ("recipient", shipment.recipient)):
        require_text(address, whose=whose)
        _require_postcode(address, whose=whose)
    _require_a_door(shipment.recipient)
    _require_carriable(shipment.parcel)
    zone = zone_between(shipment.sender, shipment.recipient)
    weight_g = billable_g(shipment.parcel)
    ground = next(row[zone - 1] for limit_g, row in _GROUND_MINOR.items() if weight_g <= limit_g)
    return [
        Quote(service, zone, -(-ground * service.percent // 100), days)
        for service in SERVICES
        if (days := service.days_by_zone[zone - 1]) is not None
    ]


def service_of(digit: int) -> Service | None:
    """The service that a tracking number's digit stands for."""
    return next((service for service in SERVICES if service.digit == digit), None)


def billable_g(parcel: Parcel) -> int:
    """The greater of weight and volume weight, at most the heaviest that is carried."""
    volume_mm3 = parcel.length_mm * parcel.width_mm * parcel.height_mm
    return min(MAX_WEIGHT_G, max(parcel.weight_g, -(-volume_mm3 // _CUBIC_MM_PER_G)))


def zone_between(sender: Address, recipient: Address) -> int:
    """1 to 8 by great-circle distance, or by postcode where an address has no coordinates."""
    if sender.country != recipient.country:
        return ABROAD
    distance = _distance_km(sender, recipient)
    if distance is None:
        return _zone_by_postcode(sender.postcode, recipient.postcode)
    return 1 + sum(distance > end for end in _ZONE_ENDS_KM)


def _zone_by_postcode(sender: str, recipient: str) -> int:
    one, other = (_letters_and_digits(postcode) for postcode in (sender, recipient))
    if one[:3] == other[:3]:
        return 1
    return min(8, 2 + abs(int(one[0], 36) - int(other[0], 36)))


def _distance_km(one: Address, other: Address) -> float | None:
    if one.latitude is None or one.longitude is None:
        return None
    if other.latitude is None or other.longitude is None:
        return None
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    half_east = math.radians(other.longitude - one.longitude) / 2
    chord = (
        math.sin((south - north) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(half_east) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def _require_a_door(recipient: Address) -> None:
    for part, text in (("street", recipient.street), ("street_2", recipient.street_2)):
        if _PO_BOX.search(text):
            raise InvalidAddress(
                "this carrier does not deliver to post office boxes; give a street address",
                field=f"recipient.{part}",
            )


def _require_postcode(address: Address, *, whose: str) -> None:
    postcode = address.postcode.strip().upper()
    shape = _POSTCODES.get(address.country)
    if (shape and not shape.fullmatch(postcode)) or not _letters_and_digits(postcode):
        raise InvalidAddress(
            f"{address.postcode!r} is not a postcode of {address.country}",
            field=f"{whose}.postcode",
        )


def _require_carriable(parcel: Parcel) -> None:
    if parcel.weight_g <= 0:
        raise InvalidParcel(f"{parcel.weight_g} g is no weight", field="parcel.weight_g")
    sides = {"length_mm": parcel.length_mm, "width_mm": parcel.width_mm}
    sides["height_mm"] = parcel.height_mm
    for side, measure in sides.items():
        if measure < 0:
            raise InvalidParcel(f"{measure} mm is no measure", field=f"parcel.{side}")
    if parcel.weight_g > MAX_WEIGHT_G:
        raise Refused(
            f"{parcel.weight_g} g is more than the {MAX_WEIGHT_G} g this carrier takes",
            code="too_heavy",
            field="parcel.weight_g",
        )
    low, middle, longest = sorted(sides.values())
    if longest > MAX_LENGTH_MM or longest + 2 * (middle + low) > MAX_LENGTH_AND_GIRTH_MM:
        raise Refused(
            f"{longest} × {middle} × {low} mm is too large: the longest side may be"
            f" {MAX_LENGTH_MM} mm, with girth {MAX_LENGTH_AND_GIRTH_MM} mm",
            code="too_large",
            field="parcel.length_mm",
        )


def _letters_and_digits(postcode: str) -> str:
    return "".join(char for char in postcode.upper() if char.isascii() and char.isalnum())
