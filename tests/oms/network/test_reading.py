"""A wrong network file is refused with the place that is wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.errors import Invalid
from oms.network.reading import read
from oms.network.schema import NetworkFile
from oms.values import gtin_check_digit
from tests.oms.network.files import (
    TARIFF,
    a_file,
    a_listing,
    a_location,
    a_product,
    a_stock,
    an_opening,
)


def told(document: object) -> str:
    with pytest.raises(Invalid) as refused:
        read(document)
    assert refused.value.message.startswith(f"{refused.value.field}: ")
    return refused.value.message


def with_product(**fields: Any) -> dict[str, Any]:
    return a_file(products=[a_product(), a_product(**{"sku": "BOWL"} | fields)])


def with_location(**fields: Any) -> dict[str, Any]:
    return a_file(locations=[a_location(**fields)])


def test_a_right_file_is_read_as_it_is() -> None:
    network = read(a_file())
    assert network.products[0].barcodes == ("MUG-1",)
    assert network.locations[0].hours[0].opens.isoformat() == "09:00:00"
    assert network.stock[0].safety == 1


def test_an_empty_file_needs_a_currency_only() -> None:
    assert read({"currency": "EUR"}) == NetworkFile(currency="EUR")


def test_what_was_read_can_be_written_and_read_again() -> None:
    network = read(a_file())
    assert read(json.loads(network.model_dump_json())) == network


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "the file: input should be a valid dictionary or instance of NetworkFile"),
        ({}, "currency: is missing"),
        (a_file(currency="usd"), "currency: string should match pattern '^[A-Z]{3}$'"),
        (a_file(product=[]), "product: is not a known field"),
        (with_product(weight_g=0), "products[1].weight_g: input should be greater than 0"),
        (with_product(weight_g="380"), "products[1].weight_g: input should be a valid integer"),
        (with_product(weight_g=True), "products[1].weight_g: input should be a valid integer"),
        (with_product(name=" "), "products[1].name: must not be empty"),
        (with_product(sku="A "), "products[1].sku: begins or ends with a space: 'A '"),
        (with_product(name="A\x00B"), "products[1].name: has a NUL character in it"),
        (with_product(category="\ud800"), "products[1].category: "),
        (with_product(price_minor=-1), "products[1].price_minor: input should be greater"),
        (
            with_product(barcodes=["2000000000016"]),
            "products[1].barcodes[0]: 2000000000016 is no GTIN-13: its last digit would be 5",
        ),
        (with_location(code="S/1"), "locations[0].code: string should match pattern"),
        (with_location(time_zone="America"), "locations[0].time_zone: 'America' is no time zone"),
        (with_location(latitude=91), "locations[0].latitude: input should be less than or equal"),
        (with_location(latitude=float("nan")), "locations[0].latitude: input should be"),
        (with_location(cut_off="3 pm"), "locations[0].cut_off: must be a local time such as 09:00"),
        (with_location(cut_off="09:00Z"), "locations[0].cut_off: must be a local time"),
        (with_location(cut_off=900), "locations[0].cut_off: must be a local time"),
        (with_location(kind="shop"), "locations[0].kind: input should be 'store' or 'warehouse'"),
        (with_location(country="USA"), "locations[0].country: string should match pattern"),
        (
            with_location(hours=[an_opening(opens="18:00", closes="09:00")]),
            "locations[0].hours[0]: closes at 09:00, which is not after it opens at 18:00",
        ),
        (
            with_location(hours=[an_opening("Mon")]),
            "locations[0].hours[0].days[0]: input should be 'monday', 'tuesday'",
        ),
        (
            with_location(closed_days=[{"day": "25.12.2026"}]),
            "locations[0].closed_days[0].day: must be a date such as 2026-12-25",
        ),
        (a_file(stock=[a_stock(units=-1)]), "stock[0].units: input should be greater than or"),
        (a_file(tariff={"name": "T", "sheet": []}), "tariff.sheet: input should be a valid dict"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(document: object, message: str) -> None:
    assert told(document).startswith(message)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            a_file(products=[a_product(), a_product(barcodes=[])]),
            "products[1].sku: MUG is there already, at products[0].sku",
        ),
        (
            with_product(barcodes=["MUG-1"]),
            "products[1].barcodes[0]: MUG-1 is there already, at products[0].barcodes[0]",
        ),
        (
            a_file(listings=[a_listing(), a_listing()]),
            "listings[1].channel_sku: MUG-US on shopify is there already,"
            " at listings[0].channel_sku",
        ),
        (
            a_file(locations=[a_location(), a_location()]),
            "locations[1].code: S01 is there already, at locations[0].code",
        ),
        (
            a_file(stock=[a_stock(), a_stock(units=7)]),
            "stock[1]: MUG at S01 is there already, at stock[0]",
        ),
        (
            with_location(closed_days=[{"day": "2026-12-25"}, {"day": "2026-12-25"}]),
            "locations[0].closed_days[1].day: 2026-12-25 is there already,"
            " at locations[0].closed_days[0].day",
        ),
        (
            with_location(hours=[an_opening("monday"), an_opening("sunday", "monday")]),
            "locations[0].hours[1]: overlaps with other hours of monday",
        ),
        (
            with_location(hours=[]),
            "locations[0].hours: a location that hands pickups over needs opening hours",
        ),
        (
            a_file(tariff={"name": "T", "sheet": TARIFF | {"transit_days": [1]}}),
            "tariff.sheet.transit_days: must have one figure per zone (thresholds + 1), 2, has 1",
        ),
        (
            a_file(tariff={"name": "T", "sheet": {}}),
            "tariff.sheet.zone_miles: is missing",
        ),
    ],
)
def test_parts_that_do_not_fit_together_are_named(document: object, message: str) -> None:
    assert told(document) == message


def test_a_day_may_have_two_spans() -> None:
    hours = [
        an_opening("monday", opens="09:00", closes="12:00"),
        an_opening("monday", opens="12:00", closes="18:00"),
    ]
    assert len(read(with_location(hours=hours)).locations[0].hours) == 2


def test_all_faults_are_listed_and_counted() -> None:
    with pytest.raises(Invalid) as refused:
        read(with_product(weight_g=0, length_mm=0, colour="red"))
    assert refused.value.message == (
        "products[1].weight_g: input should be greater than 0 (and 2 more)"
    )
    assert refused.value.facts["faults"] == [
        "products[1].weight_g: input should be greater than 0",
        "products[1].length_mm: input should be greater than 0",
        "products[1].colour: is not a known field",
    ]
    assert refused.value.remedy == "docs/network-file.md describes the file"


@pytest.mark.parametrize(
    "code", ["SHELF-114", "1234567", "012345678905", "73513537", "10614141000415"]
)
def test_any_text_is_a_barcode_unless_it_is_a_wrong_gtin(code: str) -> None:
    assert read(a_file(products=[a_product(barcodes=[code])])).products[0].barcodes == (code,)


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(1, 9))
def test_one_wrong_digit_of_a_gtin_is_found(digits: str, off: int) -> None:
    right = gtin_check_digit(digits)
    assert read(a_file(products=[a_product(barcodes=[f"{digits}{right}"])]))
    wrong = f"{digits}{(right + off) % 10}"
    assert f"its last digit would be {right}" in told(
        a_file(products=[a_product(barcodes=[wrong])])
    )
