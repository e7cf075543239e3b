"""The local inventory feed has the official shape and tells what each store can sell."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sqlmodel import Session

from oms.feeds import local_inventory
from oms.feeds.local_inventory import micros
from tests.builders import a_listing, an_order, stock
from tests.oms.shop import a_shop


def entries(session: Session, **options: Any) -> list[dict[str, Any]]:
    wanted = {"channel": None, "pickup_ready_minutes": 120} | options
    return local_inventory.entries(session, ["LAMP", "MUG"], **wanted)


def test_each_store_that_keeps_an_article_has_an_entry(session: Session) -> None:
    shop = a_shop(session)
    stock(session, shop.riverside, MUG=3)
    stock(session, shop.harbour, MUG=1)
    stock(session, shop.depot, LAMP=7)  # a warehouse is no store
    an_order(session, {"MUG": 1}, pickup_store="S02")
    shop.harbour.can_pickup = False
    session.flush()
    assert entries(session) == [
        {
            "offerId": "MUG",
            "storeCode": "S01",
            "localInventoryAttributes": {
                "price": {"amountMicros": "12500000", "currencyCode": "USD"},
                "availability": "IN_STOCK",
                "quantity": "3",
                "pickupMethod": "BUY",
                "pickupSla": "SAME_DAY",
            },
        },
        {
            "offerId": "MUG",
            "storeCode": "S02",
            "localInventoryAttributes": {
                "price": {"amountMicros": "12500000", "currencyCode": "USD"},
                "availability": "OUT_OF_STOCK",
                "quantity": "0",
                "pickupMethod": "NOT_SUPPORTED",
            },
        },
    ]


def test_a_channels_listings_give_id_and_price(session: Session) -> None:
    shop = a_shop(session)
    stock(session, shop.riverside, MUG=3, LAMP=3)
    row = a_listing(session, channel="shopify", channel_sku="S-MUG", sku="MUG")
    row.price_minor = 999
    session.flush()
    [found] = entries(session, channel="shopify")
    assert found["offerId"] == "S-MUG"
    assert found["localInventoryAttributes"]["price"]["amountMicros"] == "9990000"


@pytest.mark.parametrize(
    ("minutes", "sla"),
    [(1, "SAME_DAY"), (1_439, "SAME_DAY"), (1_440, "NEXT_DAY"), (20_000, "MULTI_WEEK")],
)
def test_the_promise_is_told_in_days(session: Session, minutes: int, sla: str) -> None:
    shop = a_shop(session)
    stock(session, shop.riverside, MUG=3)
    [found] = entries(session, pickup_ready_minutes=minutes)
    assert found["localInventoryAttributes"]["pickupSla"] == sla


def test_every_currency_is_told_in_millionths() -> None:
    assert micros(1_250, currency="USD") == "12500000"
    assert micros(1_250, currency="JPY") == "1250000000"
    assert micros(1_250, currency="KWD") == "1250000"


def test_the_entries_fit_the_official_schema(session: Session, shared: Path) -> None:
    path = shared / "contracts/specs/google-merchantapi.inventories_v1.discovery.json"
    if not path.exists():
        pytest.skip("Google's schema is not there")
    schemas = json.loads(path.read_text())["schemas"]

    def strict(name: str) -> dict[str, Any]:
        """The schema with its references filled in; unknown fields are errors, as at Google."""
        schema = schemas[name]
        properties = {
            field: strict(each["$ref"]) if "$ref" in each else each
            for field, each in schema["properties"].items()
            if each.get("type") != "array"
        }
        return {"type": "object", "properties": properties, "additionalProperties": False}

    shop = a_shop(session)
    stock(session, shop.riverside, MUG=3, LAMP=1)
    shop.harbour.can_pickup = False
    stock(session, shop.harbour, MUG=2)
    found = entries(session)
    assert len(found) == 3
    for entry in found:
        official = {key: value for key, value in entry.items() if key != "offerId"}
        jsonschema.validate(official, strict("LocalInventory"))
