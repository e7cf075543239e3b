"""Network files to test with: each builder fills in whatever the test does not care about."""

from typing import Any

Json = dict[str, Any]

TARIFF: Json = {
    "zone_miles": [100],
    "max_weight_g": [1_000, 30_000],
    "cents": [[500, 700], [900, 1_400]],
    "transit_days": [1, 4],
}


def a_file(**parts: Any) -> Json:
    """A file with one product, one store and five units; `parts` replaces its parts."""
    return {
        "currency": "USD",
        "products": [a_product()],
        "listings": [a_listing()],
        "locations": [a_location()],
        "stock": [a_stock()],
        "postcodes": [
            {"country": "US", "postcode": "10001", "latitude": 40.75, "longitude": -74.0}
        ],
        "tariff": {"name": "Test ground", "sheet": TARIFF},
        **parts,
    }


def a_product(sku: str = "MUG", **fields: Any) -> Json:
    return {
        "sku": sku,
        "name": "Stoneware mug",
        "category": "Kitchen",
        "weight_g": 380,
        "length_mm": 130,
        "width_mm": 105,
        "height_mm": 100,
        "price_minor": 1_250,
        "barcodes": [f"{sku}-1"],
        **fields,
    }


def a_listing(**fields: Any) -> Json:
    return {
        "channel": "shopify",
        "channel_sku": "MUG-US",
        "sku": "MUG",
        "price_minor": 1_290,
        **fields,
    }


def a_location(code: str = "S01", **fields: Any) -> Json:
    return {
        "code": code,
        "name": "Riverside",
        "kind": "store",
        "street": "1 High Street",
        "city": "New York",
        "region": "NY",
        "postcode": "10001",
        "country": "US",
        "latitude": 40.75,
        "longitude": -74.0,
        "time_zone": "America/New_York",
        "cut_off": "15:00",
        "can_pickup": True,
        "hours": [an_opening()],
        "closed_days": [{"day": "2026-12-25", "reason": "Christmas Day"}],
        **fields,
    }


def an_opening(*days: str, opens: str = "09:00", closes: str = "18:00") -> Json:
    return {"days": list(days) or ["monday", "tuesday"], "opens": opens, "closes": closes}


def a_stock(**fields: Any) -> Json:
    return {"location": "S01", "sku": "MUG", "units": 5, "safety": 1, **fields}
