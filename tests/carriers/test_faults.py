"""Real carriers on bad days: lost answers, throttling, wrong keys, refused voids, odd parcels."""

import logging
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from api.carrier_sandbox.faults import CarrierFault, CarrierFaults
from api.carrier_sandbox.playing import Played
from api.carrier_sandbox.transport import InProcess
from api.carrier_sandbox.ups import UpsStandIn
from api.sandbox.faults import FaultMode
from carriers.base import (
    BadCredentials,
    Carrier,
    CustomsLine,
    Label,
    LabelFormat,
    MalformedScans,
    NotFound,
    RawRequest,
    Refused,
    ScanCode,
    Shipment,
    TrackingRef,
    Unavailable,
    VoidState,
)
from carriers.checking import InvalidCustoms
from carriers.easypost.config import EasyPostConfig
from carriers.sendcloud.config import SendcloudConfig
from carriers.ups.config import UpsConfig
from tests.carriers.builders import Clock, a_shipment, an_address
from tests.carriers.standins import KINDS, SECRETS, a_stand_in, an_adapter

PURCHASE = {"easypost": "/buy", "sendcloud": "/announce", "ups": "/ship"}
RATES = {"easypost": "/beta/rates", "sendcloud": "/shipping-options", "ups": "/rating"}
MUG = CustomsLine(
    description="Stoneware mug",
    quantity=2,
    value_minor=1200,
    weight_g=400,
    hs_code="691200",
    origin="PT",
    sku="MUG",
)


@pytest.fixture(params=KINDS)
def played(request: pytest.FixtureRequest) -> Played:
    made = a_stand_in(request.param, void_takes_s=3600)
    made.faults = CarrierFaults(sleep=lambda _: None)
    return made


@pytest.fixture
def carrier(played: Played) -> Carrier:
    return an_adapter(played)


def bought(carrier: Carrier, shipment: Shipment | None = None) -> Label:
    shipment = shipment or a_shipment()
    return carrier.buy(shipment, carrier.rate(shipment)[0], LabelFormat.PDF, "key")


def calls(played: Played, path: str) -> int:
    return sum(path in exchange.asked.path for exchange in played.traffic)


def test_a_purchase_whose_answer_was_lost_is_found_and_not_made_again(
    played: Played, carrier: Carrier
) -> None:
    fault = CarrierFault(mode=FaultMode.TIMEOUT_AFTER_SUCCESS, path=PURCHASE[played.code])
    played.faults.active.append(fault)
    with pytest.raises(Unavailable, match="did not answer: ReadTimeout") as lost:
        bought(carrier)
    assert lost.value.retryable
    [sale] = played.sales.sold()
    assert bought(an_adapter(played)).tracking_number == sale.number
    assert len(played.sales.sold()) == 1
    assert calls(played, PURCHASE[played.code]) == 1


def test_a_failed_purchase_is_not_repeated_by_itself(played: Played, carrier: Carrier) -> None:
    played.faults.active.append(CarrierFault(mode=FaultMode.FAIL, path=PURCHASE[played.code]))
    with pytest.raises(Unavailable, match=f"{played.code} answered 500"):
        bought(carrier)
    assert (calls(played, PURCHASE[played.code]), played.sales.sold()) == (1, [])
    assert bought(carrier).tracking_number


def test_a_question_that_failed_is_asked_once_more(played: Played, carrier: Carrier) -> None:
    fault = CarrierFault(mode=FaultMode.FAIL, path=RATES[played.code], times=1)
    played.faults.active.append(fault)
    assert carrier.rate(a_shipment())
    played.faults.active.append(fault.model_copy(update={"times": 2}))
    with pytest.raises(Unavailable):
        carrier.rate(a_shipment())
    assert calls(played, RATES[played.code]) == 4


