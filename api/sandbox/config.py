"""What the sandbox is told at its start: which shops it plays, with which secrets, against whom."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from api.carrier_sandbox.config import PlayedCarrier
from oms.errors import Invalid


class ShopConfig(BaseModel):
    """One shop. The secrets are those of the channel's settings on the other side."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["shopify", "woocommerce", "reference", "amazon"]
    secret: str = Field(min_length=1)
    """It signs the shop's webhooks; Amazon: the refresh token."""
    access_token: str = "sandbox-token"  # noqa: S105 - a stand-in's token guards nothing
    consumer_key: str = "ck_sandbox"
    consumer_secret: str = "cs_sandbox"  # noqa: S105 - likewise
    currency: str = "USD"
    page_size: int = Field(100, ge=1)
    """Orders that it lists at once."""
    split: bool = False
    """Shopify: every line is stocked elsewhere, so each gets a fulfilment order of its own."""


class SandboxConfig(BaseModel):
    """All shops, and where their webhooks go: `{oms_url}/v1/webhooks/{channel}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    oms_url: str
    shops: dict[str, ShopConfig] = Field(default_factory=dict)
    carriers: dict[str, PlayedCarrier] = Field(default_factory=dict)
    """Parcel carriers, played beside the shops; each pushes its tracking to
    `{oms_url}/v1/webhooks/carriers/{code}`."""
    mail_port: int | None = None
    """Where customers' mail is taken in (SMTP); shown at /mailbox."""
    retry_s: float = Field(1.0, gt=0)
    """Wait before a webhook's second attempt; it doubles up to half a minute."""
    most_attempts: int = Field(40, ge=1)

    @model_validator(mode="after")
    def somebody(self) -> "SandboxConfig":
        """There is somebody to play."""
        if not self.shops and not self.carriers:
            raise ValueError("it names neither a shop nor a carrier to play")
        return self


def read_config(path: Path) -> SandboxConfig:
    """The configuration in a JSON file. Raises `Invalid` naming the wrong place in it."""
    try:
        return SandboxConfig.model_validate_json(path.read_bytes())
    except OSError as error:
        raise Invalid(f"the configuration {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise Invalid(f"the configuration {path} is wrong: {error}") from error
