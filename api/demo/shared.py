"""Read the real data that may lie beside the project: stores, ZIP codes and postage."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from api.demo.sources import City

_STORES, _ZIPS, _RATES = (
    "stores_us.csv",
    "zips_us.csv.gz",
    "rates_usps_ground_advantage_2025.csv",
)
_ZONES: Final = tuple(f"zone{number}" for number in range(1, 9))
# Thresholds that give the official zone for most pairs of areas, and days that suit them.
_ZONE_MILES: Final = (50, 150, 300, 600, 1000, 1400, 1800)
_TRANSIT_DAYS: Final = (1, 1, 2, 2, 3, 4, 4, 5)
_OUNCE_G, _POUND_G = 28.349523125, 453.59237


@dataclass(frozen=True, slots=True)
class Zip:
    """A ZIP code, its time zone, and how many people live there."""

    place: City
    time_zone: str
    population: int


@dataclass(frozen=True, slots=True)
class Shop:
    """Where a real shop is."""

    street: str
    city: str
    region: str
    postcode: str
    latitude: float
    longitude: float


def usable(folder: Path | None) -> Path | None:
    """The folder, if all that is read from it is there."""
    if folder is None or not all((folder / name).is_file() for name in (_STORES, _ZIPS, _RATES)):
        return None
    return folder


@lru_cache(maxsize=1)
def zips(folder: Path) -> tuple[Zip, ...]:
    """Every populated ZIP code of the country."""
    with gzip.open(folder / _ZIPS, "rt", encoding="utf-8", newline="") as file:
        return tuple(
            Zip(
                City(row["zip"], row["city"], row["state"], float(row["lat"]), float(row["lon"])),
                row["timezone"],
                int(row["population"]),
            )
            for row in csv.DictReader(file)
        )


def shops(folder: Path) -> list[Shop]:
    """The stores of one chain."""
    with (folder / _STORES).open(encoding="utf-8", newline="") as file:
        return [
            Shop(
                row["street"].title(),
                row["city"],
                row["state"],
                row["zip"],
                float(row["lat"]),
                float(row["lon"]),
            )
            for row in csv.DictReader(file)
        ]


def tariff(folder: Path) -> dict[str, Any]:
    """The published postage as the `tariff` object of the routing file format."""
    with (folder / _RATES).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cents_by_weight: dict[int, Sequence[int]] = {}
    for row in rows:
        weight_g = _grams(row["weight_not_over"])
        # In whole grams 15.999 ounces and a pound are one band; the first, cheaper row is it.
        if weight_g is not None and weight_g not in cents_by_weight:
            cents_by_weight[weight_g] = [round(float(row[zone]) * 100) for zone in _ZONES]
    return {
        "zone_miles": list(_ZONE_MILES),
        "max_weight_g": list(cents_by_weight),
        "cents": [list(cents) for cents in cents_by_weight.values()],
        "transit_days": list(_TRANSIT_DAYS),
    }


def _grams(weight: str) -> int | None:
    """The heaviest whole grams of a band, written in ounces or, without a unit, in pounds."""
    if weight == "Oversized":
        return None
    if weight.endswith(" oz"):
        return int(float(weight.removesuffix(" oz")) * _OUNCE_G)
    return int(float(weight) * _POUND_G)
