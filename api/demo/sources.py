"""Read the demo's own files in `data/`: articles, locations, cities, hours, tariff."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

_FOLDER: Final = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Article:
    """A thing that is made in several variants; weight and length are those at 100 percent."""

    code: str
    name: str
    category: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    price_minor: int
    variants: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the variants of an article; `percent` scales its weight, length and price."""

    code: str
    name: str
    percent: int


@dataclass(frozen=True, slots=True)
class Place:
    """A store or warehouse of the made-up chain, in a real city."""

    code: str
    kind: str
    name: str
    street: str
    city: str
    region: str
    postcode: str
    latitude: float
    longitude: float
    time_zone: str
    can_pickup: bool
    capacity_parcels: int | None
    parcel_cost_minor: int


@dataclass(frozen=True, slots=True)
class City:
    """A postcode where customers live."""

    postcode: str
    city: str
    region: str
    latitude: float
    longitude: float


def articles() -> list[Article]:
    """Every article, in the order of the file."""
    return TypeAdapter(list[Article]).validate_python(_table("articles.csv"))


def variants() -> dict[str, list[Variant]]:
    """The variants of each kind."""
    return TypeAdapter(dict[str, list[Variant]]).validate_python(document("variants.json"))


def places() -> list[Place]:
    """The chain's own locations; the first is the newcomer's store."""
    return TypeAdapter(list[Place]).validate_python(_table("locations.csv"))


def cities() -> list[City]:
    """Cities all over the country."""
    return TypeAdapter(list[City]).validate_python(_table("cities.csv"))


def streets() -> list[str]:
    """Names of streets that could be anywhere."""
    return TypeAdapter(list[str]).validate_python(document("streets.json"))


def document(name: str) -> Any:
    """A JSON file of the demo."""
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _table(name: str) -> list[dict[str, str | None]]:
    """The rows of a CSV file; an empty field is no value."""
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return [
            {field: value or None for field, value in row.items()} for row in csv.DictReader(file)
        ]
