"""What is configured for each channel, carrier, brand and way of telling customers."""

from pathlib import Path
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from oms.errors import OmsError


class MissingSetting(OmsError):
    """A setting that this process needs is not there."""

    code = "missing_setting"


class QueueSettings(BaseModel):
    """A queue of AWS (SQS) into which a channel puts what has happened."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    """https://sqs.REGION.amazonaws.com/ACCOUNT/NAME"""
    region: str = Field(min_length=1)
    access_key_id: str = Field(min_length=1)
    secret_access_key: SecretStr
    session_token: SecretStr | None = None


class SellingPartnerSettings(BaseModel):
    """Access to Amazon's Selling Partner API: one seller in one region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    refresh_token: SecretStr
    """What the seller's authorisation of the application gave; access tokens come from it."""
    token_url: str = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address
    marketplace_ids: tuple[str, ...] = Field(min_length=1)
    carriers: dict[str, str] = Field(default_factory=dict)
    """Our name of a carrier to Amazon's carrier code, beside those that are known."""
    queue: QueueSettings | None = None
    """Where ORDER_CHANGE notifications arrive; without it orders are found by polling alone."""


class ChannelSettings(BaseModel):
    """One sales channel: how its messages are proved and how it is answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["shopify", "woocommerce", "reference", "amazon", "package"]
    """`package`: an installed package brings it."""
    secrets: tuple[SecretStr, ...] = ()
    """Webhook secrets; during rotation two are valid."""
    api_url: str
    """Shopify: the shop's base address; WooCommerce: the site's; reference: the webhook address;
    Amazon: the region's endpoint."""
    selling_partner: SellingPartnerSettings | None = None
    """Amazon's access."""
    poll: bool = True
    """Whether the channel is asked for its orders every few minutes."""
    poll_first_hours: int = Field(24, ge=0, le=24 * 30)
    """How far back the first poll looks."""
    subscribe: bool = False
    """Whether webhooks to us that the channel lacks are made, and those switched off put on."""
    package: str = ""
    """The entry point that brings the channel; the channel's code, if it is empty."""
    options: dict[str, str] = Field(default_factory=dict)
    """What a package's channel is given."""
    access_token: SecretStr | None = None
    consumer_key: SecretStr | None = None
    consumer_secret: SecretStr | None = None
    api_version: str = "2026-07"
    locations: dict[str, str] = Field(default_factory=dict)
    """The channel's location id or name to our location code, for pickup in store."""
    allow_test_orders: bool = False
    publish_stock: bool = True
    """Whether the channel is told what may be sold of its listed articles."""
    stock_locations: dict[str, str] = Field(default_factory=dict)
    """Shopify's location id or name to our location code, for stock; `*` is all that no other
    names. Without it, `locations` serves."""

    @model_validator(mode="after")
    def whatever_its_kind_needs(self) -> "ChannelSettings":
        """A shop that sends webhooks needs a secret, Amazon its access."""
        if self.kind in ("shopify", "woocommerce", "reference") and not self.secrets:
            raise ValueError("secrets: give the webhook secret that the shop shows")
        if self.kind == "amazon" and self.selling_partner is None:
            raise ValueError("selling_partner: give the application's access to Amazon")
        return self


class CarrierSettings(BaseModel):
    """One parcel carrier beside the simulated and the manual one.

    Each credential is given itself or, as `…_file`, by a file that holds it and nothing else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["easypost", "sendcloud", "ups", "package"]
    """`package`: an installed package brings it, under the carrier's code as its name."""
    base_url: str | None = None
    """Another address than the carrier's own: its test environment, or a stand-in."""
    api_key: SecretStr | None = None
    api_key_file: Path | None = None
    public_key: SecretStr | None = None
    public_key_file: Path | None = None
    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None
    client_id: SecretStr | None = None
    client_id_file: Path | None = None
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    account: SecretStr | None = None
    account_file: Path | None = None
    webhook_secrets: tuple[SecretStr, ...] = ()
    """What pushed tracking is proved with; during rotation two are valid."""
    webhook_secret_files: tuple[Path, ...] = ()
    services: tuple[str, ...] = ()
    """Which may be bought; all of them, if it is empty."""
    carrier_accounts: tuple[str, ...] = ()
    customs_signer: str = ""
    track_alerts: bool = False
    timeout_s: float = Field(12.0, gt=0, le=60)
    rate_sheet: Path | None = None
    """Prices (CSV) for where the carrier names none."""
    options: dict[str, str] = Field(default_factory=dict)
    """What a package's carrier is given."""

    def secret(self, name: str, *, carrier: str) -> str:
        """A credential, from itself or its file. Raises `MissingSetting` naming it."""
        setting = f"carriers.{carrier}.{name}"
        given: SecretStr | None = getattr(self, name)
        if given is not None:
            return given.get_secret_value()
        path: Path | None = getattr(self, f"{name}_file")
        if path is None:
            raise MissingSetting(
                f"{setting} is not set",
                field=setting,
                remedy=f"set it, or set {setting}_file to a file that holds it",
            )
        return _in_file(path, setting=f"{setting}_file")

    def webhook_keys(self, *, carrier: str) -> tuple[str, ...]:
        """The secrets of pushed tracking, from the settings and from files."""
        setting = f"carriers.{carrier}.webhook_secret_files"
        from_files = [_in_file(path, setting=setting) for path in self.webhook_secret_files]
        return (*(secret.get_secret_value() for secret in self.webhook_secrets), *from_files)


class BrandSettings(BaseModel):
    """A name under which customers know us: whose notices they get, and in which language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    channels: tuple[str, ...] = ()
    """Sales channels that bear the name; the brand `default` has all that no other names."""
    mail_from: str | None = None
    language: Literal["en", "nl", "de", "pl", "it"] = "en"
    """For customers whose channel names none."""
    silent: tuple[str, ...] = ()
    """Kinds of notice that the shop itself sends, so that customers are not told twice."""


class SmsSettings(BaseModel):
    """Who carries text messages: Twilio, or a provider that an installed package brings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "twilio"
    base_url: str = "https://api.twilio.com"
    account: str = ""
    token: SecretStr = SecretStr("")
    token_file: Path | None = None
    sender: str = ""
    """Our number (E.164), an alphanumeric name, or Twilio's MG… of a messaging service."""
    timeout_s: float = Field(10.0, gt=0, le=20)
    options: dict[str, str] = Field(default_factory=dict)
    """What a package's provider is given."""

    def secret(self) -> str:
        """The token, from itself or its file."""
        if self.token_file is not None:
            return _in_file(self.token_file, setting="sms.token_file")
        return self.token.get_secret_value()


class NoticeWebhookSettings(BaseModel):
    """Somebody who is told every notice, signed: a loyalty programme, a chat, a shop's own app."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    secrets: tuple[SecretStr, ...] = Field(min_length=1)
    """Standard Webhooks secrets (whsec_…); during rotation two sign."""
    kinds: tuple[str, ...] = ()
    """Which kinds; all of them, if it is empty."""


def _in_file(path: Path, *, setting: str) -> str:
    """The one line of a secret file."""
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MissingSetting(
            f"{setting} names {path}, which cannot be read: {type(error).__name__}",
            field=setting,
            remedy="give a file that this process may read and that holds the secret alone",
        ) from None
    if not found:
        raise MissingSetting(f"{setting} names {path}, which is empty", field=setting)
    return found
