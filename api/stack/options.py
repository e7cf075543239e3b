"""What `oms up` can be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WEB_PORT: Final = 8080
POSTGRES_PORT: Final = 15432  # beside a PostgreSQL of the machine's own
TEMPORAL_PORT: Final = 7233
TEMPORAL_UI_PORT: Final = 8233
SANDBOX_PORT: Final = 8090
MAIL_PORT: Final = 8025
ORDERS_PER_MINUTE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """One start of the stack."""

    data_dir: Path
    environ: Mapping[str, str]
    """The environment that our own processes get, with the stack's addresses added to it."""
    database_url: str | None = None
    """A PostgreSQL to use instead of the stack's own."""
    temporal_address: str | None = None
    """A Temporal to use instead of the stack's own."""
    port: int = WEB_PORT
    postgres_port: int = POSTGRES_PORT
    temporal_port: int = TEMPORAL_PORT
    temporal_ui_port: int = TEMPORAL_UI_PORT
    sandbox_port: int = SANDBOX_PORT
    mail_port: int = MAIL_PORT
    demo: bool = False
    orders_per_minute: int = ORDERS_PER_MINUTE
    auto_associates: bool = False

    @property
    def ports(self) -> Mapping[str, int]:
        """The ports that this start needs, by the option that changes each."""
        ports = {"--port": self.port}
        if self.database_url is None:
            ports["--postgres-port"] = self.postgres_port
        if self.temporal_address is None:
            ports["--temporal-port"] = self.temporal_port
            ports["--temporal-ui-port"] = self.temporal_ui_port
        if self.demo:
            ports["--sandbox-port"] = self.sandbox_port
            ports["--mail-port"] = self.mail_port
        return ports
