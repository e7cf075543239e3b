"""Amazon's adapter, filled in where a test does not care."""

from dataclasses import replace
from typing import Any

from api.sandbox.doubles import settings_for
from oms.channels.amazon.adapter import Amazon
from oms.channels.rates import LocalGate
from oms.connections import ChannelSettings

NOWHERE = "http://127.0.0.1:9"


def an_amazon(url: str = NOWHERE, *, timeout_s: float = 1.0, **changes: Any) -> Amazon:
    """The adapter that talks to a sandbox at `url`, its rates its own."""
    settings = settings_for("amazon", "amazon", url, **changes)
    return Amazon("amazon", settings, timeout_s=timeout_s, gate=LocalGate("amazon"))


def with_access(adapter: Amazon, **changes: Any) -> Amazon:
    """The same with other access."""
    access = adapter.settings.selling_partner
    assert access is not None
    wanted = access.model_copy(update=changes)
    settings: ChannelSettings = adapter.settings.model_copy(update={"selling_partner": wanted})
    return replace(adapter, settings=settings)
