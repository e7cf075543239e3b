"""The adapters against the carriers' own words: schemas, examples and signature vectors."""

import json
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from api.carrier_sandbox.easypost_requests import BuyRequest, ShipmentRequest
from api.carrier_sandbox.official import Official, official
from carriers.base import (
    Address,
    CustomsLine,
    LabelFormat,
    Parcel,
    RawRequest,
    ScanCode,
    Shipment,
    TrackingRef,
    Unavailable,
)
from carriers.easypost import mapping as easypost
from carriers.sendcloud import mapping as sendcloud
from carriers.sendcloud import requests as sendcloud_requests
from carriers.ups import mapping as ups
from carriers.ups import requests as ups_requests
from tests.carriers.builders import a_shipment
from tests.carriers.standins import CONTRACTS, SPECS, a_stand_in, an_adapter

needs_contracts = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the official contracts are not beside this repository"
)
PAYLOADS = CONTRACTS / "payloads"

_WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=60
).filter(lambda text: text.strip() != "")
_COUNTRIES = st.sampled_from(["US", "CA", "NL", "DE", "GB", "JP"])


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    return Address(
        name=draw(_WORDS),
        company=draw(st.just("") | _WORDS),
        street=draw(_WORDS),
        street_2=draw(st.just("") | _WORDS),
        city=draw(_WORDS),
        region=draw(st.sampled_from(["", "AR", "NSW", "US-AR"])),
        postcode=draw(st.sampled_from(["72756", "72756-1234", "1012 AB", "SW1A 1AA", "100-0001"])),
        country=draw(_COUNTRIES),
        phone=draw(st.sampled_from(["", "+1 (479) 555-0100", "0031 6 1234 5678 99 000 1"])),
    )


@st.composite
def shipments(draw: st.DrawFn) -> Shipment:
    lines = st.builds(
        CustomsLine,
        description=_WORDS,
        quantity=st.integers(1, 999),
        value_minor=st.integers(0, 500_000),
        weight_g=st.integers(1, 9_000),
        hs_code=st.sampled_from(["620520", "6912002310"]),
        origin=_COUNTRIES,
        sku=st.sampled_from(["", "MUG", "X" * 60]),
    )
    side = st.integers(0, 2_700)
    return Shipment(
        reference=draw(st.sampled_from(["5001-1", "F-5001-1", "9" * 40])),
        sender=draw(addresses()),
        recipient=draw(addresses()),
        parcel=Parcel(
            weight_g=draw(st.integers(1, 68_000)),
            length_mm=draw(side),
            width_mm=draw(side),
            height_mm=draw(side),
        ),
        ship_on=draw(st.dates(date(2026, 1, 1), date(2027, 12, 31))),
        value_minor=draw(st.integers(0, 9_999_999)),
        currency=draw(st.sampled_from(["USD", "EUR", "JPY"])),
        notes=draw(st.sampled_from([(), ("Order 1001",), ("x" * 300, "second")])),
        customs=tuple(draw(st.lists(lines, min_size=1, max_size=3))),
    )


@cache
def schema(name: str) -> Official:
    found = official(SPECS, name)
    assert found is not None
    return found


def payload(path: str) -> Any:
    return json.loads((PAYLOADS / path).read_text())


EVERY_SHIPMENT = given(shipments())
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@EVERY_SHIPMENT
@FEW
def test_every_body_for_easypost_is_as_documented(shipment: Shipment) -> None:
    for reference in ("", shipment.reference):
        body = easypost.shipment_body(shipment, reference=reference, accounts=("ca_1",))
        ShipmentRequest.model_validate_json(json.dumps(body))
    BuyRequest.model_validate({"rate": {"id": "rate_1"}})


def test_the_documented_form_refuses_what_easypost_does_not_name() -> None:
    body = easypost.shipment_body(a_shipment())
    body["shipment"]["colour"] = "red"
    with pytest.raises(ValidationError, match="colour"):
        ShipmentRequest.model_validate_json(json.dumps(body))


@needs_contracts
@EVERY_SHIPMENT
@FEW
def test_every_announcement_to_sendcloud_fits_the_official_schema(shipment: Shipment) -> None:
    for label in LabelFormat:
        body = sendcloud_requests.announce_body(
            shipment, service="postnl:standard", reference="R.2", label=label
        )
        faults = schema("sendcloud-shipments.yml").faults("shipment-request-sync-announce", body)
        assert faults == []


