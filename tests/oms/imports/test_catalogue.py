"""Products, listings, prices and locations by file."""

from datetime import time
from pathlib import Path

from sqlmodel import select

from oms.catalogue.models import Barcode, Listing, Product
from oms.db import transaction
from oms.imports.models import ImportKind
from oms.locations import queries as locations
from oms.locations.models import OpeningHours
from tests.builders import a_listing
from tests.oms.imports.files import MUG, STORE, a_file, faults, imported, result
from tests.oms.shop import Shop


def product(sku: str) -> Product:
    with transaction() as session:
        return session.get_one(Product, sku)


def test_products_are_added_and_changed_and_a_column_left_out_stays(
    shop: Shop, tmp_path: Path
) -> None:
    rows = [
        {**MUG, "sku": "JUG", "category": "Kitchen", "barcodes": "2000000000015 SHELF-1"},
        {**MUG, "category": "", "barcodes": ""},
    ]
    task = imported(ImportKind.PRODUCTS, a_file(tmp_path, rows))
    assert result(task) == ("done", 1, 0, 1, 0)
    with transaction() as session:
        codes = session.exec(select(Barcode.code).where(Barcode.sku == "JUG")).all()
    assert sorted(codes) == ["2000000000015", "SHELF-1"]
    cheaper = a_file(tmp_path, [{**MUG, "sku": "JUG", "price_minor": 990}])
    assert result(imported(ImportKind.PRODUCTS, cheaper)) == ("done", 0, 1, 0, 0)
    assert (product("JUG").price_minor, product("JUG").category) == (990, "Kitchen")


def test_cells_are_refused_with_what_they_should_be(shop: Shop, tmp_path: Path) -> None:
    rows = [
        {**MUG, "weight_g": "0", "currency": "usd", "barcodes": "2000000000016"},
        {**MUG, "name": "N" * 201, "barcodes": ""},
    ]
    task = imported(ImportKind.PRODUCTS, a_file(tmp_path, rows))
    assert [(one.line, one.column, one.reason) for one in faults(task)] == [
        (2, "weight_g", "is less than 1"),
        (2, "currency", "string should match pattern '^[A-Z]{3}$'"),
        (2, "barcodes", "2000000000016 is no GTIN-13: its last digit would be 5"),
        (3, "name", "has 201 characters, and at most 200 fit"),
    ]
    assert faults(task)[0].remedy == "give one packed unit, in grams"


def test_listings_need_their_product(shop: Shop, tmp_path: Path) -> None:
    row = {"channel": "shopify", "channel_sku": "M-1", "sku": "MUG", "price_minor": 1300,
           "currency": "USD"}  # fmt: skip
    task = imported(
        ImportKind.LISTINGS, a_file(tmp_path, [row, {**row, "channel_sku": "V", "sku": "VASE"}])
    )
    assert result(task) == ("done", 1, 0, 0, 1)
    with transaction() as session:
        assert session.get_one(Listing, ("shopify", "M-1")).published


def test_prices_are_those_of_products_or_of_one_channel(shop: Shop, tmp_path: Path) -> None:
    with transaction() as session:
        a_listing(session, channel="shopify", channel_sku="M-1", sku="MUG")
        a_listing(session, channel="shopify", channel_sku="M-2", sku="MUG")
    row = {"sku": "MUG", "channel": "", "price_minor": 990, "currency": "USD"}
    rows = [
        row, {**row, "channel": "shopify", "price_minor": 1100}, {**row, "channel": "till"},
        {**row, "sku": "VASE"}, {**row, "sku": "LAMP", "price_minor": 1250},
    ]  # fmt: skip
    task = imported(ImportKind.PRICES, a_file(tmp_path, rows))
    assert result(task) == ("done", 0, 2, 1, 2)
    assert [(one.line, one.column, one.reason) for one in faults(task)] == [
        (4, "channel", "there is no such listing"),
        (5, "sku", "there is no such product"),
    ]
    assert product("MUG").price_minor == 990
    with transaction() as session:
        assert {row.price_minor for row in session.exec(select(Listing))} == {1100}


def test_locations_come_with_their_hours(shop: Shop, tmp_path: Path) -> None:
    row = {**STORE, "can_pickup": "yes", "hours": "mon-fri 09:00-20:00; sat,sun 11:00-17:00"}
    assert result(imported(ImportKind.LOCATIONS, a_file(tmp_path, [row]))) == ("done", 1, 0, 0, 0)
    with transaction() as session:
        place = locations.by_code(session, "S09")
        hours = session.exec(select(OpeningHours).where(OpeningHours.location_id == place.id)).all()
        assert place.can_pickup
    assert sorted((one.weekday, one.opens, one.closes) for one in hours) == [
        *((day, time(9), time(20)) for day in range(5)),
        (5, time(11), time(17)),
        (6, time(11), time(17)),
    ]
    kept = a_file(tmp_path, [{**STORE, "name": "North", "can_pickup": "yes"}])
    assert result(imported(ImportKind.LOCATIONS, kept)) == ("done", 0, 1, 0, 0)
    shut = a_file(tmp_path, [{**STORE, "code": "S10", "can_pickup": "true"}])
    assert [one.column for one in faults(imported(ImportKind.LOCATIONS, shut))] == ["hours"]
