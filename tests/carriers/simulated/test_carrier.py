"""Buying, finding and voiding with the simulated carrier."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from carriers.base import (
    Label,
    LabelFormat,
    NotFound,
    Refused,
    ScanCode,
    Shipment,
    TrackingRef,
    VoidState,
)
from carriers.simulated.carrier import SimulatedCarrier
from carriers.simulated.config import SimulatedConfig
from tests.carriers.builders import NOON, Clock, a_shipment, an_address, rate_for, simulated
from tests.carriers.scanner import text_of


def bought(
    carrier: SimulatedCarrier,
    shipment: Shipment | None = None,
    *,
    key: str = "parcel-1",
    service: str = "ground",
    label: LabelFormat = LabelFormat.PDF,
) -> Label:
    shipment = shipment or a_shipment()
    return carrier.buy(shipment, rate_for(carrier, shipment, service=service), label, key)


def test_a_purchase_is_exactly_this() -> None:
    label = bought(simulated(), service="express")
    assert replace(label, documents={}) == Label(
        carrier="simulated",
        service="express",
        reference="F-5001-1",
        tracking_number="SIM240077769659591981",
        tracking_url="https://carrier.example/track/SIM240077769659591981",
        amount_minor=1566,
        currency="USD",
        documents={},
    )


def test_the_label_says_that_nobody_carries_it() -> None:
    lines = text_of(bought(simulated()).documents[LabelFormat.PDF])
    assert lines[:4] == ["G", "GROUND", "Simulated Carrier", "1.20 kg · ships 2026-03-02"]
    assert lines[-1] == "SIMULATED · NOT VALID FOR CARRIAGE"


def test_a_retry_on_the_next_day_gets_the_label_of_the_first_day() -> None:
    carrier = simulated()
    first = bought(carrier)
    assert bought(carrier, a_shipment(ship_on=date(2026, 3, 3))) == first


def test_one_purchase_prints_in_both_formats() -> None:
    carrier = simulated()
    pdf, zpl = bought(carrier), bought(carrier, label=LabelFormat.ZPL)
    assert pdf.tracking_number == zpl.tracking_number
    assert pdf.tracking_number[3:].encode() in zpl.documents[LabelFormat.ZPL]
    assert carrier.find("F-5001-1") == pdf


@pytest.mark.parametrize(
    "other",
    [
        a_shipment(reference="F-5001-2"),
        a_shipment(recipient=an_address(street="1 Other Street")),
        a_shipment(weight_g=1300),
    ],
)
def test_a_key_does_not_buy_two_things(other: Shipment) -> None:
    carrier = simulated()
    first = bought(carrier)
    with pytest.raises(Refused, match="has bought another label") as refusal:
        bought(carrier, other)
    assert refusal.value.code == "key_reused"
    assert carrier.find("F-5001-1") == first
    assert carrier.find("F-5001-2") is None


def test_a_key_does_not_buy_another_service() -> None:
    carrier = simulated()
    bought(carrier)
    with pytest.raises(Refused, match="has bought another label"):
        bought(carrier, service="express")


def test_buying_at_once_from_many_threads_sells_one_label(tmp_path: Path) -> None:
    carriers = [simulated(ledger=tmp_path / "sales.sqlite3") for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        labels = list(threads.map(lambda n: bought(carriers[n % 4]), range(16)))
    assert all(label == labels[0] for label in labels)


def test_a_sale_written_down_before_a_crash_is_found_after_it(tmp_path: Path) -> None:
    ledger = tmp_path / "sales.sqlite3"
    shipment = a_shipment(recipient=an_address(name="Žižek 山田 ^~"))
    paid = bought(simulated(ledger=ledger), shipment, label=LabelFormat.ZPL)
    assert simulated(ledger=ledger).find("F-5001-1") == paid


def test_a_void_label_is_not_sold_again_but_a_new_key_buys_a_new_one(tmp_path: Path) -> None:
    carrier = simulated(ledger=tmp_path / "sales.sqlite3")
    first = bought(carrier)
    carrier.void(first)
    restarted = simulated(ledger=tmp_path / "sales.sqlite3")
    with pytest.raises(Refused, match="buy again with a new key") as refusal:
        bought(restarted)
    assert refusal.value.code == "label_voided"
    second = bought(restarted, key="parcel-1-again")
    assert second.tracking_number != first.tracking_number
    assert restarted.find("F-5001-1") == second


def test_a_refund_may_take_its_time() -> None:
    clock = Clock()
    carrier = simulated(clock=clock, void_takes=timedelta(hours=2))
    label = bought(carrier)
    assert carrier.void(label) is VoidState.PENDING
    clock.forward(timedelta(hours=1, minutes=59))
    assert carrier.void(label) is VoidState.PENDING
    clock.forward(timedelta(minutes=1))
    assert carrier.void(label) is VoidState.VOIDED


def test_a_void_parcel_goes_nowhere() -> None:
    clock = Clock()
    carrier = simulated(clock=clock)
    label = bought(carrier)
    ref = TrackingRef(tracking_number=label.tracking_number, bought_at=NOON, handed_over_at=NOON)
    clock.forward(timedelta(hours=1))
    carrier.void(label)
    clock.forward(timedelta(days=9))
    scans = carrier.track(ref)
    assert [scan.code for scan in scans] == [ScanCode.LABEL_CREATED, ScanCode.VOIDED]
    assert scans[-1].at == NOON + timedelta(hours=1)


def test_only_its_own_labels_can_be_voided() -> None:
    carrier = simulated()
    foreign = replace(bought(carrier), tracking_number="1Z999AA10123456784")
    with pytest.raises(NotFound):
        carrier.void(foreign)


def test_production_refuses_it() -> None:
    with pytest.raises(ValueError, match="moves no parcel"):
        SimulatedCarrier(SimulatedConfig(seed="test"), production=True)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"seed": ""}, "seed is empty"),
        ({"speed": 0}, "speed 0 must be above 0"),
        ({"lost_share": -0.1}, "must not be negative"),
        ({"lost_share": 0.6, "failed_share": 0.6}, "exceed 1 together"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(
    settings: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        SimulatedConfig(**{"seed": "test", **settings})
