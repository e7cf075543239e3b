"""The chain's stores and warehouses: its own, and more in real places where the data is there."""

import random
from collections.abc import Iterable
from dataclasses import asdict
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any, Final

from api.demo import shared as data
from api.demo import sources
from api.demo.shared import Shop
from oms.network.schema import Location

NEWCOMERS_STORE: Final = "S01"
"""Where no simulated associate works."""

_MORE_STORES: Final = 46
_CAPACITY_PARCELS: Final = 900
_PARCEL_COST_MINOR: Final = 190
_APART_KM: Final = 120.0
_EARTH_DIAMETER_KM: Final = 12_742.0

_STORE: Final = {
    "cut_off": "15:00",
    "can_curbside": True,
    "can_returns": True,
    "line_cost_minor": 90,
    "pickup_cost_minor": 150,
    "handling_days": 1,
}
_WAREHOUSE: Final = {
    "cut_off": "18:00",
    "line_cost_minor": 45,
    "handling_days": 0,
}


def own() -> list[Location]:
    """The locations of the project's own files.

    Packing is dear in the newcomer's store, so that what nobody sends does not pile up there.
    """
    return [_location(asdict(place)) for place in sources.places()]


def more(folder: Path, chance: random.Random, *, beside: Iterable[Location]) -> list[Location]:
    """Stores in the places of real ones, far enough from each other and from those there are."""
    known = {one.place.postcode: one for one in data.zips(folder)}
    candidates = [shop for shop in data.shops(folder) if shop.postcode in known]
    chance.shuffle(candidates)
    chosen: list[Shop] = []
    taken = [(place.latitude, place.longitude) for place in beside]
    for shop in candidates:
        here = (shop.latitude, shop.longitude)
        if len(chosen) < _MORE_STORES and all(
            distance_km(here, there) >= _APART_KM for there in taken
        ):
            chosen.append(shop)
            taken.append(here)
    return [
        _location(
            {
                **asdict(shop),
                "code": f"S{number}",
                "kind": "store",
                "name": f"{known[shop.postcode].place.city}, {shop.region}",
                "city": known[shop.postcode].place.city,
                "time_zone": known[shop.postcode].time_zone,
                "can_pickup": True,
                "capacity_parcels": _CAPACITY_PARCELS,
                "parcel_cost_minor": _PARCEL_COST_MINOR,
            }
        )
        for number, shop in enumerate(chosen, start=101)
    ]


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance between two (latitude, longitude)."""
    north, south = radians(one[0]), radians(other[0])
    across = radians(other[1] - one[1])
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(across / 2) ** 2
    return _EARTH_DIAMETER_KM * asin(min(1.0, sqrt(half)))


def _location(place: dict[str, Any]) -> Location:
    terms = _STORE if place["kind"] == "store" else _WAREHOUSE
    calendar = sources.document("calendar.json")
    return Location.model_validate(
        {
            **terms,
            **place,
            "country": "US",
            "hours": calendar[place["kind"]],
            "closed_days": calendar["closed_days"],
        }
    )
