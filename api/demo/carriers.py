"""The demo's parcel carriers: their settings, and the stand-ins that play them."""

import hashlib
import hmac
from typing import Any, Final

from api.carrier_sandbox.config import PlayedCarrier

COMPARED: Final = ("simulated", "easypost", "ups")
"""Sendcloud asks euros, which the demo's dollars are not compared with; it is there to be tried."""
_ACCOUNT: Final = "DEMO01"


def settings(seed: str, *, sandbox_url: str) -> dict[str, dict[str, Any]]:
    """How our side is set up, by carrier."""
    at = f"{sandbox_url}/carriers"
    return {
        "easypost": {
            "kind": "easypost",
            "base_url": f"{at}/easypost",
            "api_key": _secret(seed, "easypost"),
            "webhook_secrets": [_secret(seed, "easypost pushes")],
        },
        "sendcloud": {
            "kind": "sendcloud",
            "base_url": f"{at}/sendcloud/api/v3",
            "public_key": "demo",
            "secret_key": _secret(seed, "sendcloud"),
            "webhook_secrets": [_secret(seed, "sendcloud pushes")],
        },
        "ups": {
            "kind": "ups",
            "base_url": f"{at}/ups",
            "client_id": "demo",
            "client_secret": _secret(seed, "ups"),
            "account": _ACCOUNT,
            "webhook_secrets": [_secret(seed, "ups pushes")],
        },
    }


def played(seed: str, *, speed: float) -> dict[str, PlayedCarrier]:
    """How the stand-ins are set up, by carrier: they know the same secrets."""
    return {
        "easypost": PlayedCarrier(
            kind="easypost",
            user=_secret(seed, "easypost"),
            webhook_secret=_secret(seed, "easypost pushes"),
            speed=speed,
        ),
        "sendcloud": PlayedCarrier(
            kind="sendcloud",
            user="demo",
            password=_secret(seed, "sendcloud"),
            webhook_secret=_secret(seed, "sendcloud pushes"),
            speed=speed,
        ),
        "ups": PlayedCarrier(
            kind="ups",
            user="demo",
            password=_secret(seed, "ups"),
            account=_ACCOUNT,
            webhook_secret=_secret(seed, "ups pushes"),
            speed=speed,
        ),
    }


def _secret(seed: str, name: str) -> str:
    """A secret that both sides find by themselves, the same at every start."""
    return hmac.new(seed.encode(), f"carrier {name}".encode(), hashlib.sha256).hexdigest()[:40]