@needs_contracts
@EVERY_SHIPMENT
@FEW
def test_every_body_for_ups_fits_the_official_schema(shipment: Shipment) -> None:
    rate = ups_requests.rate_body(shipment, account="A1B2C3")
    assert schema("ups-Rating.yaml").faults("RATERequestWrapper", rate) == []
    shipping = schema("ups-Shipping.yaml")
    ship = ups_requests.ship_body(shipment, service="03", account="A1B2C3")
    assert shipping.faults("SHIPRequestWrapper", ship) == []
    lines = ship["ShipmentRequest"]["Shipment"]["ShipTo"]["Address"]["AddressLine"]
    assert 1 <= len(lines) <= 3  # the schema counts a list's characters and so cannot tell
    assert all(1 <= len(line) <= 35 for line in lines)


@needs_contracts
def test_the_other_bodies_for_ups_fit_the_official_schemas() -> None:
    shipping = schema("ups-Shipping.yaml")
    for named in ({"reference": "5001-1"}, {"tracking_number": "1Z12345E8791315509"}):
        for kind in ("PDF", "ZPL"):
            body = ups_requests.recovery_body(account="A1B2C3", kind=kind, **named)
            assert shipping.faults("LABELRECOVERYRequestWrapper", body) == []
    alert = ups_requests.subscription_body(["1Z12345E8791315509"] * 100)
    assert schema("ups-UPSTrackAlert.yaml").faults("PackageSubscriptionRequest", alert) == []
    too_many = ups_requests.subscription_body(["1Z12345E8791315509"] * 101)
    assert schema("ups-UPSTrackAlert.yaml").faults("PackageSubscriptionRequest", too_many) != []


@needs_contracts
def test_the_official_examples_of_easypost_are_read() -> None:
    created = easypost.read_shipment(payload("easypost/shipments-create.json"), code="easypost")
    assert (created.bought, len(created.rates) > 0) == (False, True)
    bought = easypost.read_shipment(payload("easypost/shipments-buy.json"), code="easypost")
    assert (bought.bought, bought.tracking_code) == (True, "9434600208303109842228")
    label = easypost.read_shipment(payload("easypost/shipments-label.json"), code="easypost")
    assert label.postage_label is not None
    assert label.postage_label.url(LabelFormat.ZPL) is not None
    rates = easypost.read_rates(
        payload("easypost/rates-retrieve-stateless.json"), shipment=a_shipment(), code="easypost"
    )
    assert ("USPS/GroundAdvantage", 820, "USD") in {
        (one.service, one.amount_minor, one.currency) for one in rates
    }
    for name in ("trackers-create.json", "trackers-retrieve.json"):
        body = {"trackers": [payload(f"easypost/{name}")]}
        [tracker] = easypost.read_trackers(body, code="easypost")
        assert easypost.scans_of(tracker)[0].code is ScanCode.LABEL_CREATED


@needs_contracts
def test_the_signature_vector_of_easypost_holds_and_its_scans_are_read() -> None:
    vector = payload("easypost/webhook_vector.json")
    body = (PAYLOADS / "easypost/event_tracker_updated.body").read_bytes().rstrip(b"\n")
    carrier = an_adapter(a_stand_in("easypost"), webhook_secrets=(vector["secret"],))
    header = (("x-hmac-signature", vector["hmac_signature"]),)
    request = RawRequest(method="POST", path="/", headers=header, body=body)
    assert carrier.verify(request).ok
    assert not carrier.verify(replace(request, body=body + b"\n")).ok
    scans = carrier.scans(request)
    assert (len(scans), scans[0].code, scans[-1].place) == (
        7,
        ScanCode.LABEL_CREATED,
        "EDISON, NJ, US",
    )


def test_the_signature_vector_of_sendcloud_holds() -> None:
    # From the documentation of its webhooks; the body is json.dumps({"key": "value"}).
    carrier = an_adapter(a_stand_in("sendcloud"), webhook_secrets=("secretkey",))
    signature = "1eed4b3d41f4653ac64fd56f1bf1cbfd349e4482cbc11dff7134bd93e5da4b0a"
    headers = (("Sendcloud-Signature", signature),)
    request = RawRequest(method="POST", path="/", headers=headers, body=b'{"key": "value"}')
    assert carrier.verify(request).ok
    assert not carrier.verify(replace(request, body=b'{"key":"value"}')).ok


