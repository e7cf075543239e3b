"""The whole system in its own folder, started as a user starts it, and handles to all of it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import psycopg

from api.stack.ports import free_port

ROOT = Path(__file__).parents[2]
START_S = 300
STOP_S = 10


@dataclass
class System:
    """A running `oms up --demo`, or one that was killed."""

    folder: Path
    ports: dict[str, int]
    options: list[str]
    process: subprocess.Popen[bytes] | None = None
    printed: Path = field(init=False)
    key: str = ""

    def __post_init__(self) -> None:
        self.printed = self.folder / "printed.txt"

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.ports['port']}"

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.ports['sandbox-port']}"

    @property
    def temporal(self) -> str:
        return f"127.0.0.1:{self.ports['temporal-port']}"

    @property
    def database_url(self) -> str:
        found = re.search(r"postgresql://\S+", self.printed.read_text())
        assert found, self.printed.read_text()
        return found[0]

    def start(self) -> None:
        """Start and wait until everything is ready."""
        with self.printed.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "up", "--demo", *self._arguments()],
                cwd=ROOT,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={
                    **{k: v for k, v in os.environ.items() if not k.startswith(("TRIB", "DATAB"))},
                    "TRIBUTARY_HAND_OVER_UNDO_SECONDS": "2",
                },
            )
        self.wait(lambda: "Ready after" in self.printed.read_text(), within_s=START_S)
        if not self.key:
            self.key = self.oms(
                *("access", "key", f"tests-{uuid4().hex[:6]}"),
                *("--scope", "orders:write", "--scope", "orders:read", "--scope", "operations"),
                *("--scope", "store:work", "--scope", "stock:read", "--scope", "stock:write"),
            ).strip()

    def stop(self) -> float:
        """Ctrl-C; return how many seconds it took."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=STOP_S + 20)
        return time.monotonic() - begun

    def oms(self, *arguments: str) -> str:
        """Run an `oms` command against this system and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": self.database_url,
                "TRIBUTARY_CONFIG": str(self.folder / "data" / "tributary.toml"),
                "TEMPORAL_ADDRESS": self.temporal,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API with the tests' key; a command carries a fresh idempotency key."""
        answer = httpx2.request(
            method,
            self.web + path,
            json=body,
            headers={"Authorization": f"Bearer {self.key}", "Idempotency-Key": str(uuid4())},
            timeout=20,
            trust_env=False,
        )
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def shop(self, method: str, path: str, body: Any = None) -> Any:
        """Call the sandbox's control API."""
        answer = httpx2.request(
            method, f"{self.sandbox}/control{path}", json=body, timeout=20, trust_env=False
        )
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the database directly."""
        with psycopg.connect(self.database_url, connect_timeout=5) as connection:
            return connection.execute(query, values or None).fetchall()  # type: ignore[arg-type]

    def broken(self) -> list[Any]:
        """What `oms invariants` finds."""
        found = json.loads(self.oms("invariants", "--json"))
        return [one for one in found if one["violations"]]

    def wait(self, condition: Callable[[], Any], *, within_s: float = 60) -> Any:
        """Wait until something is true; what fails meanwhile is asked again."""
        deadline = time.monotonic() + within_s
        last: Exception | None = None
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError("oms up has ended:\n" + self.printed.read_text())
            try:
                if found := condition():
                    return found
            except (AssertionError, httpx2.HTTPError, psycopg.Error, OSError) as error:
                last = error
            time.sleep(0.2)
        logs = sorted((self.folder / "data" / "logs").glob("*.log"))
        tails = "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in logs)
        raise AssertionError(f"it did not come true: {last}\n{self.printed.read_text()}\n{tails}")

    def pids(self, needle: str) -> list[int]:
        """Processes below `oms up` whose command line contains the needle."""
        assert self.process is not None
        family, found = {self.process.pid}, []
        for _ in range(4):
            for path in Path("/proc").glob("[0-9]*"):
                try:
                    stat = (path / "stat").read_text().rpartition(")")[2].split()
                    line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                except OSError:
                    continue
                if int(stat[1]) in family and int(path.name) not in family:
                    family.add(int(path.name))
                    if needle in line:
                        found.append(int(path.name))
        return found

    def _arguments(self) -> list[str]:
        ports = [part for name, port in self.ports.items() for part in (f"--{name}", str(port))]
        return ["--data-dir", str(self.folder / "data"), *ports, *self.options]


@contextmanager
def running(folder: Path, *options: str) -> Iterator[System]:
    """A system for the length of the block; killed hard if it does not stop."""
    names = (
        "port",
        "postgres-port",
        "temporal-port",
        "temporal-ui-port",
        "sandbox-port",
        "mail-port",
    )
    system = System(folder, {name: free_port() for name in names}, list(options))
    try:
        system.start()
        yield system
    finally:
        if system.process is not None and system.process.poll() is None:
            system.process.send_signal(signal.SIGINT)
            try:
                system.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                system.process.kill()
                system.process.wait()
