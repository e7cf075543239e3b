"""How EasyPost is set up."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from carriers.checking import Limit

LIMITS: Final[Mapping[str, Limit]] = {
    "USPS": Limit(weight_g=31_751, length_and_girth_mm=3_302),
    "UPS": Limit(weight_g=68_038, side_mm=2_743, length_and_girth_mm=4_191),
    "UPSDAP": Limit(weight_g=68_038, side_mm=2_743, length_and_girth_mm=4_191),
    "FedEx": Limit(weight_g=68_038, side_mm=3_023, length_and_girth_mm=4_191),
    "FedExDefault": Limit(weight_g=68_038, side_mm=3_023, length_and_girth_mm=4_191),
}
"""By carrier, from their published size limits: USPS 70 lb and 130 in, UPS and FedEx 150 lb and
165 in; UPS 108 in and FedEx 119 in long."""
NO_LIMIT: Final = Limit(weight_g=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EasyPostConfig:
    """Settings of one EasyPost account.

    `services` names those that may be bought, such as `USPS/GroundAdvantage` or `USPS` for all
    of a carrier; empty means all. `carrier_accounts` limits the rates to these accounts.
    `customs_signer` signs customs forms. `manifested` are the carriers that want a scan form at
    the end of the day. `per_second` is how often we call.
    """

    api_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    code: str = "easypost"
    base_url: str = "https://api.easypost.com"
    timeout_s: float = 25.0
    carrier_accounts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=lambda: LIMITS)
    customs_signer: str = ""
    manifested: tuple[str, ...] = ("USPS",)
    per_second: float = 5.0
    burst: int = 10

    def __post_init__(self) -> None:
        if not self.api_key:
            raise ValueError(f"carriers.{self.code}.api_key is empty; set it to the API key")
        if "" in self.webhook_secrets:
            raise ValueError(
                f"carriers.{self.code}.webhook_secrets holds an empty one; anybody could sign"
            )

    @property
    def webhook_keys(self) -> tuple[bytes, ...]:
        """The secrets as EasyPost signs with them: in NFKD."""
        return tuple(
            unicodedata.normalize("NFKD", secret).encode() for secret in self.webhook_secrets
        )