@needs_contracts
def test_the_official_examples_of_sendcloud_are_read() -> None:
    examples = payload("sendcloud/announce.response_201_examples.json")
    for name, body in examples.items():
        kept = sendcloud.read_shipment(body, code="sendcloud")
        assert kept.parcel.tracking_number, name
        assert kept.void is None
    prism = sendcloud.read_shipment(payload("sendcloud/announce.201.prism.json"), code="sendcloud")
    assert prism.service == "postnl:standard"
    tracking = schema("sendcloud-v3-parcel-tracking.yml").document["components"]["schemas"]
    example = tracking["parcel-tracking-response"]["example"]
    [scan] = sendcloud.read_tracked(example, "123456789", code="sendcloud")
    assert scan.code is ScanCode.ACCEPTED


@needs_contracts
def test_the_official_examples_of_ups_are_read() -> None:
    [tracked] = ups.read_tracked(payload("ups/track.200.prism.json"), "1Z", code="ups")
    assert (tracked.at.isoformat(), tracked.code) == ("2021-02-10T07:47:00+00:00", ScanCode.OTHER)
    events = payload("ups/track_alert_webhook.json")["examples"].values()
    codes = [ups.read_alert(json.dumps(event).encode())[0].code for event in events]
    assert codes == [ScanCode.OUT_FOR_DELIVERY, ScanCode.DELIVERED]


@needs_contracts
@pytest.mark.parametrize("kind", ["easypost", "sendcloud", "ups"])
def test_a_push_and_an_answer_give_a_scan_the_same_identifier(kind: str) -> None:
    played = a_stand_in(kind)
    carrier = an_adapter(played)
    rate = carrier.rate(a_shipment())[0]
    label = carrier.buy(a_shipment(), rate, LabelFormat.PDF, "key")
    sale = played.sales.happen(label.tracking_number, ScanCode.IN_TRANSIT)
    asked = carrier.track(TrackingRef(tracking_number=label.tracking_number))
    pushed = {
        scan.id
        for event in played.sales.events(sale)
        for scan in carrier.scans(played.stand_in.push(sale, event, path="/"))
    }
    assert pushed == {scan.id for scan in asked}


ANSWERS = (
    ("/shipments/announce", "sendcloud-shipments.yml", "sync-shipment-response"),
    ("/cancel", "sendcloud-shipments.yml", "cancel-shipment-status"),
    ("/parcels/tracking/", "sendcloud-v3-parcel-tracking.yml", "parcel-tracking-response"),
    ("/rating/", "ups-Rating.yaml", "RATEResponseWrapper"),
    ("/ship", "ups-Shipping.yaml", "SHIPResponseWrapper"),
    ("/recovery", "ups-Shipping.yaml", "LABELRECOVERYResponseWrapper"),
    ("/void/", "ups-Shipping.yaml", "VOIDSHIPMENTResponseWrapper"),
    ("/details/", "ups-Tracking.yaml", "TrackApiResponse"),
    ("/subscription/", "ups-UPSTrackAlert.yaml", "PackageSubscriptionSuccessResponse"),
    ("/token", "ups-OAuthClientCredentials.yaml", "tokenSuccessResponse"),
)


@needs_contracts
def test_a_stand_in_answers_as_the_official_schemas_say() -> None:
    seen = set()
    for kind, how in (("sendcloud", {}), ("ups", {"track_alerts": True})):
        played = a_stand_in(kind)
        carrier = an_adapter(played, **how)
        rate = carrier.rate(a_shipment())[0]
        label = carrier.buy(a_shipment(), rate, LabelFormat.PDF, "key")
        carrier.track(TrackingRef(tracking_number=label.tracking_number))
        carrier.void(label)
        for exchange in played.traffic:
            path = exchange.asked.path
            for part, file, name in ANSWERS:
                ends = path.endswith(part) or (part.endswith("/") and part in path)
                if ends and exchange.status < 300:
                    document = json.loads(exchange.answer)
                    if part == "/shipments/announce":
                        document = document["data"]
                    assert schema(file).faults(name, document) == [], path
                    seen.add(part)
    assert seen == {part for part, _, _ in ANSWERS}


def test_an_answer_that_cannot_be_read_names_the_place() -> None:
    with pytest.raises(Unavailable, match="easypost's answer cannot be read: id"):
        easypost.read_shipment({"rates": []}, code="easypost")
