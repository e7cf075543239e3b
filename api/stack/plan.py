"""Which processes make up the stack, in which order, and where they can be found.

The only place that knows the command lines of our own processes.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.stack import postgres, temporal
from api.stack.children import Part, Program, Step
from api.stack.folders import Folders
from api.stack.options import UpOptions
from api.stack.ports import LOOPBACK
from api.stack.probing import unanswered


@dataclass(frozen=True, slots=True)
class Plan:
    """One start of the stack: the embedded servers, unless replaced, and the addresses."""

    options: UpOptions
    folders: Folders
    postgres: postgres.Server | None
    temporal: temporal.Server | None

    @property
    def web_url(self) -> str:
        """Where our pages and the API are."""
        return f"http://{LOOPBACK}:{self.options.port}"

    @property
    def credentials(self) -> Path:
        """What the demo's seeding writes for the newcomer to sign in with; shown as it is."""
        return self.folders.root / "demo-credentials.txt"

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of our own processes."""
        environ = {
            "TRIBUTARY_PUBLIC_URL": self.web_url,
            **self.options.environ,
            "PYTHONUNBUFFERED": "1",  # a log must not end before the reason of a crash
        }
        if url := self.postgres.url if self.postgres else self.options.database_url:
            environ["DATABASE_URL"] = url
        if address := self.temporal.address if self.temporal else self.options.temporal_address:
            environ["TEMPORAL_ADDRESS"] = address
        if self.temporal:
            environ["TRIBUTARY_TEMPORAL_UI_URL"] = self.temporal.ui_url
        if self.options.demo:
            environ["TRIBUTARY_CONFIG"] = str(self.folders.root / "tributary.toml")
        return environ

    @property
    def sandbox_url(self) -> str:
        """Where the demo's shops are."""
        return f"http://{LOOPBACK}:{self.options.sandbox_port}"


def phases(plan: Plan) -> Sequence[Sequence[Part | Step]]:
    """What to start: all of a phase at the same time, each phase once the one before is ready."""
    servers: list[Part | Step] = []
    if plan.postgres:
        servers.append(postgres.part(plan.postgres))
    if plan.temporal:
        servers.append(temporal.part(plan.temporal))
    root = str(plan.folders.root)
    demo = ["--demo", root] if plan.options.demo else []
    port = str(plan.options.port)
    # Our processes take longer to load than the set-up takes to run, and mind waiting for it
    # no more than they mind a database that is away.
    own: list[Part | Step] = [
        Step(_oms(plan, "setup", "database and namespace", "setup", *demo)),
        Part(
            _oms(plan, "web", "web", "api", "--port", port),
            lacks=lambda: unanswered(f"{plan.web_url}/healthz"),
        ),
        Part(
            _oms(plan, "worker", "worker", "worker"),
            # The worker has no door of its own; the web process asks Temporal who polls.
            lacks=lambda: unanswered(f"{plan.web_url}/readyz"),
        ),
    ]
    if not plan.options.demo:
        return [servers, own]
    # The settings file must be there before any other process of ours reads it.
    urls = (plan.web_url, plan.sandbox_url, "--mail-port", str(plan.options.mail_port))
    settings = _oms(plan, "demo-prepare", "demo settings", "demo-prepare", root, *urls)
    first = [*servers, Step(settings)]
    if plan.credentials.exists():
        # Seeded before: its shops may send at once, and send again until the web answers.
        return [first, [*own, _shops(plan)], _people(plan)]
    return [first, own, [_shops(plan)], _people(plan)]


def addresses(plan: Plan) -> Mapping[str, str]:
    """Where everything is, for people."""
    table = {
        "Web": plan.web_url,
        "Pickup queue": f"{plan.web_url}/store",
        "Operations": f"{plan.web_url}/operations",
    }
    if plan.temporal:
        table["Temporal UI"] = f"{plan.temporal.ui_url}/namespaces/{temporal.NAMESPACE}/workflows"
    if plan.options.demo:
        table["Demo shops"] = plan.sandbox_url
        table["Mails to customers"] = f"{plan.sandbox_url}/mailbox"
    table["Temporal"] = plan.environ["TEMPORAL_ADDRESS"]
    if plan.postgres:  # an address given to us may hold a password
        table["PostgreSQL"] = plan.postgres.url
    return {**table, "Data folder": str(plan.folders.root), "Logs": str(plan.folders.logs)}


def _shops(plan: Plan) -> Part:
    root = plan.folders.root
    program = _oms(
        plan,
        "sandbox",
        "channel sandbox",
        "sandbox",
        *("--port", str(plan.options.sandbox_port)),
        *("--config", str(root / "sandbox.json")),
        *("--book", str(root / "shop-book.json")),
        *("--data-dir", str(root / "sandbox")),
        *("--orders-per-minute", str(plan.options.orders_per_minute)),
        stop_timeout_s=2.0,
    )
    return Part(program, lacks=lambda: unanswered(f"{plan.sandbox_url}/healthz"))


def _people(plan: Plan) -> list[Part]:
    """Those who work in the stores, if wished."""
    if not plan.options.auto_associates:
        return []
    program = _oms(
        plan,
        "associates",
        "simulated associates",
        "demo-associates",
        *(str(plan.folders.root), plan.web_url),
        stop_timeout_s=2.0,
    )
    return [Part(program, lacks=lambda: None)]


def _oms(
    plan: Plan, name: str, title: str, *arguments: str, stop_timeout_s: float = 4.0
) -> Program:
    return Program(
        name=name,
        title=title,
        argv=(sys.executable, "-m", "api.cli", *arguments),
        env=plan.environ,
        stop_timeout_s=stop_timeout_s,
    )
