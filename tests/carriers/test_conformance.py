"""What every carrier must do, asked of each of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from carriers.base import (
    Carrier,
    InvalidAddress,
    InvalidParcel,
    Label,
    LabelFormat,
    RawRequest,
    Refused,
    Shipment,
    TrackingRef,
    VoidState,
)
from tests.carriers.builders import (
    NOON,
    Clock,
    a_shipment,
    an_address,
    manual,
    simulated,
)
from tests.carriers.scanner import pixels_of, scan


@dataclass(frozen=True)
class Case:
    """A carrier; `again` makes it anew, as after a restart. `remembers` if it keeps sales."""

    again: Callable[[], Carrier]
    remembers: bool
    remembers_after_restart: bool = False


@pytest.fixture(params=["simulated", "simulated-ledger", "manual", "manual-van"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    clock = Clock(NOON + timedelta(days=3))
    if request.param == "simulated":
        return Case(lambda: simulated(clock=clock), remembers=True)
    if request.param == "simulated-ledger":
        ledger = tmp_path / "sales.sqlite3"
        return Case(
            lambda: simulated(clock=clock, ledger=ledger),
            remembers=True,
            remembers_after_restart=True,
        )
    code = {"manual": "manual", "manual-van": "van"}[request.param]
    return Case(lambda: manual(code=code), remembers=False)


def bought(
    carrier: Carrier,
    *,
    shipment: Shipment | None = None,
    label: LabelFormat = LabelFormat.PDF,
    key: str = "parcel-1",
) -> Label:
    shipment = shipment or a_shipment()
    return carrier.buy(shipment, carrier.rate(shipment)[0], label, key)


def test_it_fulfils_the_protocol(case: Case) -> None:
    assert isinstance(case.again(), Carrier)


def test_rates_are_its_own_cheapest_first_and_repeatable(case: Case) -> None:
    carrier = case.again()
    rates = carrier.rate(a_shipment())
    assert rates == sorted(rates, key=lambda rate: rate.amount_minor)
    assert {rate.carrier for rate in rates} == {carrier.code}
    assert len({rate.service for rate in rates}) == len(rates)
    assert case.again().rate(a_shipment()) == rates
    for rate in rates:
        assert rate.delivery_on == a_shipment().ship_on + timedelta(days=rate.transit_days)


@pytest.mark.parametrize("label", LabelFormat)
def test_a_label_comes_with_its_bytes_and_what_was_paid(case: Case, label: LabelFormat) -> None:
    carrier = case.again()
    rate = carrier.rate(a_shipment())[0]
    paid = bought(carrier, label=label)
    assert (paid.carrier, paid.service, paid.reference) == (carrier.code, rate.service, "F-5001-1")
    assert (paid.amount_minor, paid.currency) == (rate.amount_minor, rate.currency)
    assert list(paid.documents) == [label]
    start = {LabelFormat.PDF: b"%PDF-", LabelFormat.ZPL: b"^XA\n"}[label]
    assert paid.documents[label].startswith(start)


def test_a_scanner_reads_the_tracking_number_from_its_label(case: Case) -> None:
    paid = bought(case.again())
    assert scan(pixels_of(paid.documents[LabelFormat.PDF], dots_per_inch=203)) == {
        paid.tracking_number
    }


def test_the_same_key_buys_the_same_label_again(case: Case) -> None:
    carrier = case.again()
    assert bought(carrier) == bought(carrier)


def test_the_same_key_buys_the_same_label_after_a_restart(case: Case) -> None:
    assert bought(case.again()) == bought(case.again())


def test_other_parcels_get_other_numbers(case: Case) -> None:
    carrier = case.again()
    one = bought(carrier, key="parcel-1")
    other = bought(carrier, shipment=a_shipment(reference="F-5001-2"), key="parcel-2")
    assert one.tracking_number != other.tracking_number


def test_a_label_is_found_by_its_reference_or_bought_again_unchanged(case: Case) -> None:
    carrier = case.again()
    assert carrier.find("F-5001-1") is None
    paid = bought(carrier)
    assert carrier.find("F-5001-1") == (paid if case.remembers else None)
    assert carrier.find("F-5001-2") is None
    restarted = case.again()
    assert restarted.find("F-5001-1") == (paid if case.remembers_after_restart else None)
    assert bought(restarted) == paid


def test_voiding_twice_is_voiding_once(case: Case) -> None:
    carrier = case.again()
    paid = bought(carrier)
    assert carrier.void(paid) is VoidState.VOIDED
    assert carrier.void(paid) is VoidState.VOIDED
    assert carrier.find("F-5001-1") is None


def test_scans_come_sorted_and_with_the_same_identifiers_each_time(case: Case) -> None:
    carrier = case.again()
    ref = TrackingRef(tracking_number=bought(carrier).tracking_number, handed_over_at=NOON)
    scans = carrier.track(ref)
    assert scans == sorted(scans, key=lambda scan: scan.at)
    assert len({scan.id for scan in scans}) == len(scans)
    assert all(scan.tracking_number == ref.tracking_number for scan in scans)
    assert carrier.track(ref) == scans
    assert case.again().track(ref) == scans


def test_no_carrier_takes_an_unsigned_webhook(case: Case) -> None:
    request = RawRequest(method="POST", path="/", headers=(), body=b'{"scans":[]}')
    verdict = case.again().verify(request)
    assert not verdict.ok
    assert verdict.reason


@pytest.mark.parametrize("part", ["street", "city", "postcode", "country"])
def test_an_address_that_lacks_a_part_is_refused_by_name(case: Case, part: str) -> None:
    shipment = a_shipment(recipient=an_address(**{part: ""}))
    with pytest.raises(InvalidAddress) as refusal:
        case.again().rate(shipment)
    assert refusal.value.field == f"recipient.{part}"


def test_a_parcel_without_weight_is_refused_by_name(case: Case) -> None:
    with pytest.raises(InvalidParcel) as refusal:
        case.again().rate(a_shipment(weight_g=0))
    assert refusal.value.field == "parcel.weight_g"


def test_a_rate_that_it_did_not_offer_is_refused_and_nothing_is_bought(case: Case) -> None:
    carrier = case.again()
    rate = carrier.rate(a_shipment())[0]
    for foreign in (replace(rate, carrier="other"), replace(rate, service="teleport")):
        with pytest.raises(Refused) as refusal:
            carrier.buy(a_shipment(), foreign, LabelFormat.PDF, "parcel-1")
        assert refusal.value.code == "unknown_service"
    assert carrier.find("F-5001-1") is None
