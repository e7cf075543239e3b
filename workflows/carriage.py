"""The carriers of this installation, made from its settings."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from carriers.base import Carrier
from carriers.easypost.carrier import EasyPostCarrier
from carriers.easypost.config import EasyPostConfig
from carriers.manual.carrier import ManualConfig
from carriers.registry import CarriersConfig, Registry, build_registry
from carriers.sendcloud.carrier import SendcloudCarrier
from carriers.sendcloud.config import SendcloudConfig
from carriers.sheet import RateSheet, read_sheet
from carriers.simulated.config import SimulatedConfig
from carriers.ups.carrier import UpsCarrier
from carriers.ups.config import UpsConfig
from oms.connections import CarrierSettings
from oms.errors import Invalid
from oms.settings import settings

_LOOPBACK: Final = frozenset(("127.0.0.1", "::1", "localhost"))


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The carriers of this installation. Raises `MissingSetting` or `Invalid` naming a setting."""
    chosen = settings()
    production = chosen.environment == "production"
    simulated = SimulatedConfig(
        seed=chosen.carrier_seed.get_secret_value(),
        speed=chosen.simulated_carrier_speed,
        currency=chosen.carrier_currency,
        ledger=chosen.simulated_carrier_ledger,
    )
    return build_registry(
        CarriersConfig(
            production=production,
            simulated=None if production else simulated,
            manual=(
                ManualConfig(
                    price_minor=chosen.manual_carrier_minor, currency=chosen.carrier_currency
                ),
            ),
            plugins={
                code: carrier.options
                for code, carrier in chosen.carriers.items()
                if carrier.kind == "package"
            },
        ),
        others=[
            _carrier(code, carrier, production=production)
            for code, carrier in chosen.carriers.items()
            if carrier.kind != "package"
        ],
    )


@lru_cache(maxsize=1)
def sheets() -> Mapping[str, RateSheet]:
    """The rate sheets of this installation, by carrier. Raises `Invalid` naming a wrong line."""
    found = {}
    for code, carrier in settings().carriers.items():
        if carrier.rate_sheet is not None:
            try:
                found[code] = read_sheet(carrier.rate_sheet, code=code)
            except (OSError, ValueError) as error:
                setting = f"carriers.{code}.rate_sheet"
                raise Invalid(f"{setting}: {error}", field=setting) from error
    return found


def compared() -> tuple[Carrier, ...]:
    """The carriers among which each parcel's is chosen."""
    chosen = settings()
    return tuple(registry().get(code) for code in chosen.compare_carriers or (chosen.carrier,))


def _carrier(code: str, given: CarrierSettings, *, production: bool) -> Carrier:
    try:
        return _made(code, given, production=production)
    except ValueError as error:
        raise Invalid(str(error), field=f"carriers.{code}") from error


def _made(code: str, given: CarrierSettings, *, production: bool) -> Carrier:
    common: dict[str, Any] = {
        "code": code,
        "webhook_secrets": given.webhook_keys(carrier=code),
        "services": given.services,
        "timeout_s": given.timeout_s,
    }
    if given.base_url is not None:
        common["base_url"] = _safe(given.base_url, code=code)
    match given.kind:
        case "easypost":
            easypost = EasyPostConfig(
                api_key=given.secret("api_key", carrier=code),
                carrier_accounts=given.carrier_accounts,
                customs_signer=given.customs_signer,
                **common,
            )
            return EasyPostCarrier(easypost, production=production)
        case "sendcloud":
            sendcloud = SendcloudConfig(
                public_key=given.secret("public_key", carrier=code),
                secret_key=given.secret("secret_key", carrier=code),
                **common,
            )
            return SendcloudCarrier(sendcloud)
        case _:
            ups = UpsConfig(
                client_id=given.secret("client_id", carrier=code),
                client_secret=given.secret("client_secret", carrier=code),
                account=given.secret("account", carrier=code),
                track_alerts=given.track_alerts,
                **common,
            )
            return UpsCarrier(ups)


def _safe(base_url: str, *, code: str) -> str:
    """Credentials go over https, or not off this machine."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ValueError(f"carriers.{code}.base_url {base_url!r} must begin with https://")
    return base_url
