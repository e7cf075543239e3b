"""Carriers that want the day's list are given it once; the others do not ask for one."""

from dataclasses import replace

import pytest

from carriers.base import FilesManifests, Label, LabelFormat, NotFound, Refused
from carriers.easypost.carrier import EasyPostCarrier
from carriers.manual.carrier import ManualCarrier, ManualConfig
from carriers.simulated.carrier import SimulatedCarrier
from carriers.simulated.config import SimulatedConfig
from tests.carriers.builders import Clock, a_shipment
from tests.carriers.standins import a_stand_in, an_adapter


def bought(carrier: EasyPostCarrier, reference: str, service: str) -> Label:
    shipment = replace(a_shipment(), reference=reference)
    rate = next(one for one in carrier.rate(shipment) if one.service == service)
    return carrier.buy(shipment, rate, LabelFormat.PDF, reference)


def test_easypost_makes_one_scan_form_and_finds_it_again() -> None:
    played = a_stand_in("easypost")
    carrier = an_adapter(played)
    assert isinstance(carrier, EasyPostCarrier)
    mine = [bought(carrier, f"F-{at}", "USPS/GroundAdvantage") for at in (1, 2)]
    ups = bought(carrier, "F-3", "UPSDAP/Ground")
    form = carrier.manifest([*mine, ups], key="m1")
    assert form is not None
    assert (form.reference[:3], (form.document or b"")[:5]) == ("sf_", b"%PDF-")
    again = an_adapter(played)  # as after a restart: the answer may have been lost
    assert isinstance(again, EasyPostCarrier)
    assert again.manifest(mine, key="m1") == form
    assert carrier.manifest([ups], key="m2") is None
    late = bought(carrier, "F-4", "USPS/Priority")
    carrier.void(late)
    with pytest.raises((Refused, NotFound)):
        carrier.manifest([late], key="m3")


def test_the_simulated_carrier_names_a_list_by_its_key() -> None:
    carrier = SimulatedCarrier(SimulatedConfig(seed="s"), production=False, clock=Clock())
    shipment = a_shipment()
    label = carrier.buy(shipment, carrier.rate(shipment)[0], LabelFormat.ZPL, "k1")
    form = carrier.manifest([label], key="m1")
    assert form == carrier.manifest([label], key="m1")
    assert form != carrier.manifest([label], key="m2")
    with pytest.raises(NotFound):
        carrier.manifest([replace(label, tracking_number="not ours")], key="m1")
    carrier.void(label)
    with pytest.raises(Refused, match="is void"):
        carrier.manifest([label], key="m1")


def test_the_others_want_no_list() -> None:
    manual = ManualCarrier(ManualConfig(price_minor=0, currency="USD"))
    others = [manual, an_adapter(a_stand_in("ups")), an_adapter(a_stand_in("sendcloud"))]
    assert [isinstance(one, FilesManifests) for one in others] == [False] * 3