def test_throttling_says_when_to_come_back(played: Played, carrier: Carrier) -> None:
    fault = CarrierFault(mode=FaultMode.THROTTLE, path=RATES[played.code])
    played.faults.active.append(fault)
    with pytest.raises(Unavailable) as throttled:
        carrier.rate(a_shipment())
    assert throttled.value.retry_after_s == 7


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_credentials_name_the_setting_and_do_not_show_them(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "not-the-right-secret"
    setting = {"easypost": "api_key", "sendcloud": "secret_key", "ups": "client_secret"}[kind]
    carrier = an_adapter(a_stand_in(kind), **{setting: wrong})
    with caplog.at_level(logging.DEBUG), pytest.raises(BadCredentials) as refusal:
        carrier.rate(a_shipment())
    assert refusal.value.field == f"carriers.{kind}.{setting}"
    assert f"set carriers.{kind}.{setting}" in str(refusal.value)
    assert wrong not in f"{refusal.value!r} {carrier!r} {caplog.text}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_credential_that_fits_no_header_is_named_and_not_shown(kind: str) -> None:
    setting = {"easypost": "api_key", "sendcloud": "secret_key", "ups": "client_secret"}[kind]
    carrier = an_adapter(a_stand_in(kind), **{setting: "sécret\nline"})
    with pytest.raises(BadCredentials) as refusal:
        carrier.rate(a_shipment())
    assert refusal.value.field == f"carriers.{kind}.{setting}"
    assert "sécret" not in repr(refusal.value)


def test_no_secret_is_in_an_address_or_a_log(
    played: Played, carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        label = bought(carrier)
        carrier.track(TrackingRef(tracking_number=label.tracking_number))
        carrier.void(label)
    seen = caplog.text + "".join(
        f"{each.asked.path} {each.asked.query} {each.asked.body!r}" for each in played.traffic
    )
    assert [secret for secret in SECRETS if secret in seen] == []


def test_an_empty_credential_names_its_setting() -> None:
    for make, setting in (
        (lambda: EasyPostConfig(api_key=""), "carriers.easypost.api_key"),
        (lambda: SendcloudConfig(public_key="a", secret_key=""), "carriers.sendcloud.secret_key"),
        (lambda: UpsConfig(client_id="", client_secret="a", account="A1B2C3"), "ups.client_id"),
    ):
        with pytest.raises(ValueError, match=setting):
            make()


def test_a_void_stays_pending_until_the_carrier_grants_it() -> None:
    for kind in ("easypost", "sendcloud"):
        clock = Clock()
        carrier = an_adapter(a_stand_in(kind, clock=clock, void_takes_s=3600))
        label = bought(carrier)
        assert carrier.void(label) is VoidState.PENDING
        assert carrier.void(label) is VoidState.PENDING
        clock.forward(timedelta(hours=2))
        assert carrier.void(label) is VoidState.VOIDED


def test_a_label_whose_parcel_is_on_its_way_is_not_taken_back(
    played: Played, carrier: Carrier
) -> None:
    label = bought(carrier)
    played.sales.happen(label.tracking_number, ScanCode.ACCEPTED)
    assert carrier.void(label) is VoidState.REFUSED


def test_after_a_void_the_same_reference_buys_another_label(
    played: Played, carrier: Carrier
) -> None:
    first = bought(carrier)
    carrier.void(first)
    second = bought(carrier)
    assert second.tracking_number != first.tracking_number
    again = carrier.find("F-5001-1")
    assert again is not None
    assert again.tracking_number == second.tracking_number


@pytest.mark.parametrize(
    "code",
    [
        ScanCode.LOST,
        ScanCode.RETURNED_TO_SENDER,
        ScanCode.DELIVERED,
        ScanCode.DELIVERY_FAILED,
        ScanCode.DAMAGED,
        ScanCode.OUT_FOR_DELIVERY,
        ScanCode.OTHER,
    ],
)
def test_every_fate_of_a_parcel_is_told(played: Played, carrier: Carrier, code: ScanCode) -> None:
    label = bought(carrier)
    clock = played.sales.clock
    assert isinstance(clock, Clock)
    clock.forward(timedelta(minutes=5))
    played.sales.happen(label.tracking_number, code)
    scans = carrier.track(TrackingRef(tracking_number=label.tracking_number))
    assert (scans[-1].code, scans[-1].at) == (code, clock.now)
    assert scans == sorted(scans, key=lambda scan: scan.at)


def test_an_unknown_parcel_is_not_found(carrier: Carrier) -> None:
    with pytest.raises(NotFound):
        carrier.track(TrackingRef(tracking_number="1Z999AA10123456784"))


def test_a_parcel_beyond_every_limit_is_refused_before_money_is_spent(
    played: Played, carrier: Carrier
) -> None:
    with pytest.raises(Refused) as refusal:
        carrier.rate(a_shipment(weight_g=75_000))
    # Sendcloud itself leaves out what does not take the parcel, but for a contract without price.
    assert refusal.value.code == ("no_price" if played.code == "sendcloud" else "too_large")
    assert len(played.sales) == 0


def test_what_crosses_a_customs_border_needs_its_articles(played: Played, carrier: Carrier) -> None:
    abroad = a_shipment(recipient=an_address(country="GB", postcode="SW1A 1AA", phone="0201234"))
    with pytest.raises(InvalidCustoms) as refusal:
        carrier.rate(abroad)
    assert refusal.value.field == "customs"
    with pytest.raises(InvalidCustoms, match="tariff number '69' is not 6 to 12 digits"):
        carrier.rate(replace(abroad, customs=(replace(MUG, hs_code="69"),)))
    declared = replace(abroad, customs=(MUG,))
    assert bought(carrier, declared).tracking_number
    assert "691200" in repr([sale.request for sale in played.sales])


def test_the_label_is_fetched_from_elsewhere_without_our_key() -> None:
    played = a_stand_in("easypost")
    seen: list[httpx2.Request] = []

    class Watched(InProcess):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            seen.append(request)
            return super().handle_request(request)

    bought(an_adapter(played, transport=Watched(played)))
    with_key = {
        "authorization" in request.headers for request in seen if "/files/" in request.url.path
    }
    assert with_key == {False}


def test_a_token_of_ups_is_kept_and_renewed() -> None:
    clock = Clock()
    played = a_stand_in("ups", clock=clock)
    carrier = an_adapter(played)
    for _ in range(3):
        carrier.rate(a_shipment())
    assert calls(played, "/oauth/token") == 1
    clock.forward(timedelta(hours=5))
    carrier.rate(a_shipment())
    assert calls(played, "/oauth/token") == 2
    assert isinstance(played.stand_in, UpsStandIn)
    played.stand_in.forget_tokens()
    assert bought(carrier).tracking_number
    assert calls(played, "/oauth/token") == 3


def test_ups_is_asked_for_pushes_and_its_refusal_costs_no_label() -> None:
    played = a_stand_in("ups")
    carrier = an_adapter(played, track_alerts=True)
    label = bought(carrier)
    assert isinstance(played.stand_in, UpsStandIn)
    assert played.stand_in.subscribed == [label.tracking_number]
    played.faults.active.append(CarrierFault(mode=FaultMode.REFUSE, path="/subscription"))
    assert bought(carrier, a_shipment(reference="F-5002-1")).tracking_number


def test_production_takes_no_test_key_and_no_test_event_of_easypost() -> None:
    played = a_stand_in("easypost")
    with pytest.raises(ValueError, match=r"carriers\.easypost\.api_key is a test key"):
        an_adapter(played, production=True, api_key="EZTKabc")
    label = bought(an_adapter(played))
    sale = played.sales.require(label.tracking_number)
    push = played.stand_in.push(sale, played.sales.events(sale)[0], path="/")
    with pytest.raises(MalformedScans, match="test mode"):
        an_adapter(played, production=True).scans(push)
    assert an_adapter(played).scans(push)


def test_a_push_is_genuine_only_as_it_was_sent(played: Played, carrier: Carrier) -> None:
    label = bought(carrier)
    sale = played.sales.require(label.tracking_number)
    push = played.stand_in.push(sale, played.sales.events(sale)[0], path="/")
    assert carrier.verify(push).ok
    proofs = [header for header in push.headers if header[0] not in ("Content-Type", "User-Agent")]
    [(name, value)] = proofs
    for headers in ((), ((name, ""),), ((name, value), (name, value)), ((name, value[:-1]),)):
        verdict = carrier.verify(replace(push, headers=headers))
        assert (verdict.ok, bool(verdict.reason)) == (False, True)
        assert value not in verdict.reason


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"description": "tracker.x"}'])
@pytest.mark.parametrize("kind", ["sendcloud", "ups"])
def test_a_push_that_cannot_be_read_says_where(kind: str, body: bytes) -> None:
    request = RawRequest(method="POST", path="/", headers=(), body=body)
    with pytest.raises(MalformedScans) as malformed:
        an_adapter(a_stand_in(kind)).scans(request)
    assert malformed.value.field


def test_an_event_of_easypost_that_is_about_no_parcel_carries_no_scans() -> None:
    request = RawRequest(method="POST", path="/", headers=(), body=b'{"description": "batch.x"}')
    assert an_adapter(a_stand_in("easypost")).scans(request) == []
    with pytest.raises(MalformedScans, match="result"):
        an_adapter(a_stand_in("easypost")).scans(
            replace(request, body=b'{"description": "tracker.updated"}')
        )
