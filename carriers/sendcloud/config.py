"""How Sendcloud is set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from carriers.checking import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class SendcloudConfig:
    """Settings of one Sendcloud integration.

    `services` names the shipping option codes that may be bought; empty means all. Sendcloud
    offers only options that take the parcel; `limits` may be stricter.
    """

    public_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    code: str = "sendcloud"
    base_url: str = "https://panel.sendcloud.sc/api/v3"
    timeout_s: float = 25.0
    services: tuple[str, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    per_second: float = 10.0
    burst: int = 20

    def __post_init__(self) -> None:
        for name in ("public_key", "secret_key"):
            if not getattr(self, name):
                raise ValueError(
                    f"carriers.{self.code}.{name} is empty; set it to the integration's key"
                )
        if "" in self.webhook_secrets:
            raise ValueError(
                f"carriers.{self.code}.webhook_secrets holds an empty one; anybody could sign"
            )
