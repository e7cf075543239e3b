"""The manual carrier's slip and price."""

from datetime import date

import pytest

from carriers.base import Label, LabelFormat, RawRequest, Refused, Shipment, TrackingRef
from carriers.manual.carrier import ManualCarrier, ManualConfig
from tests.carriers.builders import NOON, a_shipment, manual
from tests.carriers.scanner import page_of, pixels_of, scan, text_of


def slip(carrier: ManualCarrier, shipment: Shipment) -> Label:
    return carrier.buy(shipment, carrier.rate(shipment)[0], LabelFormat.PDF, "parcel-1")


def test_the_price_is_flat() -> None:
    carrier = manual(transit_days=2)
    (light,) = carrier.rate(a_shipment(weight_g=10))
    (heavy,) = carrier.rate(a_shipment(weight_g=90_000))
    assert light == heavy
    assert (light.amount_minor, light.currency, light.service) == (500, "USD", "delivery")
    assert light.delivery_on == date(2026, 3, 4)


def test_the_slip_carries_our_reference_when_no_number_was_typed() -> None:
    label = slip(manual(tracking_url="https://post.example/{tracking_number}"), a_shipment())
    pdf = label.documents[LabelFormat.PDF]
    assert (label.tracking_number, label.tracking_url) == ("F-5001-1", "")
    assert page_of(pdf).get_size() == (288, 432)
    assert scan(pixels_of(pdf)) == {"F-5001-1"}
    lines = text_of(pdf)
    assert {"DELIVERY", "Own delivery", "REFERENCE", "Received by:"} <= set(lines)


def test_the_slip_carries_the_number_that_was_typed() -> None:
    carrier = manual(tracking_url="https://post.example/{tracking_number}")
    label = slip(carrier, a_shipment(tracking_number=" RR 123/456 "))
    pdf = label.documents[LabelFormat.PDF]
    assert label.tracking_number == "RR 123/456"
    assert label.tracking_url == "https://post.example/RR%20123%2F456"
    assert scan(pixels_of(pdf)) == {"RR 123/456"}
    assert "TRACKING NUMBER" in text_of(pdf)


@pytest.mark.parametrize("number", ["№ 12", "1" * 200])
def test_a_number_that_no_barcode_holds_is_refused(number: str) -> None:
    with pytest.raises(Refused) as refusal:
        slip(manual(), a_shipment(tracking_number=number))
    assert refusal.value.code == "unprintable"


def test_scans_are_left_to_the_staff() -> None:
    carrier = manual()
    assert carrier.track(TrackingRef(tracking_number="F-5001-1", handed_over_at=NOON)) == []
    request = RawRequest(method="POST", path="/", headers=(), body=b"{}")
    assert carrier.verify(request).reason == "carrier 'manual' sends no webhooks"
    assert carrier.scans(request) == []


def test_a_negative_price_is_no_configuration() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        ManualConfig(price_minor=-1, currency="USD")
