"""Everything that can be configured, read once from the environment and an optional TOML file.

`TRIBUTARY_CONFIG` names the file; an environment variable wins over it. No other module reads
the environment.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from oms.connections import (
    BrandSettings,
    CarrierSettings,
    ChannelSettings,
    MissingSetting,
    NoticeWebhookSettings,
    SmsSettings,
)


class Settings(BaseSettings):
    """The process's configuration."""

    model_config = SettingsConfigDict(
        env_prefix="TRIBUTARY_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    database_url: str | None = Field(
        None, validation_alias=AliasChoices("DATABASE_URL", "database_url")
    )
    database_pool: int = Field(12, ge=1)
    """Connections of a process; a web process works on as many requests at once."""
    most_waiting_requests: int = Field(1_000, ge=0)
    """Requests that may wait before a web process's door; more are told to come back."""
    temporal_address: str = Field(
        "127.0.0.1:7233", validation_alias=AliasChoices("TEMPORAL_ADDRESS", "temporal_address")
    )
    temporal_namespace: str = Field(
        "default", validation_alias=AliasChoices("TEMPORAL_NAMESPACE", "temporal_namespace")
    )
    temporal_ui_url: str = "http://127.0.0.1:8233"
    public_url: str = "http://127.0.0.1:8080"
    environment: Literal["development", "production"] = "development"
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)
    secure_cookies: bool = False
    """Set behind HTTPS; browsers then refuse to send the sign-in over plain HTTP."""

    carrier: str = "simulated"
    """Which carrier takes the parcels: simulated, manual, or one of `carriers`."""
    carriers: dict[str, CarrierSettings] = Field(default_factory=dict)
    """Real carriers, by the code that our tables know them under."""
    compare_carriers: tuple[str, ...] = ()
    """Carriers of which the best offer takes each parcel; without it, `carrier` takes all."""
    carrier_seed: SecretStr = SecretStr("development-only")
    """From it the simulated carrier derives its tracking numbers."""
    carrier_currency: str = "USD"
    simulated_carrier_speed: float = Field(1.0, gt=0)
    """Hours of a simulated parcel's life that pass in one real hour."""
    simulated_carrier_ledger: Path | None = None
    """Where the simulated carrier remembers its sales; without it each process does for itself."""
    manual_carrier_minor: int = Field(500, ge=0)
    dimensional_divisor_cm3_per_kg: int = Field(5_000, ge=1)
    """How much room a carrier bills as one kilogram; boxes are chosen by it."""
    tracking_poll_seconds: int = Field(900, ge=1)

    pickup_ready_minutes: int = Field(120, ge=1)
    """Promise for a pickup order placed while the store is open."""
    pickup_days: int = Field(7, ge=1)
    """How long a ready pickup waits for its customer."""
    pickup_reminder_days: tuple[int, ...] = (2, 5)
    """Days after ready on which the customer is reminded."""
    hand_over_undo_seconds: int = Field(60, ge=0, le=600)
    """How long a hand-over can be undone; stock, money and whoever is told wait for that."""
    signatures_kept_days: int = Field(90, ge=1)
    """After which what customers signed with at the counter is erased."""
    pick_lease_minutes: int = Field(20, ge=1)
    """How long who picks a pickup has it for themselves; others may take it over all the same."""
    curbside_escalate_minutes: tuple[int, ...] = (3, 5)
    """Minutes after which a customer at the car whom nobody has taken is called out again; at the
    last of them operations are asked as well."""
    ship_promise_days: int = Field(5, ge=0)
    stripe_api_key: SecretStr | None = None
    """The secret key of our Stripe account; without it no card payment can be taken over."""
    stripe_webhook_secrets: tuple[SecretStr, ...] = ()
    """What Stripe's webhooks are proved with; during rotation two are valid."""
    stripe_api_url: str | None = None
    """Another address than Stripe's own: a stand-in on this machine."""
    store_credit_days: int = Field(1_095, ge=1)
    """How long credit that is given for returned goods can be spent."""
    max_parcels_per_order: int = Field(3, ge=1)
    road_factor: float = Field(1.0, ge=1, le=5)
    """How many times as long as the great circle the ways of parcels and customers are."""
    checkout_hold_minutes: int = Field(15, ge=1)
    """How long a checkout hold keeps its units, unless it says."""
    checkout_hold_most_minutes: int = Field(120, ge=1)
    """How long one may last in all, however often it is extended."""
    routing_run_minutes: int = Field(5, ge=1, le=1_440)
    """Between two joint runs over the orders that wait."""
    routing_run_seconds: float = Field(60.0, gt=0, le=3_600)
    """How long the solver of a joint run may look for better places."""
    routing_run_most_orders: int = Field(20_000, ge=1)
    """Of one joint run; the first come first, the others are looked at when these are released."""
    routing_runs_kept_days: int = Field(7, ge=1)
    """How long joint runs are kept with their problems and answers."""
    backorder_retry_minutes: int = Field(15, ge=1)
    unfilled_cost_minor: int = Field(3_000, ge=0)
    """What an unfilled line costs the optimizer; it must exceed any carriage worth paying."""
    body_limit_bytes: int = Field(2_000_000, ge=1)
    """Of any request, webhooks included; what is larger is refused before it is read."""
    import_limit_bytes: int = Field(256_000_000, ge=1)
    """Of a file that is uploaded for import."""
    partition_span: Literal["day", "week", "month"] = "month"
    """How much time one partition of the ledger, the outbox, messages and the audit trail holds."""
    partitions_ahead: int = Field(3, ge=1, le=60)
    """Partitions that are made before their time has come."""
    keep_ledger_days: int = 400
    keep_messages_days: int = 400
    keep_audit_days: int = 800
    keep_outbox_days: int = 35
    """How old rows become before `oms storage archive` moves them into files."""
    archive_folder: Path | None = None
    """Where a worker archives what is old enough, every hour; without it only the command does."""
    acceptance_half_life_days: float = Field(30, gt=0)
    """After so many days what a location did or gave back counts half in its acceptance."""
    acceptance_prior_fulfilments: float = Field(20, gt=0)
    """How many fulfilments the network's own rate counts for at a location with no history."""
    smtp_url: SecretStr | None = None
    """smtp://user:password@host:port, smtps:// for TLS from the first byte; with ?starttls=1 TLS
    is asked for. Without it notices are recorded and shown, not mailed."""
    mail_from: str = "shop@localhost"
    sms: SmsSettings | None = None
    """Without it nobody is sent text messages."""
    notice_webhooks: dict[str, NoticeWebhookSettings] = Field(default_factory=dict)
    """Who else is told what customers are told, by a name of ours."""
    brands: dict[str, BrandSettings] = Field(default_factory=dict)
    """Whose notices they are, by a code of ours."""
    order_link_days: int = Field(60, ge=1)
    """How long a customer's link shows their order after it is over."""

    def require_database_url(self) -> str:
        """The database's address, or an error that names the setting."""
        if self.database_url is None:
            raise MissingSetting(
                "DATABASE_URL is not set",
                field="DATABASE_URL",
                remedy="set it to postgresql://user:password@host/database, or run `oms up`,"
                " which brings its own PostgreSQL",
            )
        return self.database_url

    def channel(self, code: str) -> ChannelSettings | None:
        """One channel's settings, if it is configured."""
        return self.channels.get(code)

    @field_validator("keep_ledger_days", "keep_messages_days", "keep_audit_days")
    @classmethod
    def a_month_at_least(cls, days: int) -> int:
        """Counts, corrections and late messages still ask for what happened within a month."""
        return _at_least(days, 31)

    @field_validator("keep_outbox_days")
    @classmethod
    def a_week_at_least(cls, days: int) -> int:
        """An outage of a weekend must still be visible after it."""
        return _at_least(days, 7)

    @field_validator("archive_folder")
    @classmethod
    def wherever_a_worker_starts(cls, folder: Path | None) -> Path | None:
        """The folder must be the same for all workers."""
        if folder is not None and not folder.is_absolute():
            raise ValueError(f"{folder} is relative; give the whole path, the same for all workers")
        return folder

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base class's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then the file that `TRIBUTARY_CONFIG` names."""
        path = os.environ.get("TRIBUTARY_CONFIG")
        sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings)
        if path:
            sources = (*sources, TomlConfigSettingsSource(settings_cls, toml_file=Path(path)))
        return sources


def _at_least(days: int, least: int) -> int:
    if days < least:
        raise ValueError(
            f"{days} days are too few: younger rows are still being worked with; set {least} or"
            " more"
        )
    return days


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings, read at first use and never again."""
    path = os.environ.get("TRIBUTARY_CONFIG")
    if path and not Path(path).is_file():
        raise MissingSetting(
            f"TRIBUTARY_CONFIG names {path}, which is no file", field="TRIBUTARY_CONFIG"
        )
    return Settings()
