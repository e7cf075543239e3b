"""Real carriers' adapters, each with its stand-in in the same process."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from api.carrier_sandbox.config import PlayedCarrier
from api.carrier_sandbox.playing import Played, play
from api.carrier_sandbox.transport import InProcess
from carriers.base import Carrier
from carriers.easypost.carrier import EasyPostCarrier
from carriers.easypost.config import EasyPostConfig
from carriers.sendcloud.carrier import SendcloudCarrier
from carriers.sendcloud.config import SendcloudConfig
from carriers.ups.carrier import UpsCarrier
from carriers.ups.config import UpsConfig
from tests.carriers.builders import Clock

CONTRACTS = Path(__file__).parents[3] / "shared" / "contracts"
SPECS = CONTRACTS / "specs"

API_KEY = "EZAKtest-of-easypost"
PUBLIC_KEY, SECRET_KEY = "public-of-sendcloud", "secret-of-sendcloud"
CLIENT_ID, CLIENT_SECRET, ACCOUNT = "client-of-ups", "client-secret-of-ups", "A1B2C3"
WEBHOOK_SECRET = "a-webhook-sécret"
BEARER = "a-webhook-secret"  # shown in a header, so it has plain letters only
KINDS = ("easypost", "sendcloud", "ups")
SECRETS = (API_KEY, SECRET_KEY, CLIENT_SECRET, WEBHOOK_SECRET, BEARER)
FAST = {"per_second": 10_000.0, "burst": 10_000}

_CREDENTIALS = {
    "easypost": (API_KEY, ""),
    "sendcloud": (PUBLIC_KEY, SECRET_KEY),
    "ups": (CLIENT_ID, CLIENT_SECRET),
}


def a_stand_in(kind: str, *, clock: Callable[[], datetime] | None = None, **how: Any) -> Played:
    user, password = _CREDENTIALS[kind]
    config = PlayedCarrier.model_validate(
        {
            "kind": kind,
            "user": user,
            "password": password,
            "account": ACCOUNT,
            "webhook_secret": BEARER if kind == "ups" else WEBHOOK_SECRET,
        }
        | how
    )
    specs = SPECS if SPECS.is_dir() else None
    return play(kind, config, specs=specs, clock=clock or Clock())


def an_adapter(
    played: Played,
    *,
    transport: httpx2.BaseTransport | None = None,
    production: bool = False,
    **settings: Any,
) -> Carrier:
    reach = transport or InProcess(played)
    secret = BEARER if played.code == "ups" else WEBHOOK_SECRET
    settings = FAST | {"webhook_secrets": (secret,)} | settings
    clock = played.sales.clock
    match played.code:
        case "easypost":
            easypost = EasyPostConfig(**({"api_key": API_KEY} | settings))
            return EasyPostCarrier(easypost, production=production, transport=reach, clock=clock)
        case "sendcloud":
            keys = {"public_key": PUBLIC_KEY, "secret_key": SECRET_KEY}
            return SendcloudCarrier(
                SendcloudConfig(**(keys | settings)), transport=reach, clock=clock
            )
        case _:
            app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "account": ACCOUNT}
            return UpsCarrier(UpsConfig(**(app | settings)), transport=reach, clock=clock)
