"""The shops' world of a run: few places, few articles, and less stock than is wanted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.chaos.script import CURRENCY, PICKUP_STORE, Story

Stock = Mapping[tuple[str, str], int]
"""Units that may be promised, by SKU and location code."""

_STORES: Final = (PICKUP_STORE, "S02", "S03")
_WAREHOUSE: Final = "W01"
_PLACES: Final = (*_STORES, _WAREHOUSE)
_SAFETY: Final = {PICKUP_STORE: 1}
_COVERED: Final = 0.7
"""Share of the wanted units that is there; the last unit of everything is fought over."""
_TARIFF: Final = {
    "zone_miles": [150, 600, 1400],
    "max_weight_g": [500, 2_000, 30_000],
    "cents": [[450, 490, 540, 590], [650, 730, 850, 930], [1100, 1500, 2300, 3100]],
    "transit_days": [1, 2, 4, 5],
}


def stock(stories: Sequence[Story]) -> Stock:
    """How many units may be promised of what, where: the articles spread over all places."""
    wanted: Counter[str] = Counter()
    for story in stories:
        for sku, units in story.wanted.values():
            wanted[sku] += units
    return {
        (sku, place): int(_COVERED * units * (number + 1) / len(_PLACES))
        - int(_COVERED * units * number / len(_PLACES))
        for sku, units in sorted(wanted.items())
        for number, place in enumerate(_PLACES)
    }


def document(skus: Sequence[str], promisable: Stock) -> dict[str, Any]:
    """The network file (docs/network-file.md)."""
    return {
        "currency": CURRENCY,
        "products": [_product(sku) for sku in skus],
        "locations": [_location(code) for code in _PLACES],
        "stock": [
            {
                "location": place,
                "sku": sku,
                "units": units + _SAFETY.get(place, 0),
                "safety": _SAFETY.get(place, 0),
            }
            for (sku, place), units in promisable.items()
        ],
        "tariff": {"name": "Ground", "sheet": _TARIFF},
    }


def on_hand(promisable: Stock) -> Stock:
    """Units that lie there, with those that are kept back."""
    return {
        (sku, place): units + _SAFETY.get(place, 0) for (sku, place), units in promisable.items()
    }


def _product(sku: str) -> dict[str, Any]:
    return {
        "sku": sku,
        "name": sku.title(),
        "weight_g": 300,
        "length_mm": 120,
        "width_mm": 100,
        "height_mm": 100,
        "price_minor": 1_250,
    }


def _location(code: str) -> dict[str, Any]:
    hours = {"days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]}
    store: dict[str, Any] = {
        "can_pickup": True,
        "hours": [{**hours, "opens": "08:00", "closes": "20:00"}],
    }
    return {
        "code": code,
        "name": f"Place {code}",
        "kind": "warehouse" if code == _WAREHOUSE else "store",
        "street": "1 High Street",
        "city": "New York",
        "region": "NY",
        "postcode": "10001",
        "country": "US",
        "latitude": 40.7 + 0.01 * _PLACES.index(code),
        "longitude": -74.0,
        "time_zone": "America/New_York",
        "cut_off": "15:00",
        "parcel_cost_minor": 190,
        "line_cost_minor": 60,
        "pickup_cost_minor": 100,
        "handling_days": 0,
        **({} if code == _WAREHOUSE else store),
    }
