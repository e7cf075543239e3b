"""`oms carriers`: any carrier is asked what the protocol promises, a package's as well."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import application
from api.sandbox.app import Options, app, state_for
from api.sandbox.config import SandboxConfig
from oms.errors import NotFound
from oms.settings import settings
from tests.carrier_sandbox.test_serving import PLAYED
from tests.carriers.standins import API_KEY
from tests.sandbox.running import serving
from workflows import carriage

PLUGIN = """
from dataclasses import replace
from carriers.manual.carrier import ManualCarrier, ManualConfig

def bike(options, *, production, clock):
    return ManualCarrier(ManualConfig(price_minor=700, currency="EUR", code="bike"))

class Greedy(ManualCarrier):
    def buy(self, shipment, rate, label, key):
        own = replace(rate, carrier="greedy", service="delivery")
        paid = super().buy(shipment, own, label, key)
        return replace(paid, amount_minor=paid.amount_minor + 1)

def greedy(options, *, production, clock):
    return Greedy(ManualConfig(price_minor=700, currency="EUR", code="greedy"))
"""


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    yield
    carriage.registry.cache_clear()
    carriage.sheets.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package with two carriers, one of which breaks its promises."""
    (tmp_path / "two_carriers.py").write_text(PLUGIN)
    info = tmp_path / "two_carriers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: two-carriers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[tributary.carriers]\nbike = two_carriers:bike\ngreedy = two_carriers:greedy\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "two_carriers", raising=False)
    brought = {"bike": {"kind": "package"}, "greedy": {"kind": "package"}}
    monkeypatch.setenv("TRIBUTARY_CARRIERS", json.dumps(brought))
    settings.cache_clear()
    carriage.registry.cache_clear()


def oms(*words: str) -> Result:
    return CliRunner().invoke(application("carriers"), ["carriers", *words])


@pytest.mark.usefixtures("package")
def test_a_package_s_carrier_that_keeps_its_promises_passes() -> None:
    told = oms("verify", "bike", "--forgets")
    assert (told.exit_code, told.output.count("kept")) == (0, 12), told.output
    assert "broken" not in told.output


@pytest.mark.usefixtures("package")
def test_a_package_s_carrier_that_breaks_them_is_told_which() -> None:
    told = oms("verify", "greedy", "--forgets")
    assert told.exit_code == 1
    assert "paid 701 EUR for 700 EUR" in told.output
    assert "it accepts what it must refuse" in told.output
    assert told.output.count("broken") == 2


@pytest.mark.usefixtures("package")
def test_the_list_says_who_takes_part() -> None:
    told = oms("list")
    assert told.exit_code == 0
    lines = {line.split()[0]: line.split()[1] for line in told.output.splitlines()[1:]}
    assert lines == {"bike": "no", "greedy": "no", "manual": "no", "simulated": "yes"}


def test_an_unknown_carrier_names_the_known_ones() -> None:
    told = oms("verify", "dhl")
    assert isinstance(told.exception, NotFound)
    assert "there are: manual, simulated" in told.exception.message


def test_a_real_carrier_is_asked_at_its_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    state = state_for(Options(config=SandboxConfig(oms_url="", carriers=PLAYED), port=0))
    with serving(app(state)) as url:
        reach = {"kind": "easypost", "api_key": API_KEY, "base_url": f"{url}/carriers/easypost"}
        monkeypatch.setenv("TRIBUTARY_CARRIERS", json.dumps({"easypost": reach}))
        settings.cache_clear()
        carriage.registry.cache_clear()
        told = oms("verify", "easypost")
        assert (told.exit_code, told.output.count("kept")) == (0, 12), told.output
        sales = state.carriers["easypost"].sales
        live = [sale for sale in sales.sold() if sales.void_state(sale) is None]
        assert live == []  # all that was bought was given back
        carriage.registry.cache_clear()
