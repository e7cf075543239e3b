"""Offers of several carriers for one parcel: ranked, chosen, explained."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from api.carrier_sandbox.faults import CarrierFault
from api.sandbox.faults import FaultMode
from carriers.base import LabelFormat, RateSource, Refused, Unavailable
from carriers.comparing import compare
from carriers.sheet import RateSheet, read_sheet
from tests.carriers.builders import a_shipment, an_address, manual, simulated
from tests.carriers.standins import a_stand_in, an_adapter

NL = an_address(street="Stadhuisplein 10", city="Eindhoven", postcode="5611 EM", country="NL")
SHEET = """service,from_country,to_country,up_to_g,amount_minor,currency,days
direct_contract:standard,NL,NL,5000,480,USD,2
direct_contract:standard,NL,NL,1000,390,USD,2
direct_contract:express,*,*,30000,1500,USD,
"""


def a_sheet(folder: Path, text: str = SHEET) -> RateSheet:
    path = folder / "sheet.csv"
    path.write_text(text)
    return read_sheet(path, code="sendcloud")


def test_the_cheapest_of_all_carriers_is_taken_and_the_reason_told() -> None:
    found = compare([simulated(), manual()], a_shipment(), currency="USD")
    assert (found.chosen.carrier, found.chosen.amount_minor) == ("manual", 500)
    best, second, *_ = found.offers
    spared = second.amount_minor - best.amount_minor
    assert found.why == (
        f"the cheapest: {spared} minor units below {second.carrier} {second.service}"
    )
    document = found.document()
    assert document["chosen"]["service"] == "delivery"
    assert [one["carrier"] for one in document["others"]] == ["simulated"] * 3


def test_of_equal_prices_the_faster_one_is_taken() -> None:
    slow, fast = manual(code="slow", transit_days=3), manual(code="van", transit_days=1)
    found = compare([slow, fast], a_shipment(), currency="USD")
    assert (found.chosen.carrier, found.why) == (
        "van",
        "as cheap as slow delivery, and not slower",
    )


def test_what_arrives_too_late_is_left_out_with_its_date() -> None:
    slow = manual(code="slow", transit_days=9)
    found = compare([slow, simulated()], a_shipment(), currency="USD", deliver_by=date(2026, 3, 6))
    assert found.chosen.carrier == "simulated"
    assert "that arrives by 2026-03-06" in found.why
    assert ("slow", "arrives 2026-03-11, after 2026-03-06") in {
        (one.carrier, one.reason) for one in found.left_out
    }
    late = compare([slow, simulated()], a_shipment(), currency="USD", deliver_by=date(2026, 3, 1))
    assert late.chosen.carrier == "slow"
    assert late.why.startswith("no service arrives by 2026-03-01; the cheapest")


def test_what_is_excluded_is_left_out_with_its_reason() -> None:
    both = [simulated(), manual()]
    barred = [("manual", None, "on strike"), ("simulated", "overnight", "not by air")]
    found = compare(both, a_shipment(), currency="USD", excluded=barred)
    assert {rate.carrier for rate in found.offers} == {"simulated"}
    assert "overnight" not in {rate.service for rate in found.offers}
    assert {("manual", "on strike"), ("simulated", "not by air")} == {
        (one.carrier, one.reason) for one in found.left_out
    }


def test_when_every_service_is_excluded_a_person_is_told_why() -> None:
    barred = [("manual", None, "on strike")]
    with pytest.raises(Refused, match="every service for this parcel: on strike") as refused:
        compare([manual()], a_shipment(), currency="USD", excluded=barred)
    assert (refused.value.code, refused.value.retryable) == ("service_excluded", False)


def test_another_currency_is_not_compared() -> None:
    found = compare([manual(), an_adapter(a_stand_in("sendcloud"))], a_shipment(), currency="USD")
    assert {rate.carrier for rate in found.offers} == {"manual"}
    assert {one.reason for one in found.left_out} == {"priced in EUR, compared in USD"}


def test_a_carrier_that_fails_is_left_out_and_the_others_go_on() -> None:
    played = a_stand_in("ups")
    played.faults.active.append(CarrierFault(mode=FaultMode.FAIL, path="/rating", times=9))
    found = compare([an_adapter(played), manual()], a_shipment(), currency="USD")
    assert found.chosen.carrier == "manual"
    [left] = found.left_out
    assert (left.carrier, left.service) == ("ups", "")
    assert "ups answered 500" in left.reason


def test_if_no_carrier_offers_anything_the_passing_reason_comes_first() -> None:
    played = a_stand_in("ups")
    played.faults.active.append(CarrierFault(mode=FaultMode.FAIL, path="/rating", times=9))
    heavy = a_shipment(weight_g=60_000)
    with pytest.raises(Unavailable):
        compare([simulated(), an_adapter(played)], heavy, currency="USD")
    with pytest.raises(Refused, match="is more than the 31500 g"):
        compare([simulated()], heavy, currency="USD")
    with pytest.raises(Refused, match="priced in EUR") as refusal:
        compare([an_adapter(a_stand_in("sendcloud"))], a_shipment(), currency="USD")
    assert refusal.value.code == "no_service"


def test_a_rate_sheet_stands_in_for_a_carrier_without_a_price(tmp_path: Path) -> None:
    played = a_stand_in("sendcloud")
    carrier = an_adapter(played)
    at_home = a_shipment(sender=replace(NL, name="Store"), recipient=NL, weight_g=25_000)
    heavy = replace(at_home, parcel=replace(at_home.parcel, weight_g=71_000))
    sheet = a_sheet(tmp_path, SHEET.replace("30000", "80000"))
    found = compare([carrier], heavy, currency="USD", sheets={"sendcloud": sheet})
    assert (found.chosen.service, found.chosen.source) == (
        "direct_contract:express",
        RateSource.SHEET,
    )
    assert found.why == "the only service"
    [left] = found.left_out
    assert left.reason.endswith("its rate sheet stands in")
    assert "names no price for direct_contract:standard" in left.reason


def test_a_price_by_contract_buys_without_a_live_price(tmp_path: Path) -> None:
    played = a_stand_in("sendcloud")
    at_home = a_shipment(sender=replace(NL, name="Store"), recipient=NL)
    [cheap, _] = a_sheet(tmp_path).rates(at_home)
    label = an_adapter(played).buy(at_home, cheap, LabelFormat.PDF, "key")
    assert (label.service, label.amount_minor) == ("direct_contract:standard", 480)
    assert len(played.sales.sold()) == 1


def test_the_lightest_line_that_holds_the_parcel_counts(tmp_path: Path) -> None:
    sheet = a_sheet(tmp_path)
    at_home = a_shipment(sender=NL, recipient=NL, weight_g=900)
    assert [(rate.amount_minor, rate.transit_days) for rate in sheet.rates(at_home)] == [
        (390, 2),
        (1500, None),
    ]
    assert [rate.service for rate in sheet.rates(a_shipment())] == ["direct_contract:express"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("a,NL,NL,5000,4.80,EUR,2", "line 2: amount_minor '4.80' is no whole number"),
        (",NL,NL,5000,480,EUR,2", "line 2: service is empty"),
        ("a,NL,NL,5000,480,EUR,soon", "line 2: days 'soon' is no whole number"),
        ("a,NL,NL", "line 2: up_to_g '' is no whole number"),
    ],
)
def test_a_wrong_line_of_a_sheet_is_named(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        a_sheet(tmp_path, SHEET.splitlines()[0] + f"\n{line}\n")


def test_a_sheet_without_a_column_names_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lacks the column days"):
        a_sheet(tmp_path, "service,from_country,to_country,up_to_g,amount_minor,currency\n")
