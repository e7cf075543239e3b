"""Exact prices, zones and limits."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.base import InvalidAddress, InvalidParcel, LabelFormat, Parcel, Refused, Shipment
from carriers.simulated.rates import billable_g, quotes, zone_between
from tests.carriers.builders import CHICAGO, ROGERS, a_shipment, an_address, simulated

BERLIN = an_address(
    city="Berlin", region="", postcode="10115", country="DE", latitude=None, longitude=None
)


def prices(shipment: Shipment) -> dict[str, tuple[int, int]]:
    return {
        quote.service.code: (quote.amount_minor, quote.transit_days) for quote in quotes(shipment)
    }


def test_a_parcel_to_another_state() -> None:
    assert prices(a_shipment()) == {
        "ground": (870, 2),
        "express": (1566, 2),
        "overnight": (2697, 1),
    }


def test_a_light_parcel_across_the_street() -> None:
    shipment = a_shipment(recipient=ROGERS, parcel=Parcel(weight_g=500))
    assert prices(shipment) == {"ground": (480, 1), "express": (864, 1), "overnight": (1488, 1)}


def test_a_heavy_parcel_abroad_is_not_overnight() -> None:
    shipment = a_shipment(recipient=BERLIN, parcel=Parcel(weight_g=31_500))
    assert prices(shipment) == {"ground": (11290, 7), "express": (20322, 3)}


def test_the_rates_say_when_it_arrives() -> None:
    rates = simulated().rate(a_shipment())
    assert [(rate.service, rate.delivery_on, rate.currency) for rate in rates] == [
        ("ground", date(2026, 3, 4), "USD"),
        ("express", date(2026, 3, 4), "USD"),
        ("overnight", date(2026, 3, 3), "USD"),
    ]


@pytest.mark.parametrize(
    ("weight_g", "ground_minor"),
    [(1, 560), (500, 560), (501, 680), (1000, 680), (1001, 870), (20_000, 3030), (31_500, 4410)],
)
def test_a_band_ends_on_its_last_gram(weight_g: int, ground_minor: int) -> None:
    shipment = a_shipment(parcel=Parcel(weight_g=weight_g))
    assert quotes(shipment)[0].amount_minor == ground_minor


def test_a_big_light_box_pays_for_its_volume() -> None:
    assert billable_g(Parcel(weight_g=800, length_mm=400, width_mm=300, height_mm=200)) == 4800
    assert billable_g(Parcel(weight_g=9000, length_mm=400, width_mm=300, height_mm=200)) == 9000
    assert billable_g(Parcel(weight_g=800, length_mm=101, width_mm=100, height_mm=100)) == 800
    assert billable_g(Parcel(weight_g=1, length_mm=1001, width_mm=1, height_mm=5)) == 2
    assert billable_g(Parcel(weight_g=9, length_mm=700, width_mm=600, height_mm=500)) == 31_500


def test_the_zone_follows_the_distance() -> None:
    assert zone_between(ROGERS, CHICAGO) == 4
    assert zone_between(ROGERS, ROGERS) == 1
    along = [
        replace(ROGERS, longitude=-94.07141 + degrees) for degrees in (0.8, 2, 5, 9, 15, 24, 30, 40)
    ]
    assert [zone_between(ROGERS, address) for address in along] == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("postcode", "zone"),
    [
        ("72756", 1),
        ("72799", 1),
        ("71000", 2),
        ("60605", 3),
        ("90001", 4),
        ("10001", 8),
        ("02101", 8),
    ],
)
def test_without_coordinates_the_zone_follows_the_postcode(postcode: str, zone: int) -> None:
    recipient = an_address(postcode=postcode, latitude=None, longitude=None)
    assert zone_between(ROGERS, recipient) == zone


def test_letters_in_a_postcode_count_too() -> None:
    leeds = replace(BERLIN, city="Leeds", postcode="LS1 4DY", country="GB")
    assert zone_between(leeds, replace(leeds, postcode="ls1 4ab")) == 1
    assert zone_between(leeds, replace(leeds, postcode="M1 1AA")) == 3
    assert zone_between(leeds, replace(leeds, postcode="YO1 7HH")) == 8


def test_another_country_is_a_zone_of_its_own() -> None:
    assert zone_between(ROGERS, BERLIN) == 9


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_on_earth_has_a_zone_and_a_price(latitude: float, longitude: float) -> None:
    recipient = an_address(latitude=latitude, longitude=longitude)
    there = zone_between(ROGERS, recipient)
    assert 1 <= there <= 8
    assert there == zone_between(recipient, ROGERS)
    assert quotes(a_shipment(recipient=recipient))[0].zone == there


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"street": "P.O. Box 12"}, "recipient.street"),
        ({"street": "PO BOX 7"}, "recipient.street"),
        ({"street_2": "Postfach 100"}, "recipient.street_2"),
        ({"postcode": "6060"}, "recipient.postcode"),
        ({"postcode": "ABCDE"}, "recipient.postcode"),
        ({"postcode": "--", "country": "FR"}, "recipient.postcode"),
        ({"country": "usa"}, "recipient.country"),
    ],
)
def test_an_address_that_nobody_can_deliver_to_is_refused(
    parts: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        quotes(a_shipment(recipient=an_address(**parts)))
    assert refusal.value.field == field


def test_a_street_that_only_sounds_like_a_box_is_served() -> None:
    assert quotes(a_shipment(recipient=an_address(street="12 Poboxton Road")))


def test_the_sender_may_have_a_box_but_needs_a_postcode() -> None:
    assert quotes(a_shipment(sender=replace(ROGERS, street="PO Box 7")))
    with pytest.raises(InvalidAddress) as refusal:
        quotes(a_shipment(sender=replace(ROGERS, postcode="")))
    assert refusal.value.field == "sender.postcode"


@pytest.mark.parametrize(
    ("parcel", "code", "field"),
    [
        (Parcel(weight_g=31_501), "too_heavy", "parcel.weight_g"),
        (Parcel(weight_g=1, length_mm=1501), "too_large", "parcel.length_mm"),
        (
            Parcel(weight_g=1, length_mm=1000, width_mm=1000, height_mm=1),
            "too_large",
            "parcel.length_mm",
        ),
    ],
)
def test_what_is_too_heavy_or_too_large_is_refused(parcel: Parcel, code: str, field: str) -> None:
    carrier = simulated()
    rate = carrier.rate(a_shipment())[0]
    shipment = a_shipment(parcel=parcel)
    with pytest.raises(Refused) as refusal:
        carrier.rate(shipment)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not refusal.value.retryable
    with pytest.raises(Refused):
        carrier.buy(shipment, rate, LabelFormat.PDF, "parcel-1")
    assert carrier.find(shipment.reference) is None


@pytest.mark.parametrize("side", ["length_mm", "width_mm", "height_mm"])
def test_a_negative_side_is_named(side: str) -> None:
    with pytest.raises(InvalidParcel) as refusal:
        quotes(a_shipment(parcel=Parcel(weight_g=1, **{side: -1})))
    assert refusal.value.field == f"parcel.{side}"
