"""A third party's channel: found by its entry point, and verified against its own double."""

import sys
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType
from typing import Any

import pytest

from api.sandbox import doubles
from oms.channels import registry
from oms.channels.conformance.subject import DOUBLES
from oms.channels.conformance.verifying import verify
from oms.channels.registry import ENTRY_POINTS, build
from oms.channels.woocommerce.adapter import WooCommerce
from oms.connections import ChannelSettings
from oms.errors import Invalid, NotFound


class Etsy(WooCommerce):
    """Another's adapter; that it behaves as one of ours saves a second shop to play."""


def make(code: str, settings: ChannelSettings) -> Etsy:
    if settings.options.get("shop") is None:
        raise ValueError("options.shop is not set")
    return Etsy(code, settings)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that brings a channel and its double, as the interpreter would list it."""
    package = ModuleType("etsy_of_a_package")
    package.make = make  # type: ignore[attr-defined]
    package.double = lambda channel: doubles.sandbox_double("woocommerce", "woocommerce")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "etsy_of_a_package", package)
    offered = {
        ENTRY_POINTS: EntryPoint("etsy", "etsy_of_a_package:make", ENTRY_POINTS),
        DOUBLES: EntryPoint("etsy", "etsy_of_a_package:double", DOUBLES),
    }

    def listed(*, group: str) -> EntryPoints:
        return EntryPoints([offered[group]] if group in offered else [])

    monkeypatch.setattr(registry, "entry_points", listed)
    monkeypatch.setattr(doubles, "entry_points", listed)


def a_package(**changes: Any) -> ChannelSettings:
    values: dict[str, Any] = {"kind": "package", "api_url": "https://etsy.example"}
    return ChannelSettings.model_validate(values | changes)


def test_a_packages_channel_is_built_and_verified(installed: None) -> None:
    made = build("craft", a_package(package="etsy", options={"shop": "ours"}))
    assert isinstance(made, Etsy)
    assert made.code == "craft"
    with doubles.doubled(made) as subject:
        assert [each for each in verify(subject) if each.fault] == []


def test_options_that_it_cannot_work_with_name_the_channel(installed: None) -> None:
    with pytest.raises(Invalid, match=r"options\.shop is not set") as caught:
        build("etsy", a_package())
    assert caught.value.field == "channels.etsy"


def test_a_package_without_a_double_says_what_to_offer(installed: None) -> None:
    made = Etsy("craft", a_package())
    with pytest.raises(NotFound) as caught:
        doubles.doubled(made)
    assert DOUBLES in (caught.value.remedy or "")
