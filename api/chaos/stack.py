"""The system under test: PostgreSQL and web processes of its own, each kept up by a supervisor."""

import json
import os
import secrets
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from api.chaos.network import Stock, document
from api.chaos.options import Options, Variation
from api.chaos.script import PICKUP_NAME, PICKUP_STORE, skus
from api.stack import postgres
from api.stack.children import Part, Program, Step
from api.stack.errors import StackError
from api.stack.folders import Folders
from api.stack.ports import LOOPBACK, free_port
from api.stack.postgres_cluster import open_cluster
from api.stack.probing import unanswered
from api.stack.supervisor import Supervisor

CHANNELS: Final = ("shopify", "woocommerce", "reference")
_OF_ANOTHER_SYSTEM: Final = ("TRIBUTARY_", "DATABASE_URL", "TEMPORAL_", "PG")
_UNREACHABLE: Final = f"http://{LOOPBACK}:9"  # RFC 863; nobody is written back to
_COMMAND_TIMEOUT_S: Final = 600


@dataclass(frozen=True, slots=True)
class Stack:
    """Where everything is."""

    folders: Folders
    server: postgres.Server
    ports: Mapping[str, int]
    """Of the web processes, by name."""
    secrets: Mapping[str, str]
    """The webhook secret of each channel."""

    @property
    def doors(self) -> tuple[str, ...]:
        """The addresses of the web processes."""
        return tuple(f"http://{LOOPBACK}:{port}" for port in self.ports.values())

    @property
    def network_file(self) -> Path:
        """What is sold and where it lies."""
        return self.folders.root / "network.json"

    @property
    def key_file(self) -> Path:
        """The service key of the tills."""
        return self.folders.root / "service-key.txt"

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of our own processes; nothing of another system's settings is in it."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_OF_ANOTHER_SYSTEM)
        }
        channels = {
            code: {
                "kind": code,
                "secrets": [secret],
                "api_url": _UNREACHABLE,
                "locations": {PICKUP_STORE: PICKUP_STORE, PICKUP_NAME: PICKUP_STORE},
            }
            for code, secret in self.secrets.items()
        }
        return {
            **inherited,
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": self.server.url,
            "TRIBUTARY_CHANNELS": json.dumps(channels),
        }


def make(options: Options, folders: Folders) -> Stack:
    """Choose ports and secrets, and make the database's folder."""
    return Stack(
        folders,
        postgres.Server(open_cluster(folders), free_port()),
        ports={f"web-{number}": free_port() for number in range(1, options.web + 1)},
        secrets={code: _secret() for code in CHANNELS},
    )


def start(
    stack: Stack, supervisor: Supervisor, options: Options, variation: Variation, promisable: Stock
) -> None:
    """Bring everything up, with the articles and their stock loaded."""
    stack.network_file.write_text(json.dumps(document(skus(options), promisable)))
    supervisor.start([postgres.part(stack.server, settings=variation.database_settings)])
    arguments = (str(stack.network_file), str(stack.key_file))
    prepare = _program(stack, "preparing", "structure and stock", "api.chaos.preparing", *arguments)
    supervisor.start([Step(prepare, timeout_s=_COMMAND_TIMEOUT_S)])
    with psycopg.connect(stack.server.url, autocommit=True) as connection:
        for statement in variation.statements:
            connection.execute(statement.encode())
    with stack.server.connect_as_admin() as connection:
        connection.execute("CHECKPOINT")  # the run is about what comes from now on
    supervisor.start([_web(stack, name, variation.web_module) for name in stack.ports])


def settle(stack: Stack) -> None:
    """Do what the worker does about messages that an error left behind at the door."""
    run(stack, "api.chaos.settling")


def broken_invariants(stack: Stack) -> tuple[str, ...]:
    """What `oms invariants` finds."""
    found: list[dict[str, Any]] = json.loads(run(stack, "api.cli", "invariants", "--json", good=1))
    return tuple(
        f"{one['invariant']}: {violation}" for one in found for violation in one["violations"]
    )


def run(stack: Stack, module: str, *arguments: str, good: int = 0) -> str:
    """Run a module of ours to its end and return what it prints; exit codes up to `good` pass."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=stack.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=_COMMAND_TIMEOUT_S,
    )
    if not 0 <= done.returncode <= good:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise StackError(f"{module} {' '.join(arguments)} ended with {done.returncode}:\n{said}")
    return done.stdout


def _web(stack: Stack, name: str, module: str) -> Part:
    port = stack.ports[name]
    program = _program(stack, name, name, module, "api", "--port", str(port))
    return Part(program, lacks=lambda: unanswered(f"http://{LOOPBACK}:{port}/healthz"))


def _program(stack: Stack, name: str, title: str, module: str, *arguments: str) -> Program:
    argv: Sequence[str] = (sys.executable, "-m", module, *arguments)
    return Program(name=name, title=title, argv=tuple(argv), env=stack.environ)


def _secret() -> str:
    """One that every kind of channel accepts (Standard Webhooks wants this form)."""
    return "whsec_" + b64encode(secrets.token_bytes(24)).decode()
