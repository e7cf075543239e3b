"""Carriers by code, built from configuration, with third-party ones beside them."""

import sys
from pathlib import Path

import pytest

from carriers.manual.carrier import ManualConfig
from carriers.registry import CarriersConfig, UnknownCarrier, build_registry
from carriers.simulated.config import SimulatedConfig
from tests.carriers.builders import NOON, Clock, a_shipment

SIMULATED = SimulatedConfig(seed="test")
MANUAL = ManualConfig(price_minor=500, currency="USD")
VAN = ManualConfig(price_minor=900, currency="USD", code="van", name="Van")

PLUGIN = """
from carriers.manual.carrier import ManualCarrier, ManualConfig

def bike(options, *, production, clock):
    price = int(options["price_minor"]) + (1000 if production else 0) + clock().day
    return ManualCarrier(ManualConfig(price_minor=price, currency="EUR", code="bike"))
"""


@pytest.fixture
def installed_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package on the path that offers a carrier, as pip would have left it."""
    (tmp_path / "bike_carrier.py").write_text(PLUGIN)
    info = tmp_path / "bike_carrier-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bike-carrier\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tributary.carriers]\nbike = bike_carrier:bike\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "bike_carrier", raising=False)


def test_carriers_are_found_by_code() -> None:
    registry = build_registry(
        CarriersConfig(production=False, simulated=SIMULATED, manual=(MANUAL, VAN))
    )
    assert registry.codes == ("manual", "simulated", "van")
    assert [registry.get(code).code for code in registry.codes] == list(registry.codes)


def test_an_unknown_code_names_the_known_ones() -> None:
    registry = build_registry(CarriersConfig(production=False, simulated=SIMULATED, manual=(VAN,)))
    with pytest.raises(UnknownCarrier, match="no carrier 'ups'; there are: simulated, van") as no:
        registry.get("ups")
    assert (no.value.code, no.value.known) == ("unknown_carrier", ("simulated", "van"))


def test_without_carriers_it_says_so() -> None:
    with pytest.raises(UnknownCarrier, match="there are: none"):
        build_registry(CarriersConfig(production=False)).get("manual")


def test_two_carriers_may_not_share_a_code() -> None:
    with pytest.raises(ValueError, match="two carriers have the code 'manual'"):
        build_registry(CarriersConfig(production=False, manual=(MANUAL, MANUAL)))


def test_production_takes_no_simulated_carrier() -> None:
    with pytest.raises(ValueError, match="carrier 'simulated' is simulated and moves no parcel"):
        build_registry(CarriersConfig(production=True, simulated=SIMULATED, manual=(MANUAL,)))
    assert build_registry(CarriersConfig(production=True, manual=(MANUAL,))).codes == ("manual",)


@pytest.mark.usefixtures("installed_plugin")
def test_an_installed_package_may_bring_a_carrier() -> None:
    config = CarriersConfig(production=True, plugins={"bike": {"price_minor": "700"}})
    (rate,) = build_registry(config, clock=Clock(NOON)).get("bike").rate(a_shipment())
    assert (rate.carrier, rate.amount_minor, rate.currency) == ("bike", 1702, "EUR")


@pytest.mark.usefixtures("installed_plugin")
def test_a_package_that_nobody_named_is_not_loaded() -> None:
    build_registry(CarriersConfig(production=False, manual=(MANUAL,)))
    assert "bike_carrier" not in sys.modules


@pytest.mark.usefixtures("installed_plugin")
def test_a_carrier_that_no_package_offers_names_those_offered() -> None:
    with pytest.raises(ValueError, match="no installed package offers a carrier 'ups'; offered: b"):
        build_registry(CarriersConfig(production=False, plugins={"ups": {}}))
