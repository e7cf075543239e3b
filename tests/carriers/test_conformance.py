"""What every carrier must do, asked of each of them."""

from datetime import timedelta
from pathlib import Path

import pytest

from carriers.base import Label, LabelFormat
from carriers.conformance import CHECKS, Check, Subject
from tests.carriers.builders import NOON, Clock, a_shipment, manual, simulated
from tests.carriers.scanner import pixels_of, scan
from tests.carriers.standins import KINDS, a_stand_in, an_adapter

OURS = ("simulated", "simulated-ledger", "manual", "manual-van")


def subject_of(name: str, folder: Path) -> Subject:
    clock = Clock(NOON + timedelta(days=3))
    match name:
        case "simulated":
            carrier = simulated(clock=clock)
            del carrier
            return Subject(
                lambda: simulated(clock=clock), a_shipment(), remembers_after_restart=False
            )
        case "simulated-ledger":
            ledger = folder / "sales.sqlite3"
            return Subject(lambda: simulated(clock=clock, ledger=ledger), a_shipment())
        case "manual" | "manual-van":
            code = {"manual": "manual", "manual-van": "van"}[name]
            return Subject(
                lambda: manual(code=code),
                a_shipment(),
                remembers=False,
                remembers_after_restart=False,
            )
        case _:
            slow = name.endswith("-slow")
            played = a_stand_in(
                name.removesuffix("-slow"), clock=clock, void_takes_s=3600 if slow else 0
            )
            return Subject(lambda: an_adapter(played), a_shipment())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", [*OURS, *KINDS])
def test_a_carrier_conforms(name: str, check: Check, tmp_path: Path) -> None:
    check(subject_of(name, tmp_path))


@pytest.mark.parametrize("name", ["easypost-slow", "sendcloud-slow"])
def test_a_void_that_stays_pending_conforms(name: str, tmp_path: Path) -> None:
    [check] = [one for one in CHECKS if one.__name__ == "voiding_twice_is_voiding_once"]
    check(subject_of(name, tmp_path))


@pytest.mark.parametrize("name", OURS)
def test_a_scanner_reads_the_tracking_number_from_its_label(name: str, tmp_path: Path) -> None:
    subject = subject_of(name, tmp_path)
    paid: Label = subject.purchase(subject.again())
    assert scan(pixels_of(paid.documents[LabelFormat.PDF], dots_per_inch=203)) == {
        paid.tracking_number
    }
