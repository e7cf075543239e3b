"""How UPS is set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from carriers.checking import Limit

LIMIT: Final = Limit(weight_g=68_038, side_mm=2_743, length_and_girth_mm=4_191)
"""UPS carries 150 lb, 108 inches long, 165 inches in length and girth together."""
SERVICES: Final[Mapping[str, str]] = {
    "01": "Next Day Air",
    "02": "2nd Day Air",
    "03": "Ground",
    "07": "Worldwide Express",
    "08": "Worldwide Expedited",
    "11": "Standard",
    "12": "3 Day Select",
    "13": "Next Day Air Saver",
    "14": "Next Day Air Early",
    "54": "Worldwide Express Plus",
    "59": "2nd Day Air A.M.",
    "65": "Worldwide Saver",
    "93": "Ground Saver",
}
_SHIPPER_NUMBER: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsConfig:
    """Settings of one UPS account.

    `services` names the codes that may be bought, such as `03`; empty means all. Track Alert
    pushes carry one of `webhook_secrets`; `track_alerts` asks for them with every label.
    `base_url` of the test environment is https://wwwcie.ups.com.
    """

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    account: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    code: str = "ups"
    base_url: str = "https://onlinetools.ups.com"
    timeout_s: float = 25.0
    services: tuple[str, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    track_alerts: bool = False
    per_second: float = 4.0
    burst: int = 8

    def __post_init__(self) -> None:
        for name in ("client_id", "client_secret", "account"):
            if not getattr(self, name):
                raise ValueError(f"carriers.{self.code}.{name} is empty; set it to your UPS app's")
        if len(self.account) != _SHIPPER_NUMBER:
            raise ValueError(
                f"carriers.{self.code}.account must have {_SHIPPER_NUMBER} characters, as A1B2C3"
            )
        if "" in self.webhook_secrets:
            raise ValueError(
                f"carriers.{self.code}.webhook_secrets holds an empty one; anybody could sign"
            )
        if not all(secret.isascii() and secret.isprintable() for secret in self.webhook_secrets):
            raise ValueError(
                f"carriers.{self.code}.webhook_secrets travel in a header: use plain letters,"
                " digits and signs"
            )
